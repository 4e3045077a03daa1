// The lanes of an outbox: what a service that reacts to events reads instead of everything.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

/// Makes the lane's group where it is missing, reading from the beginning; both have one name. A
/// data set that was written before there were lanes has the group at the outbox itself: what it
/// has not finished there and what concerns the lane is put into it, and the group goes. Gives how
/// many events that were. To be done at start, before the first event can be trimmed; a crash in
/// between makes events be seen twice, which they may be.
boost::asio::awaitable<result<std::size_t>> open_lane(redis::client& redis, std::string shard,
                                                      std::string lane);

}  // namespace hotline::store
