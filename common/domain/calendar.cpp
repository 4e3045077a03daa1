#include "common/domain/calendar.hpp"

#include <algorithm>
#include <utility>

#include "common/base/assert.hpp"
#include "common/domain/civil.hpp"

namespace hotline::domain {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr sys_days first_day = calendar_year_first / 1 / 1;
constexpr sys_days end_day = (calendar_year_last + std::chrono::years(1)) / 1 / 1;
constexpr auto day_count = static_cast<std::size_t>((end_day - first_day).count());

/// The index of a date, or day_count for one outside the range.
std::size_t index_of(year_month_day date) {
  if (!date.ok() || date < year_month_day(first_day) || date >= year_month_day(end_day)) {
    return day_count;
  }
  return static_cast<std::size_t>((sys_days(date) - first_day).count());
}

/// The date of an index; the day after the range for day_count.
year_month_day date_of(std::size_t day) { return first_day + days(static_cast<int>(day)); }

instant midnight_of(std::size_t day) { return calendar_begin() + days(static_cast<int>(day)); }

milliseconds total(std::span<const office_interval> schedule) {
  milliseconds sum{0};
  for (const office_interval& interval : schedule) sum += interval.close - interval.open;
  return sum;
}

}  // namespace

instant calendar_begin() { return midnight(first_day); }
instant calendar_end() { return midnight(end_day); }

working_calendar::working_calendar(day_plan plan) : plan_(std::move(plan)) {
  HL_ASSERT(plan_.days.size() == day_count, "a day plan holds every day of the calendar's range");
  HL_ASSERT(!plan_.schedules.empty() && plan_.schedules.front().empty(), "schedule 0 is closed");

  office_time_before_day_.reserve(day_count + 1);
  working_days_before_.reserve(day_count + 1);
  milliseconds office_time{0};
  for (std::size_t day = 0; day < day_count; ++day) {
    office_time_before_day_.push_back(office_time);
    working_days_before_.push_back(static_cast<std::uint32_t>(working_days_.size()));
    if (schedule(day).empty()) continue;
    office_time += total(schedule(day));
    working_days_.push_back(static_cast<std::uint32_t>(day));
  }
  office_time_before_day_.push_back(office_time);
  working_days_before_.push_back(static_cast<std::uint32_t>(working_days_.size()));
}

bool working_calendar::covers(instant t) const { return clamp(t) == t; }

bool working_calendar::is_working_day(year_month_day date) const {
  return !office_intervals(date).empty();
}

std::span<const office_interval> working_calendar::office_intervals(year_month_day date) const {
  return schedule(index_of(date));
}

year_month_day working_calendar::next_working_day(year_month_day date) const {
  if (!date.ok() || date >= year_month_day(end_day)) return end_day;
  const std::size_t rank =
      date < year_month_day(first_day) ? 0 : working_days_before_[index_of(date) + 1];
  return rank < working_days_.size() ? date_of(working_days_[rank]) : year_month_day(end_day);
}

instant working_calendar::add_working_days(instant start, std::int64_t n) const {
  if (n <= 0) return clamp(start);
  const std::size_t day = std::min(locate(start).day, day_count - 1);
  const auto steps = static_cast<std::uint64_t>(n - 1);
  const std::size_t first_rank = working_days_before_[day + 1];
  if (steps >= working_days_.size() - first_rank) return calendar_end();
  return close_of_working_day(first_rank + static_cast<std::size_t>(steps));
}

instant working_calendar::add_working_ms(instant start, milliseconds amount) const {
  if (amount <= milliseconds(0)) return clamp(start);
  const milliseconds before = office_time_before(start);
  if (amount > office_time_before_day_.back() - before) return calendar_end();
  return when_elapsed(before + amount);
}

instant working_calendar::add_calendar_days(instant start, std::int64_t n,
                                            bool roll_to_working_day) const {
  if (n <= 0) return clamp(start);
  const std::size_t start_day = std::min(locate(start).day, day_count - 1);
  const auto counted = static_cast<std::uint64_t>(n);
  if (counted >= day_count - start_day) return calendar_end();
  std::size_t last = start_day + static_cast<std::size_t>(counted);
  if (!roll_to_working_day || !plan_.days[last].statutory_rest) return midnight_of(last + 1);
  while (last < day_count && plan_.days[last].statutory_rest) ++last;
  return last < day_count ? close_of(last) : calendar_end();
}

