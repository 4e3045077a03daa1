// Coroutines set going beside the present one: named, counted, never lost sight of.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"

namespace hotline::runtime {

/// Of all groups of a process; for metrics.
struct task_counters {
  std::atomic<std::uint64_t> leaked_exceptions{0};
};

/// One thread. What is spawned may outlive the group object, not the counters.
class task_group {
 public:
  task_group(boost::asio::any_io_executor executor, task_counters& counters, logger log);

  /// Runs the coroutine from the next turn of the io_context. An exception that leaks out of it is
  /// a programming error: it is logged with the name and counted, and nobody else is disturbed.
  void spawn(const char* name, boost::asio::awaitable<void> work);

  std::size_t running() const;
  /// Waits until none runs any more; false when some still do after the limit.
  boost::asio::awaitable<bool> wait_idle(milliseconds limit);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace hotline::runtime
