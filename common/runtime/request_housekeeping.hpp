// Forgetting the answers to old requests.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"
#include "common/redis/client.hpp"
#include "common/runtime/stop_signal.hpp"

namespace hotline::runtime {

/// At the start and then every `interval` of real time until the signal: drops the idempotency
/// records of days that ended more than `keep` ago by `now`. Any number of processes may do it.
boost::asio::awaitable<void> keep_requests(redis::client& redis, std::chrono::hours keep,
                                           milliseconds interval, const clock& now,
                                           stop_signal& stopping, logger log);

}  // namespace hotline::runtime
