// Calling a function of the library and reading what its errors mean. Private to this room.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/redis/command.hpp"
#include "common/redis/reply.hpp"

namespace hotline::store {

/// FCALL with keys; arguments follow with add().
redis::command function_call(std::string_view function, std::span<const std::string> keys);

/// FCALL_RO, for functions without writes.
redis::command function_query(std::string_view function, std::span<const std::string> keys);

/// HLCORRUPT becomes corrupt_data, HLDATASET wrong_data_set, HLARGUMENT internal; a library that is
/// not loaded becomes unavailable, because the guard loads it again. Everything else stays.
failure failure_of_function(failure f);

}  // namespace hotline::store
