// Instants as people in the province write them: civil date and time at +08:00, strictly parsed.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"

namespace hotline::domain {

/// China has one time zone and no daylight saving (since 1991), so no time zone database is needed.
inline constexpr std::chrono::hours civil_offset{8};

/// The years that can be written with four digits. Conversions clamp instants beyond them.
inline constexpr std::chrono::year civil_year_min{0};
inline constexpr std::chrono::year civil_year_max{9999};

/// The civil date an instant falls on.
std::chrono::year_month_day civil_date(instant t);

/// Milliseconds since civil midnight, in [0, 24 h).
milliseconds civil_time_of_day(instant t);

/// 00:00 of a civil date. The date must be a real one (`ok()`).
instant midnight(std::chrono::year_month_day date);

/// A time of a civil date, e.g. `civil_instant(2026y / 11 / 23, 9h)`. 24 h is the next midnight.
instant civil_instant(std::chrono::year_month_day date, milliseconds time_of_day);

/// "2026-11-23T09:00:00+08:00"; with ".123" after the seconds when they are not whole, so that
/// parse_rfc3339 gives the same instant back.
std::string format_rfc3339(instant t);

/// RFC 3339 with any offset: "2026-11-23T09:00:00+08:00", "2026-11-23T01:00:00.5Z". One to nine
/// digits of fraction, cut off after the milliseconds. Leap seconds are refused.
result<instant> parse_rfc3339(std::string_view text);

/// "2026-11-23 09:00", civil time, seconds cut off: for people.
std::string format_civil_minute(instant t);
result<instant> parse_civil_minute(std::string_view text);

/// "2026-11-23"
std::string format_date(std::chrono::year_month_day date);
result<std::chrono::year_month_day> parse_date(std::string_view text);

/// "MM-DD", a day that exists in every year: "02-29" is refused.
result<std::chrono::month_day> parse_month_day(std::string_view text);

/// "HH:MM" as the time since midnight; "24:00" is allowed: it is the end of a day.
result<milliseconds> parse_time_of_day(std::string_view text);

}  // namespace hotline::domain
