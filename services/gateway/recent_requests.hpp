// Which request an idempotency key was used for lately, in this process.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hotline::gateway {

/// The record of a key lies in the shard of its ticket, where it is part of the commit. A client
/// that uses the key again for a body of another region, or for another ticket, would not meet it
/// there. This memory finds such a key for an hour; what it has forgotten, after a restart too, the
/// records in Redis still know for the same ticket. Shared by the threads of the gateway.
class recent_requests {
 public:
  static constexpr std::size_t known_max = 200'000;
  static constexpr std::chrono::minutes kept{60};

  /// Notes the key's request: false when another request has the key.
  bool begin(std::string_view key, std::string_view fingerprint,
             std::chrono::steady_clock::time_point now);
  /// The request was refused and nothing was done: the key is free again.
  void forget(std::string_view key, std::string_view fingerprint);

 private:
  struct used {
    std::string key;
    std::chrono::steady_clock::time_point at;
  };

  void drop_old(std::chrono::steady_clock::time_point now);

  std::mutex guard_;
  std::unordered_map<std::string, std::string> prints_;  // by key: 16 bytes of the fingerprint
  std::deque<used> order_;                               // oldest first; a key may stand here twice
};

}  // namespace hotline::gateway
