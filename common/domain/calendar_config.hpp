// The calendar configuration, read and checked: what build_calendars works from.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/domain/calendar.hpp"
#include "common/domain/config_mistake.hpp"

namespace hotline::domain {

/// The office hours from one day of the year until the next season.
struct office_season {
  std::chrono::month_day from;
  std::vector<office_interval> intervals;
};

struct calendar_rules {
  std::string name;
  std::vector<std::string> regions;
  std::vector<office_season> seasons;  ///< sorted by `from`
  std::map<std::chrono::sys_days, std::vector<office_interval>> special_days;
};

struct calendar_settings {
  std::set<std::chrono::year> years;                    ///< whose arrangement is loaded
  std::map<std::chrono::sys_days, bool> arranged_days;  ///< true: worked, false: off
  std::vector<calendar_rules> calendars;
  std::string default_calendar;
};

/// Reads what is readable and adds a mistake for everything that is not, or breaks a rule of
/// calendar.proto. The settings are complete only when no mistake was added.
calendar_settings read_calendar_config(const v1::CalendarConfig& config,
                                       std::vector<config_mistake>& mistakes);

}  // namespace hotline::domain
