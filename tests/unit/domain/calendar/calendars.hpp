// Calendars for the tests: the shipped configuration, and one with every kind of special day.
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/domain/calendar.hpp"
#include "hotline/v1/calendar.pb.h"

namespace hotline::domain::test {

/// config/calendar/*.textproto as shipped.
v1::CalendarConfig shipped_config();

/// A configuration from its text form; a text that does not parse fails the test.
v1::CalendarConfig config_of(const std::string& text);

/// The shipped configuration's calendar of Shandong: 08:30-12:00 and 13:30-17:30, from June to
/// September 14:00-18:00.
const working_calendar& province();

/// "municipal": the hours of the province, and in 2026: 25 November (Wednesday) closed, 28 November
/// (Saturday) open 09:00-11:00, 31 December (Thursday) open only 08:30-12:00.
const working_calendar& municipal();

/// "2026-11-23 09:00", civil time; milliseconds may follow as "2026-11-23T09:00:00.001+08:00".
instant at(std::string_view text);

/// The calendar date of "2026-11-23".
std::chrono::year_month_day on(std::string_view text);

}  // namespace hotline::domain::test
