// A link from nothing to the first PONG. Private to this room.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "common/redis/link.hpp"

namespace hotline::redis {

/// Says AUTH and CLIENT SETNAME where asked for, then PING: a server that is loading, or that does
/// not know us, is not connected. The deadline is `timeout` from now.
boost::asio::awaitable<result<void>> introduce(link& to, credentials who, milliseconds timeout);

/// Opens a link and introduces us. On failure the link is closed.
boost::asio::awaitable<result<void>> open_and_introduce(std::shared_ptr<link> to, endpoint where,
                                                        credentials who, milliseconds timeout);

}  // namespace hotline::redis
