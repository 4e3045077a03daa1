// Is a text UTF-8?
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace hotline::runtime {

/// The position of the first byte that belongs to no valid character (RFC 3629: shortest form, no
/// surrogates, up to U+10FFFF); nothing when the text is UTF-8.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

}  // namespace hotline::runtime
