// Bytes of a partner's charset as UTF-8 and back. Strict both ways: what is no character is
// refused, never replaced.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/v1/partner.pb.h"

namespace hotline::exchange {

/// The position of the first byte at fault.
using charset_fault = std::size_t;

/// A byte order mark at the beginning is left out.
std::expected<std::string, charset_fault> to_utf8(std::string_view bytes, v1::Charset charset);

/// Where characters of to_utf8(bytes) begin in the bytes themselves, or end, at the end of either.
/// `places` ascend, lie between characters, and the bytes are of the charset; nothing otherwise.
std::optional<std::vector<std::size_t>> places_in_bytes(std::string_view bytes, v1::Charset charset,
                                                        const std::vector<std::size_t>& places);

/// GB18030 has every character of Unicode: only what is no UTF-8 fails, and a few code points of
/// private use, which mean nothing to anybody else.
std::expected<std::string, charset_fault> from_utf8(std::string_view utf8, v1::Charset charset);

/// "UTF-8", "GB18030"
std::string_view charset_name(v1::Charset charset);

}  // namespace hotline::exchange
