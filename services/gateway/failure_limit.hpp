// How many unknown tokens an address may present: guessing one is hopeless, but each costs a look
// into the store.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace hotline::gateway {

/// One per thread.
class failure_limit {
 public:
  static constexpr std::chrono::seconds window{10};
  static constexpr int failures_max = 30;  ///< of an address in a window
  static constexpr std::size_t addresses_max = 10'000;

  /// Whether the address has used up its window.
  bool reached(const std::string& address, std::chrono::steady_clock::time_point now);
  /// One more. True for the first of an address in a window: the one to record.
  bool count(const std::string& address, std::chrono::steady_clock::time_point now);

 private:
  void turn(std::chrono::steady_clock::time_point now);

  std::unordered_map<std::string, int> failures_;
  std::chrono::steady_clock::time_point begun_{};
};

}  // namespace hotline::gateway
