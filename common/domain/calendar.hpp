// The working calendar: counting in working days and office hours (办公时间), exact to the
// millisecond.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/domain/config_mistake.hpp"

namespace hotline::v1 {
class CalendarConfig;
}

namespace hotline::domain {

/// The civil years a calendar can count in. Instants outside are taken for the nearest end, and a
/// result that would lie outside is the end (saturation): nothing crashes on an absurd date.
/// Where a wrong date must be refused instead, at the door, ask `working_calendar::covers`.
inline constexpr std::chrono::year calendar_year_first{2019};
inline constexpr std::chrono::year calendar_year_last{2040};

/// The range of instants calendars count in: [calendar_begin(), calendar_end()].
instant calendar_begin();  ///< 00:00 of 1 January of the first year
instant calendar_end();    ///< 24:00 of 31 December of the last year

/// A stretch of office time within a day, as time since civil midnight: [open, close).
struct office_interval {
  milliseconds open;
  milliseconds close;

  bool operator==(const office_interval&) const = default;
};

/// What a calendar is made of: for every day of the range its office hours and its legal nature.
struct day_plan {
  struct day {
    std::uint16_t schedule = 0;   ///< index into schedules; 0 is "closed"
    bool statutory_rest = false;  ///< weekend or public holiday by the State Council's table
  };

  std::string name;
  /// The different sets of office hours that occur, each sorted and without overlap; the first is
  /// empty.
  std::vector<std::vector<office_interval>> schedules;
  std::vector<day> days;                 ///< one for each day of the range, from its first
  std::vector<std::chrono::year> years;  ///< the years whose official arrangement is known
};

/// One region's calendar. Immutable; every query is a look-up or a binary search.
///
/// A *working day* is a day with office time; a *rest day by law* is a weekend day or holiday of
/// the official table. Both mostly exclude each other, but a municipal closure makes an ordinary
/// Monday no working day without making it a legal rest day.
class working_calendar {
 public:
  /// The plan comes from build_calendars, which has checked it.
  explicit working_calendar(day_plan plan);

  const std::string& name() const { return plan_.name; }

  /// Whether an instant lies in the range the calendar can count in.
  bool covers(instant t) const;

  /// Outside the range no day is a working day.
  bool is_working_day(std::chrono::year_month_day date) const;

  /// Sorted, without overlap; empty on a day that is no working day. Lives as long as the calendar.
  std::span<const office_interval> office_intervals(std::chrono::year_month_day date) const;

  /// The first working day after `date`; the day after the range when there is none.
  std::chrono::year_month_day next_working_day(std::chrono::year_month_day date) const;

  /// `n wd`: the civil day of the start is not counted, whatever its hour or kind; day 1 is the
  /// next working day; the answer is the close of office hours of day n. n <= 0 gives the start.
  instant add_working_days(instant start, std::int64_t n) const;

  /// `n wh`: the instant by which `amount` of office time has passed since the start. Lands on the
  /// close of an interval, never on the opening of the next. amount <= 0 gives the start.
  instant add_working_ms(instant start, milliseconds amount) const;

  /// `n d`: the start day is not counted; 24:00 of day n. With `roll_to_working_day`, when day n is
  /// a rest day by law the last day is the first one after it that is not (民法典 203), until its
  /// close of office hours (24:00 if the office is closed that day for another reason).
  instant add_calendar_days(instant start, std::int64_t n, bool roll_to_working_day) const;

  /// Office time in [from, to); negative when `to` is before `from`.
  milliseconds working_ms_between(instant from, instant to) const;

  /// "n working days before due", for warnings: the close of office hours of the n-th working day
  /// before the due day, where the due day is the one with the last office time before `due`. So
  /// for a limit due on Friday at the close or at 24:00, or on the Sunday after, one working day
  /// before is Thursday's close: the whole of Friday remains. n <= 0 gives `due`.
  instant subtract_working_days(instant due, std::int64_t n) const;

  /// The first instant from which no more than `amount` of office time remains until `due`.
  /// amount <= 0 gives `due`.
  instant subtract_working_ms(instant due, milliseconds amount) const;

  /// Whether the official arrangement of the date's year is not loaded: the day is known from the
  /// weekday only. Always true outside the range.
  bool is_provisional(std::chrono::year_month_day date) const;

  /// Whether any day from the one of `from` to the one of `to`, both included, is provisional.
  bool provisional_between(instant from, instant to) const;

 private:
  struct position {
    std::size_t day;  ///< index of the civil day; the number of days for the end of the range
    milliseconds time_of_day;
  };

  static instant clamp(instant t);
  static position locate(instant t);
  std::span<const office_interval> schedule(std::size_t day) const;
  instant close_of(std::size_t day) const;
  instant close_of_working_day(std::size_t rank) const;
  milliseconds office_time_before(instant t) const;
  instant when_elapsed(milliseconds office_time) const;

  day_plan plan_;
  /// Office time from the start of the range to each midnight; one entry more than there are days.
  std::vector<milliseconds> office_time_before_day_;
  /// The working days in order, and how many of them lie before each midnight.
  std::vector<std::uint32_t> working_days_;
  std::vector<std::uint32_t> working_days_before_;
};

/// All calendars of the province. Immutable; references from it live as long as it does.
class calendar_set {
 public:
  /// The calendar of a unit by its division code, longest match first: county, city, province
  /// ("370203" and below, then "370200", then "370000"); the default calendar for any other code.
  const working_calendar& for_region(std::string_view unit_code) const;

  /// A calendar by name; nullptr when there is none.
  const working_calendar* find(std::string_view name) const;

  const working_calendar& default_calendar() const { return calendars_[default_]; }
  std::span<const working_calendar> all() const { return calendars_; }

 private:
  friend result<calendar_set> build_calendars(const v1::CalendarConfig& config);
  calendar_set() = default;

  std::vector<working_calendar> calendars_;
  std::size_t default_ = 0;
  /// From the significant digits of a division code ("37", "3702", "370203") to its calendar.
  std::map<std::string, std::size_t, std::less<>> by_region_;
};

/// Everything wrong with the configuration; empty when calendars can be built from it. Paths start
/// at CalendarConfig ("years[3].days[17].date").
std::vector<config_mistake> check_calendars(const v1::CalendarConfig& config);

/// Computes the calendars. Fails with errc::misconfigured and every mistake check_calendars finds.
result<calendar_set> build_calendars(const v1::CalendarConfig& config);

}  // namespace hotline::domain
