// The wish to end, as something coroutines can wait for. Belongs to one io_context (one thread).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>

#include "common/base/clock.hpp"

namespace hotline::runtime {

/// Raised once, never lowered. Outlives everybody who waits for it.
class stop_signal {
 public:
  explicit stop_signal(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  stop_signal(const stop_signal&) = delete;
  stop_signal& operator=(const stop_signal&) = delete;

  /// Wakes every waiter and calls what on_raise was given, in order. Again: nothing.
  void raise();
  bool raised() const { return raised_; }

  /// Returns when the signal is raised.
  boost::asio::awaitable<void> wait();
  /// Sleeps. False: the signal was raised, the sleep was cut short.
  boost::asio::awaitable<bool> sleep_for(std::chrono::steady_clock::duration time);

  /// To be called when the signal is raised; at once when it is already.
  void on_raise(std::function<void()> call);

 private:
  boost::asio::any_io_executor executor_;
  std::list<boost::asio::steady_timer*> sleepers_;
  std::list<std::function<void()>> calls_;
  bool raised_ = false;
};

}  // namespace hotline::runtime
