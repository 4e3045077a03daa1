#include "common/runtime/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

namespace hotline::runtime {

namespace asio = boost::asio;

struct task_group::state {
  state(asio::any_io_executor where, task_counters& counts, logger to)
      : executor(std::move(where)), counters(counts), log(std::move(to)), idle(executor) {}

  void ended(const char* name, std::exception_ptr leaked) {
    if (leaked) report(name, std::move(leaked));
    if (--running == 0) idle.cancel();
  }

  void report(const char* name, std::exception_ptr leaked) {
    ++counters.leaked_exceptions;
    try {
      std::rethrow_exception(std::move(leaked));
    } catch (const std::exception& e) {
      log.error("task ended by an exception task={} what=\"{}\"", name, e.what());
    } catch (...) {
      log.error("task ended by an exception task={}", name);
    }
  }

  asio::any_io_executor executor;
  task_counters& counters;
  logger log;
  asio::steady_timer idle;  // cancelled when the last task ends
  std::size_t running = 0;
};

task_group::task_group(asio::any_io_executor executor, task_counters& counters, logger log)
    : state_(std::make_shared<state>(std::move(executor), counters, std::move(log))) {}

void task_group::spawn(const char* name, asio::awaitable<void> work) {
  ++state_->running;
  asio::co_spawn(state_->executor, std::move(work), [s = state_, name](std::exception_ptr leaked) {
    s->ended(name, std::move(leaked));
  });
}

std::size_t task_group::running() const { return state_->running; }

asio::awaitable<bool> task_group::wait_idle(milliseconds limit) {
  const auto s = state_;
  const auto deadline = steady_now() + limit;
  while (s->running > 0 && steady_now() < deadline) {
    s->idle.expires_at(deadline);
    co_await s->idle.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return s->running == 0;
}

}  // namespace hotline::runtime
