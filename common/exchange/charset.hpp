// Bytes of a partner's charset as UTF-8 and back. Strict both ways: what is no character is
// refused, never replaced.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "hotline/v1/partner.pb.h"

namespace hotline::exchange {

/// The position of the first byte at fault.
using charset_fault = std::size_t;

/// A byte order mark at the beginning is left out.
std::expected<std::string, charset_fault> to_utf8(std::string_view bytes, v1::Charset charset);

/// GB18030 has every character of Unicode: only what is no UTF-8 fails, and a few code points of
/// private use, which mean nothing to anybody else.
std::expected<std::string, charset_fault> from_utf8(std::string_view utf8, v1::Charset charset);

/// "UTF-8", "GB18030"
std::string_view charset_name(v1::Charset charset);

}  // namespace hotline::exchange