milliseconds working_calendar::working_ms_between(instant from, instant to) const {
  return office_time_before(to) - office_time_before(from);
}

instant working_calendar::subtract_working_days(instant due, std::int64_t n) const {
  if (n <= 0) return clamp(due);
  const milliseconds elapsed = office_time_before(due);
  if (elapsed <= milliseconds(0)) return calendar_begin();
  const std::size_t rank =
      working_days_before_[locate(when_elapsed(elapsed) - milliseconds(1)).day];
  const auto steps = static_cast<std::uint64_t>(n);
  if (steps > rank) return calendar_begin();
  return close_of_working_day(rank - static_cast<std::size_t>(steps));
}

instant working_calendar::subtract_working_ms(instant due, milliseconds amount) const {
  if (amount <= milliseconds(0)) return clamp(due);
  const milliseconds elapsed = office_time_before(due);
  return amount >= elapsed ? calendar_begin() : when_elapsed(elapsed - amount);
}

bool working_calendar::is_provisional(year_month_day date) const {
  if (index_of(date) == day_count) return true;
  return std::find(plan_.years.begin(), plan_.years.end(), date.year()) == plan_.years.end();
}

bool working_calendar::provisional_between(instant from, instant to) const {
  const auto last = civil_date(to).year();
  for (auto y = civil_date(from).year(); y <= last; ++y) {
    if (is_provisional(y / 1 / 1)) return true;
  }
  return false;
}

instant working_calendar::clamp(instant t) {
  return std::clamp(t, calendar_begin(), calendar_end());
}

working_calendar::position working_calendar::locate(instant t) {
  const milliseconds since_begin = clamp(t) - calendar_begin();
  const days whole = std::chrono::floor<days>(since_begin);
  return {static_cast<std::size_t>(whole.count()), since_begin - whole};
}

std::span<const office_interval> working_calendar::schedule(std::size_t day) const {
  return day < day_count ? plan_.schedules[plan_.days[day].schedule] : plan_.schedules.front();
}

instant working_calendar::close_of(std::size_t day) const {
  const auto intervals = schedule(day);
  return intervals.empty() ? midnight_of(day + 1) : midnight_of(day) + intervals.back().close;
}

instant working_calendar::close_of_working_day(std::size_t rank) const {
  return close_of(working_days_[rank]);
}

/// Office time from the begin of the range to `t`.
milliseconds working_calendar::office_time_before(instant t) const {
  const position at = locate(t);
  milliseconds sum = office_time_before_day_[at.day];
  for (const office_interval& interval : schedule(at.day)) {
    if (at.time_of_day <= interval.open) break;
    sum += std::min(at.time_of_day, interval.close) - interval.open;
  }
  return sum;
}

/// The first instant by which `office_time` (above zero, at most all there is) has passed since the
/// begin of the range: the inverse of office_time_before, at a boundary the earlier close.
instant working_calendar::when_elapsed(milliseconds office_time) const {
  const auto after =
      std::lower_bound(office_time_before_day_.begin(), office_time_before_day_.end(), office_time);
  const auto day = static_cast<std::size_t>(after - office_time_before_day_.begin()) - 1;
  milliseconds left = office_time - office_time_before_day_[day];
  for (const office_interval& interval : schedule(day)) {
    const milliseconds length = interval.close - interval.open;
    if (left <= length) return midnight_of(day) + interval.open + left;
    left -= length;
  }
  HL_ASSERT(false, "office time beyond the calendar's last day");
  return calendar_end();
}

const working_calendar& calendar_set::for_region(std::string_view unit_code) const {
  constexpr std::size_t division_digits = 6;
  constexpr std::size_t digits_per_level = 2;
  for (std::size_t digits = division_digits; digits > 0; digits -= digits_per_level) {
    if (unit_code.size() < division_digits) break;
    const auto found = by_region_.find(unit_code.substr(0, digits));
    if (found != by_region_.end()) return calendars_[found->second];
  }
  return default_calendar();
}

const working_calendar* calendar_set::find(std::string_view name) const {
  for (const working_calendar& calendar : calendars_) {
    if (calendar.name() == name) return &calendar;
  }
  return nullptr;
}

}  // namespace hotline::domain
