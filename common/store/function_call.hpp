// Calling a function of the library and reading what its errors mean. Private to this room.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/redis/command.hpp"
#include "common/redis/reply.hpp"

namespace hotline::store {

/// FCALL with keys; arguments follow with add().
redis::command function_call(std::string_view function, std::span<const std::string> keys);

/// FCALL_RO, for functions without writes.
redis::command function_query(std::string_view function, std::span<const std::string> keys);

/// FCALL of a function of the exchange: its key is the partner's head, its first argument the data
/// set.
redis::command partner_call(std::string_view function, std::string_view partner,
                            std::string_view data_set);

/// HLCORRUPT becomes corrupt_data, HLDATASET wrong_data_set, HLARGUMENT internal; a library that is
/// not loaded becomes unavailable, because the guard loads it again. Everything else stays.
failure failure_of_function(failure f);

/// Sends a function call; a failure as failure_of_function reads it.
boost::asio::awaitable<result<redis::reply>> call_function(redis::client& redis,
                                                           redis::command command);

}  // namespace hotline::store
