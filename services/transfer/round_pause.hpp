// The pause between two rounds that are so many virtual milliseconds apart.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/runtime/stop_signal.hpp"

namespace hotline::transfer {

/// "5min" as configured, or what is given for nothing.
milliseconds round_of(std::string_view every, milliseconds otherwise);

/// Until `then` by this clock, however it is set meanwhile. False: the signal was raised.
boost::asio::awaitable<bool> wait_until(instant then, const clock& now,
                                        runtime::stop_signal& stopping);

}  // namespace hotline::transfer
