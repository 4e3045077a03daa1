#include "common/domain/calendar_config.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "common/domain/civil.hpp"
#include "hotline/v1/calendar.pb.h"

namespace hotline::domain {
namespace {

using std::chrono::month_day;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

/// Holidays on fixed days since 1949 (全国年节及纪念日放假办法). An arrangement without them is cut
/// off.
constexpr std::array<month_day, 3> fixed_holidays{std::chrono::January / 1, std::chrono::May / 1,
                                                  std::chrono::October / 1};

bool is_weekend(sys_days day) {
  const std::chrono::weekday weekday(day);
  return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

bool in_range(year y) { return y >= calendar_year_first && y <= calendar_year_last; }

std::string range_text() {
  return fmt::format("{} to {}", static_cast<int>(calendar_year_first),
                     static_cast<int>(calendar_year_last));
}

class reader {
 public:
  reader(const v1::CalendarConfig& config, std::vector<config_mistake>& mistakes)
      : config_(config), mistakes_(mistakes) {}

  calendar_settings read() {
    for (int i = 0; i < config_.years_size(); ++i) {
      read_year(fmt::format("years[{}]", i), config_.years(i));
    }
    for (int i = 0; i < config_.calendars_size(); ++i) {
      read_calendar(fmt::format("calendars[{}]", i), config_.calendars(i));
    }
    read_default();
    return std::move(settings_);
  }

 private:
  void mistake(std::string path, std::string reason) {
    mistakes_.push_back({std::move(path), std::move(reason)});
  }

  /// The value, or a mistake that quotes the parser.
  template <class T>
  std::optional<T> accept(const std::string& path, const result<T>& parsed) {
    if (parsed) return *parsed;
    mistake(path, parsed.error().detail + ".");
    return std::nullopt;
  }

  std::optional<sys_days> read_date(const std::string& path, const std::string& text) {
    const auto date = accept(path, parse_date(text));
    if (!date) return std::nullopt;
    if (!in_range(date->year())) {
      mistake(path, fmt::format("{} lies outside the years {} calendars are computed for.", text,
                                range_text()));
      return std::nullopt;
    }
    return sys_days(*date);
  }

  void read_year(const std::string& path, const v1::YearArrangement& arrangement) {
    const year y(arrangement.year());
    if (!in_range(y) || static_cast<int>(y) != arrangement.year()) {
      return mistake(path + ".year", fmt::format("{} is not one of the years {}.",
                                                 arrangement.year(), range_text()));
    }
    if (!settings_.years.insert(y).second) {
      return mistake(
          path + ".year",
          fmt::format("The arrangement of {} is given twice; remove one.", arrangement.year()));
    }
    for (int i = 0; i < arrangement.days_size(); ++i) {
      read_arranged_day(fmt::format("{}.days[{}]", path, i), y, arrangement.days(i));
    }
    for (const month_day holiday : fixed_holidays) {
      const auto found = settings_.arranged_days.find(y / holiday);
      if (found != settings_.arranged_days.end() && !found->second) continue;
      mistake(path + ".days",
              fmt::format("{} is not listed as a HOLIDAY, so this is not the complete arrangement; "
                          "leave the year out until the notice is published.",
                          format_date(y / holiday)));
    }
  }

  void read_arranged_day(const std::string& path, year y, const v1::ArrangedDay& arranged) {
    const auto day = read_date(path + ".date", arranged.date());
    if (day) {
      const year_month_day date(*day);
      const bool last_december =
          date.year() == y - std::chrono::years(1) && date.month() == std::chrono::December;
      if (date.year() != y && !last_december) {
        mistake(path + ".date", fmt::format("{} does not belong to the arrangement of {}.",
                                            arranged.date(), static_cast<int>(y)));
      }
    }
    const bool worked = arranged.kind() == v1::ArrangedDay::WORKDAY;
    if (!worked && arranged.kind() != v1::ArrangedDay::HOLIDAY) {
      return mistake(path + ".kind", "Give HOLIDAY or WORKDAY.");
    }
    if (!day) return;
    if (worked && !is_weekend(*day)) {
      mistake(path + ".kind", fmt::format("{} is no Saturday or Sunday, so it cannot be a made-up "
                                          "WORKDAY; check the date.",
                                          arranged.date()));
    }
    if (!settings_.arranged_days.emplace(*day, worked).second) {
      mistake(path + ".date", fmt::format("{} is arranged twice; remove one.", arranged.date()));
    }
  }

  void read_calendar(const std::string& path, const v1::WorkingCalendar& calendar) {
    calendar_rules rules;
    rules.name = calendar.name();
    if (rules.name.empty()) {
      mistake(path + ".name",
              "Give the calendar a name, so that units and policies can refer to it.");
    } else if (!names_.insert(rules.name).second) {
      mistake(path + ".name", fmt::format("A calendar \"{}\" exists already.", rules.name));
    }
    read_regions(path, calendar, rules);
    read_seasons(path, calendar, rules);
    for (int i = 0; i < calendar.special_days_size(); ++i) {
      const std::string day_path = fmt::format("{}.special_days[{}]", path, i);
      const v1::SpecialDay& special = calendar.special_days(i);
      const auto day = read_date(day_path + ".date", special.date());
      auto intervals = read_intervals(day_path, special.intervals());
      if (day && !rules.special_days.emplace(*day, std::move(intervals)).second) {
        mistake(day_path + ".date", fmt::format("{} is given twice; remove one.", special.date()));
      }
    }
    settings_.calendars.push_back(std::move(rules));
  }

  void read_regions(const std::string& path, const v1::WorkingCalendar& calendar,
                    calendar_rules& rules) {
    constexpr std::size_t division_digits = 6;
    for (int i = 0; i < calendar.regions_size(); ++i) {
      const std::string& code = calendar.regions(i);
      const std::string region_path = fmt::format("{}.regions[{}]", path, i);
      const bool digits = code.find_first_not_of("0123456789") == std::string::npos;
      if (code.size() != division_digits || !digits || code.starts_with("00")) {
        mistake(region_path, fmt::format("\"{}\" is not a division code of six digits.", code));
      } else if (!regions_.insert(code).second) {
        mistake(region_path, fmt::format("Division {} has a calendar already.", code));
      } else {
        rules.regions.push_back(code);
      }
    }
  }

  void read_seasons(const std::string& path, const v1::WorkingCalendar& calendar,
                    calendar_rules& rules) {
    if (calendar.office_hours().empty()) {
      mistake(path + ".office_hours", "Give the office hours of at least one season.");
    }
    std::set<month_day> begins;
    for (int i = 0; i < calendar.office_hours_size(); ++i) {
      const std::string season_path = fmt::format("{}.office_hours[{}]", path, i);
      const v1::OfficeHours& season = calendar.office_hours(i);
      const auto from = accept(season_path + ".season_from", parse_month_day(season.season_from()));
      auto intervals = read_intervals(season_path, season.intervals());
      if (season.intervals().empty()) {
        mistake(season_path + ".intervals", "A season without office hours has no working day.");
      }
      if (!from) continue;
      if (!begins.insert(*from).second) {
        mistake(season_path + ".season_from",
                fmt::format("Another season begins on {} already.", season.season_from()));
      }
      rules.seasons.push_back({*from, std::move(intervals)});
    }
    std::sort(rules.seasons.begin(), rules.seasons.end(),
              [](const office_season& a, const office_season& b) { return a.from < b.from; });
  }

  template <class Intervals>
  std::vector<office_interval> read_intervals(const std::string& path, const Intervals& given) {
    std::vector<office_interval> intervals;
    for (int i = 0; i < given.size(); ++i) {
      const std::string interval_path = fmt::format("{}.intervals[{}]", path, i);
      const v1::Interval& interval = given.Get(i);
      const auto open = accept(interval_path + ".open", parse_time_of_day(interval.open()));
      const auto close = accept(interval_path + ".close", parse_time_of_day(interval.close()));
      if (!open || !close) continue;
      if (*open >= *close) {
        mistake(interval_path, fmt::format("It closes at {}, not after it opens at {}.",
                                           interval.close(), interval.open()));
      } else if (!intervals.empty() && *open <= intervals.back().close) {
        mistake(interval_path + ".open",
                fmt::format("{} is not after the close of the interval before; give intervals in "
                            "order and join those that touch.",
                            interval.open()));
      } else {
        intervals.push_back({*open, *close});
      }
    }
    return intervals;
  }

  void read_default() {
    settings_.default_calendar = config_.default_calendar();
    if (names_.contains(settings_.default_calendar)) return;
    mistake("default_calendar",
            settings_.default_calendar.empty()
                ? "Name the calendar that serves units of no listed region."
                : fmt::format("There is no calendar \"{}\".", settings_.default_calendar));
  }

  const v1::CalendarConfig& config_;
  std::vector<config_mistake>& mistakes_;
  calendar_settings settings_;
  std::set<std::string> names_;
  std::set<std::string> regions_;
};

}  // namespace

calendar_settings read_calendar_config(const v1::CalendarConfig& config,
                                       std::vector<config_mistake>& mistakes) {
  return reader(config, mistakes).read();
}

std::vector<config_mistake> check_calendars(const v1::CalendarConfig& config) {
  std::vector<config_mistake> mistakes;
  read_calendar_config(config, mistakes);
  return mistakes;
}

}  // namespace hotline::domain
