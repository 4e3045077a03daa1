// Plain waits of the exchange, as partners are configured: "30s", "5min", "6h".
#pragma once

#include <optional>
#include <string_view>

#include "common/base/clock.hpp"

namespace hotline::exchange {

/// A whole number from 1 to 100000 and its unit.
std::optional<milliseconds> parse_wait(std::string_view text);

}  // namespace hotline::exchange
