// Writing the head of an answer by hand: one pass, one buffer.
#pragma once

#include <string>
#include <string_view>

#include "common/net/http_message.hpp"

namespace hotline::net {

/// False when a header name or value, or the content type, would break the message (a CR, an LF,
/// a control character, an empty name) or when it is one of those the server sets itself.
bool is_sendable(const response& r);

/// Appends status line, headers and the empty line. The response must be sendable.
void append_response_head(std::string& out, const response& r, std::string_view request_id,
                          bool keep_alive);

/// 1xx, 204 and 304 carry no body and no Content-Length.
bool status_has_body(int status);

}  // namespace hotline::net
