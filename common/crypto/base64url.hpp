// Base64 with the alphabet for URLs and without padding (RFC 4648, section 5): the text form of
// tokens and of the blind index.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hotline::crypto {

void append_base64url(std::string& out, std::string_view bytes);

/// Strict: no other characters, unused bits zero; so each value has one text.
std::optional<std::string> read_base64url(std::string_view text);

}  // namespace hotline::crypto
