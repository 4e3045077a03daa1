// 时限: fires what is due. Reads the due tickets of all shards, oldest first, and issues Tick for
// each; sleeps until the next is due.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/runtime/counters.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/runtime/task_group.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/ticket_store.hpp"
#include "common/store/timers.hpp"
#include "services/sla/clock_guard.hpp"

namespace hotline::sla {

struct sla_options {
  std::size_t batch_max = 16'384;   ///< due tickets per round
  std::size_t chunk = 128;          ///< of them loaded in one burst …
  std::size_t chunks_at_once = 6;   ///< … and so many chunks at work: Redis never waits for us
  milliseconds sleep_max{250};      ///< a timer that became the earliest meanwhile waits no longer
  milliseconds round_pause{10};     ///< between rounds that were not full: gathers what is due
  milliseconds retry_after{1'000};  ///< a ticket whose Tick failed, doubling up to a minute
  bool rehearsal = false;           ///< the clock is virtual: other clocks mean nothing
};

struct sla_counters {
  runtime::counter ticks{0};      ///< that changed a ticket
  runtime::counter overtaken{0};  ///< somebody else was first, or there was nothing to do any more
  runtime::counter failures{0};
  runtime::counter clock_steps{0};
  std::atomic<bool> holding{false};
  runtime::histogram lateness;  ///< from the due instant to the commit
};

/// The instant a round fires at: commands of the round are judged by it, so that nothing fires by
/// one clock that is not due by the other.
class round_clock final : public clock {
 public:
  explicit round_clock(instant start) : now_ms_(to_unix_ms(start)) {}

  instant now() const override { return from_unix_ms(now_ms_.load()); }
  milliseconds real_time_until(instant then) const override;
  void set(instant now) { now_ms_ = to_unix_ms(now); }

 private:
  std::atomic<std::int64_t> now_ms_;
};

/// One per thread; any number of instances may run: the version check of the commit lets one of
/// their Ticks count. Everything given outlives it.
class sla_service {
 public:
  /// `runner` judges by `round`.
  sla_service(store::timers& timers, store::ticket_store& tickets, store::command_runner& runner,
              const clock& now, round_clock& round, sla_options options, sla_counters& counters,
              runtime::task_counters& tasks, logger log);

  /// Until the signal; the round in hand is finished.
  boost::asio::awaitable<void> run(runtime::stop_signal& stopping);

 private:
  struct backoff {
    std::chrono::steady_clock::time_point until;
    milliseconds pause;
  };

  boost::asio::awaitable<void> watch_clocks(runtime::stop_signal& stopping);
  void heed(clock_guard::verdict seen);
  boost::asio::awaitable<result<instant>> safe_now();
  boost::asio::awaitable<result<std::size_t>> fire_round();
  using due_list = std::span<const store::due_timer>;
  boost::asio::awaitable<void> fire(due_list due);
  boost::asio::awaitable<void> fire_chunks(due_list& rest);
  boost::asio::awaitable<void> fire_chunk(due_list due);
  boost::asio::awaitable<void> tick(store::due_timer timer, v1::Ticket ticket);
  void settle(const store::due_timer& timer, const store::run_result& run);
  void put_off(const std::string& no, std::string_view reason);
  void drop_delayed(std::vector<store::due_timer>& due);
  boost::asio::awaitable<std::chrono::steady_clock::duration> time_to_sleep();

  store::timers& timers_;
  store::ticket_store& tickets_;
  store::command_runner& runner_;
  const clock& now_;
  round_clock& round_;
  sla_options options_;
  sla_counters& counters_;
  runtime::task_counters& task_counters_;
  logger log_;
  clock_guard guard_;
  std::unordered_map<std::string, backoff> delayed_;  // tickets that failed: others go first
};

/// What fires everything due on a ticket.
v1::Command tick_command(const std::string& ticket_no);

}  // namespace hotline::sla
