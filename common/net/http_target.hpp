// The request target: decoding it is part of refusing what two programs could read differently.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "common/net/http_fault.hpp"
#include "common/net/http_message.hpp"

namespace hotline::net {

struct http_target {
  std::string path;
  field_list query;
};

/// Decodes an origin-form target ("/path?query").
/// The path: only the characters RFC 3986 allows, decoded to valid UTF-8 without control
/// characters, without an encoded '/', without "." and ".." segments: it has one reading. The
/// query: "name=value" parts joined by '&', '+' is a space; valid UTF-8 without NUL.
std::expected<http_target, http_fault> decode_target(std::string_view target);

/// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view bytes);

/// Percent-encodes everything but the unreserved characters of RFC 3986; for clients.
std::string percent_encode(std::string_view bytes);

}  // namespace hotline::net
