#include "services/transfer/round_pause.hpp"

#include <algorithm>

#include "common/exchange/wait.hpp"

namespace hotline::transfer {
namespace {

/// A rehearsal's clock may be set forward at any time.
constexpr milliseconds look_interval{250};

}  // namespace

milliseconds round_of(std::string_view every, milliseconds otherwise) {
  return exchange::parse_wait(every).value_or(otherwise);
}

boost::asio::awaitable<bool> wait_until(instant then, const clock& now,
                                        runtime::stop_signal& stopping) {
  while (now.now() < then) {
    const auto left = std::max(now.real_time_until(then), milliseconds(1));
    if (!co_await stopping.sleep_for(std::min(left, look_interval))) co_return false;
  }
  co_return !stopping.raised();
}

}  // namespace hotline::transfer
