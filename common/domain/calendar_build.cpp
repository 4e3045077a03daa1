// From the rules of a calendar to the table of its days.
#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/assert.hpp"
#include "common/domain/calendar.hpp"
#include "common/domain/calendar_config.hpp"

namespace hotline::domain {
namespace {

using std::chrono::days;
using std::chrono::month_day;
using std::chrono::sys_days;
using std::chrono::year_month_day;

/// Fills a day plan; equal office hours share one schedule.
class planner {
 public:
  planner(const calendar_settings& settings, const calendar_rules& rules)
      : settings_(settings), rules_(rules) {
    plan_.name = rules.name;
    plan_.years.assign(settings.years.begin(), settings.years.end());
    plan_.schedules.emplace_back();
  }

  day_plan plan() {
    const sys_days end = (calendar_year_last + std::chrono::years(1)) / 1 / 1;
    for (sys_days day = calendar_year_first / 1 / 1; day < end; day += days(1)) {
      const bool rest = is_statutory_rest(day);
      plan_.days.push_back({schedule_index(office_hours(day, rest)), rest});
    }
    return std::move(plan_);
  }

 private:
  bool is_statutory_rest(sys_days day) const {
    const auto arranged = settings_.arranged_days.find(day);
    if (arranged != settings_.arranged_days.end()) return !arranged->second;
    const std::chrono::weekday weekday(day);
    return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
  }

  const std::vector<office_interval>& office_hours(sys_days day, bool rest) const {
    const auto special = rules_.special_days.find(day);
    if (special != rules_.special_days.end()) return special->second;
    return rest ? plan_.schedules.front() : season_of(day).intervals;
  }

  /// The season with the latest begin up to this day of the year; before the first one of the year,
  /// the last one of the year before still lasts.
  const office_season& season_of(sys_days day) const {
    const year_month_day date(day);
    const month_day day_of_year = date.month() / date.day();
    const auto after =
        std::find_if(rules_.seasons.begin(), rules_.seasons.end(),
                     [&](const office_season& season) { return season.from > day_of_year; });
    return after == rules_.seasons.begin() ? rules_.seasons.back() : *(after - 1);
  }

  std::uint16_t schedule_index(const std::vector<office_interval>& intervals) {
    const auto found = std::find(plan_.schedules.begin(), plan_.schedules.end(), intervals);
    const auto index = static_cast<std::size_t>(found - plan_.schedules.begin());
    if (found == plan_.schedules.end()) plan_.schedules.push_back(intervals);
    HL_ASSERT(index <= std::numeric_limits<std::uint16_t>::max(), "more schedules than days");
    return static_cast<std::uint16_t>(index);
  }

  const calendar_settings& settings_;
  const calendar_rules& rules_;
  day_plan plan_;
};

/// "370200" -> "3702": the digits that all divisions below share.
std::string significant_digits(std::string code) {
  while (code.ends_with("00")) code.resize(code.size() - 2);
  return code;
}

}  // namespace

result<calendar_set> build_calendars(const v1::CalendarConfig& config) {
  std::vector<config_mistake> mistakes;
  const calendar_settings settings = read_calendar_config(config, mistakes);
  if (!mistakes.empty()) return fail(errc::misconfigured, join_mistakes(mistakes));

  calendar_set set;
  for (const calendar_rules& rules : settings.calendars) {
    const std::size_t index = set.calendars_.size();
    if (rules.name == settings.default_calendar) set.default_ = index;
    for (const std::string& region : rules.regions) {
      set.by_region_.emplace(significant_digits(region), index);
    }
    set.calendars_.emplace_back(planner(settings, rules).plan());
  }
  return set;
}

}  // namespace hotline::domain
