// How many may be at it at the same time. Belongs to one io_context (one thread).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <utility>

namespace hotline::runtime {

/// First come, first served. Outlives everybody who waits.
class concurrency_gate {
 public:
  concurrency_gate(boost::asio::any_io_executor executor, std::size_t places)
      : executor_(std::move(executor)), places_(places) {}

  /// A place; gives it back when it ends.
  class place {
   public:
    explicit place(concurrency_gate& gate) : gate_(&gate) {}
    ~place() {
      if (gate_) gate_->leave();
    }
    place(place&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    place& operator=(place&&) = delete;

   private:
    concurrency_gate* gate_;
  };

  boost::asio::awaitable<place> enter() {
    if (places_ > 0) {
      --places_;
      co_return place(*this);
    }
    boost::asio::steady_timer turn(executor_, std::chrono::steady_clock::time_point::max());
    waiting_.push_back(&turn);
    co_await turn.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return place(*this);  // leave() has handed its place on
  }

 private:
  void leave() {
    if (waiting_.empty()) {
      ++places_;
      return;
    }
    waiting_.front()->cancel();
    waiting_.pop_front();
  }

  boost::asio::any_io_executor executor_;
  std::size_t places_;
  std::deque<boost::asio::steady_timer*> waiting_;
};

}  // namespace hotline::runtime
