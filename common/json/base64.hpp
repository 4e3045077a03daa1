// Base64 (RFC 4648, standard alphabet, with padding) for bytes in JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hotline::json {

void append_base64(std::string& out, std::string_view bytes);

/// Strict: padding present, no other characters, unused bits zero; so each value has one text.
std::optional<std::string> read_base64(std::string_view text);

}  // namespace hotline::json
