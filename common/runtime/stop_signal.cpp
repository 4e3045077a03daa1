#include "common/runtime/stop_signal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace hotline::runtime {

namespace asio = boost::asio;

void stop_signal::raise() {
  if (std::exchange(raised_, true)) return;
  for (auto* sleeper : sleepers_) sleeper->cancel();
  for (auto calls = std::move(calls_); const auto& call : calls) call();
}

asio::awaitable<void> stop_signal::wait() {
  while (!raised_) co_await sleep_for(std::chrono::hours(24));
}

asio::awaitable<bool> stop_signal::sleep_for(std::chrono::steady_clock::duration time) {
  if (raised_) co_return false;
  asio::steady_timer timer(executor_, time);
  // Taken out also when the coroutine is destroyed in its sleep.
  struct entry {
    std::list<asio::steady_timer*>& list;
    std::list<asio::steady_timer*>::iterator place;
    ~entry() { list.erase(place); }
  };
  const entry mine{sleepers_, sleepers_.insert(sleepers_.end(), &timer)};
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !raised_;
}

void stop_signal::on_raise(std::function<void()> call) {
  if (raised_) return call();
  calls_.push_back(std::move(call));
}

}  // namespace hotline::runtime
