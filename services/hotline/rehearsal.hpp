// The clock of a rehearsal (演练), the same for all processes: its state lives in Redis, everybody
// follows it.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/redis/client.hpp"
#include "common/runtime/stop_signal.hpp"

namespace hotline::program {

/// The state is: at instant R of the server's clock it was V here, and time runs at this rate. So
/// it runs on while nobody serves, as real time does, and survives every restart.
class rehearsal_clock {
 public:
  explicit rehearsal_clock(logger log);

  virtual_clock& now() { return clock_; }

  /// Sets the clock by the stored state; without one, starts at `start_at` (else the server's time)
  /// and rate (else 1). With a state, `start_at` jumps forward and `rate` changes it.
  /// invalid_argument: start_at is before what the clock shows.
  boost::asio::awaitable<result<void>> open(redis::client& redis, std::optional<instant> start_at,
                                            std::optional<double> rate);

  /// Tells every process the new time and rate. Thread-safe in that any thread may call it with its
  /// own client.
  boost::asio::awaitable<result<void>> share(redis::client& redis, instant then, double rate);

  /// Takes over what others share, within 50 ms, until the signal.
  boost::asio::awaitable<void> follow(redis::client& redis, runtime::stop_signal& stopping);

 private:
  struct state {
    std::int64_t revision = 0;  // 0: none is stored
    instant now;                // at the server's present, not at the anchor
    double rate = 1;
    instant server;
  };

  static boost::asio::awaitable<result<state>> read(redis::client& redis);
  void take_over(const state& shared);

  logger log_;
  virtual_clock clock_;
  std::atomic<std::int64_t> revision_{0};
};

}  // namespace hotline::program
