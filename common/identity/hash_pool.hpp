// Hashing passwords (argon2id) beside the serving threads: a few at once, the rest waits in a short
// queue, and nobody waits behind that.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"

namespace hotline::identity {

struct hash_options {
  std::size_t at_once = 2;  ///< never more, whoever hashes: each takes memory_bytes
  std::size_t waiting_max = 16;
  /// ASVS 5.0 asks for at least t=2 with 19 MiB; 64 MiB and two passes take some 100 ms.
  unsigned long long passes = 2;
  std::size_t memory_bytes = 64UL * 1024 * 1024;
  /// Serving goes first: all threads but one run only where a core would idle (SCHED_IDLE). What
  /// has not been answered after `patience` the last one does, at nearly ordinary priority; where
  /// there is a single thread, it works so from the start.
  bool yield_to_others = true;
  milliseconds patience{2000};
};

/// Thread-safe; answers come back on the executor of the coroutine that asked. Outlives the
/// coroutines that wait for it; they keep their io_context running.
class hash_pool {
 public:
  explicit hash_pool(hash_options options);
  /// Finishes what is being hashed; what still waits is answered `cancelled`.
  ~hash_pool();
  hash_pool(const hash_pool&) = delete;
  hash_pool& operator=(const hash_pool&) = delete;

  /// The hash to keep, with its parameters and salt. overloaded: the queue is full, nothing was
  /// done.
  boost::asio::awaitable<result<std::string>> hash(std::string password);

  /// Whether the password has this hash. An empty hash takes as long as any other and is nobody's:
  /// so that an unknown user is refused in the time of a wrong password.
  boost::asio::awaitable<result<bool>> verify(std::string password, std::string hash);

  /// Whether one more would be refused now.
  bool full() const;
  std::size_t waiting() const;
  std::uint64_t done() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace hotline::identity
