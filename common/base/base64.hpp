// Base64 (RFC 4648): the standard alphabet with padding, for bytes in JSON, and the one for URLs
// and file names without it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hotline {

void append_base64(std::string& out, std::string_view bytes);
void append_base64url(std::string& out, std::string_view bytes);

/// Both strict: padding exactly where it belongs, no other characters, unused bits zero; so each
/// value has one text.
std::optional<std::string> read_base64(std::string_view text);
std::optional<std::string> read_base64url(std::string_view text);

}  // namespace hotline
