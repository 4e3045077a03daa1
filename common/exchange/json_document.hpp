// JSON text and the document tree.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "common/exchange/document.hpp"

namespace hotline::exchange {

/// Strict RFC 8259 by Boost.JSON, and more so: no name twice in one object, bounded depth and size.
std::expected<node, fault> parse_json(std::string_view utf8);

std::string format_json(const node& root);

}  // namespace hotline::exchange
