// The request that opens a WebSocket (RFC 6455, 4.2.1), read strictly. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/net/http_message.hpp"

namespace hotline::net {

/// The Sec-WebSocket-Key of a request that may be upgraded; nothing when anything is missing,
/// doubled or of another version.
std::optional<std::string> ws_key_of(const request& message);

/// 426 with the headers that say how to ask for a WebSocket.
response refuse_without_ws();

/// Whether a page may open a socket here: no Origin (not a browser), an origin whose host is the
/// one asked (same origin), or one of the list. Cookies travel to sockets from any page, so a
/// browser's Origin is what keeps foreign pages out.
bool is_origin_allowed(const request& message, std::span<const std::string> origins);

}  // namespace hotline::net
