// Forgetting old idempotency records.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

/// Drops the records of civil days that ended more than `keep` before `now`, and gives the number
/// of days dropped. Requests look at today and yesterday only, so those two days
/// stay whatever `keep` says. A record is one field of its day's hash and a day goes as a whole: no
/// expiry of Redis is involved, for that follows the wall clock of the server. Once an hour or a
/// day is often enough; what lies more than a year back is not looked for.
boost::asio::awaitable<result<std::int64_t>> drop_old_requests(redis::client& redis,
                                                               std::chrono::hours keep,
                                                               instant now);

}  // namespace hotline::store
