// The Redis function library (functions*.lua), part of this program: no path at run time.
#pragma once

#include <string>
#include <string_view>

namespace hotline::store {

inline constexpr std::string_view function_library_name = "hotline";

/// The Lua text as FUNCTION LOAD takes it.
std::string function_library_source();

/// The number in a library's "-- schema N" line; 0 when it has none. A program works with the
/// schema it brings and refuses a server that has a newer one.
int function_library_schema(std::string_view source);

/// SHA-256 of a library's text in hex; for logs and health pages.
std::string function_library_hash(std::string_view source);

}  // namespace hotline::store
