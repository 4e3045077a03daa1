// Instants as text on the wire (RFC 3339). Fast and allocation-free; for the civil dates the rules
// of the hotline think in, see common/domain/civil.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace hotline {

/// What an instant from outside may be: from 2000-01-01 up to, not including, 2101-01-01, both at
/// 00:00 +08:00. Anything else is a typing error or a broken clock.
inline constexpr instant wire_instant_begin =
    std::chrono::sys_days(std::chrono::year(2000) / 1 / 1) - std::chrono::hours(8);
inline constexpr instant wire_instant_end =
    std::chrono::sys_days(std::chrono::year(2101) / 1 / 1) - std::chrono::hours(8);

/// Appends "2026-11-23T09:00:00.000+08:00": always the province's offset, always milliseconds, so
/// that texts of equal length sort as their instants do. Years outside 0..9999 are clamped.
void append_rfc3339(std::string& out, instant t);

/// Reads a date and time with any offset: "2026-11-23T09:00:00+08:00", "2026-11-23T01:00:00.5Z".
/// One to nine digits of fraction, cut off after the milliseconds. Nothing for anything else:
/// dates that do not exist, 24:00, leap seconds, lower-case letters, blanks.
std::optional<instant> read_rfc3339(std::string_view text);

}  // namespace hotline
