#include "common/domain/civil.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/core.h>

namespace hotline::domain {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::month_day;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr instant writable_begin = sys_days(civil_year_min / 1 / 1) - civil_offset;
constexpr instant writable_end = sys_days(civil_year_max / 12 / 31) + days(1) - civil_offset;

/// Civil milliseconds since 1970-01-01 00:00 +08:00, for an instant that can be written.
milliseconds civil_ms(instant t) {
  const instant writable = std::clamp(t, writable_begin, writable_end - milliseconds(1));
  return writable.time_since_epoch() + civil_offset;
}

/// Walks through a text of fixed layout; remembers the first thing that does not fit.
class fixed_layout {
 public:
  explicit fixed_layout(std::string_view text) : rest_(text) {}

  /// Exactly `width` ASCII digits, as a number.
  int number(std::size_t width) {
    if (rest_.size() < width) return mismatch();
    int value = 0;
    for (const char c : rest_.substr(0, width)) {
      if (c < '0' || c > '9') return mismatch();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }

  void expect(char c) {
    if (!take(c)) mismatch();
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// How many digits stand next.
  std::size_t digits_ahead() const {
    const auto end = rest_.find_first_not_of("0123456789");
    return end == std::string_view::npos ? rest_.size() : end;
  }

  bool fits() const { return fits_; }
  bool complete() const { return fits_ && rest_.empty(); }

 private:
  int mismatch() {
    fits_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool fits_ = true;
};

std::optional<year_month_day> read_date(fixed_layout& in) {
  const int y = in.number(4);
  in.expect('-');
  const int m = in.number(2);
  in.expect('-');
  const int d = in.number(2);
  const year_month_day date(year(y), month(static_cast<unsigned>(m)),
                            day(static_cast<unsigned>(d)));
  if (!in.fits() || !date.ok()) return std::nullopt;
  return date;
}

/// "HH:MM", 00:00 to 23:59.
std::optional<minutes> read_hour_minute(fixed_layout& in) {
  const int h = in.number(2);
  in.expect(':');
  const int m = in.number(2);
  if (!in.fits() || h > 23 || m > 59) return std::nullopt;
  return hours(h) + minutes(m);
}

/// ":SS" and a fraction if there is one.
std::optional<milliseconds> read_seconds(fixed_layout& in) {
  constexpr std::size_t fraction_digits_max = 9;
  in.expect(':');
  const int s = in.number(2);
  if (!in.fits() || s > 59) return std::nullopt;
  milliseconds time = seconds(s);
  if (in.take('.')) {
    const std::size_t digits = in.digits_ahead();
    if (digits == 0 || digits > fraction_digits_max) return std::nullopt;
    int fraction = in.number(std::min<std::size_t>(digits, 3));
    for (std::size_t i = digits; i < 3; ++i) fraction *= 10;
    if (digits > 3) in.number(digits - 3);
    time += milliseconds(fraction);
  }
  return time;
}

/// "Z", "+08:00", "-03:30".
std::optional<minutes> read_offset(fixed_layout& in) {
  if (in.take('Z')) return minutes(0);
  const bool west = in.take('-');
  if (!west) in.expect('+');
  const auto offset = read_hour_minute(in);
  if (!offset) return std::nullopt;
  return west ? -*offset : *offset;
}

std::unexpected<failure> unreadable(std::string_view text, std::string_view expected) {
  constexpr std::size_t shown_max = 40;
  return fail(errc::invalid_argument,
              fmt::format("\"{}\" is not {}", text.substr(0, shown_max), expected));
}

}  // namespace

year_month_day civil_date(instant t) { return sys_days(std::chrono::floor<days>(civil_ms(t))); }

milliseconds civil_time_of_day(instant t) {
  const milliseconds since_epoch = civil_ms(t);
  return since_epoch - std::chrono::floor<days>(since_epoch);
}

instant midnight(year_month_day date) { return sys_days(date) - civil_offset; }

instant civil_instant(year_month_day date, milliseconds time_of_day) {
  return midnight(date) + time_of_day;
}

std::string format_rfc3339(instant t) {
  const std::chrono::hh_mm_ss time(civil_time_of_day(t));
  std::string text =
      fmt::format("{}T{:02}:{:02}:{:02}", format_date(civil_date(t)), time.hours().count(),
                  time.minutes().count(), time.seconds().count());
  if (time.subseconds().count() != 0) text += fmt::format(".{:03}", time.subseconds().count());
  return text + "+08:00";
}

result<instant> parse_rfc3339(std::string_view text) {
  const auto read = [](fixed_layout in) -> std::optional<instant> {
    const auto date = read_date(in);
    if (!date) return std::nullopt;
    in.expect('T');
    const auto minute = read_hour_minute(in);
    if (!minute) return std::nullopt;
    const auto second = read_seconds(in);
    if (!second) return std::nullopt;
    const auto offset = read_offset(in);
    if (!offset || !in.complete()) return std::nullopt;
    return sys_days(*date) + *minute + *second - *offset;
  };
  if (const auto t = read(fixed_layout(text))) return *t;
  return unreadable(text, "an instant like 2026-11-23T09:00:00+08:00");
}

std::string format_civil_minute(instant t) {
  const std::chrono::hh_mm_ss time(civil_time_of_day(t));
  return fmt::format("{} {:02}:{:02}", format_date(civil_date(t)), time.hours().count(),
                     time.minutes().count());
}

result<instant> parse_civil_minute(std::string_view text) {
  fixed_layout in(text);
  if (const auto date = read_date(in)) {
    in.expect(' ');
    const auto minute = read_hour_minute(in);
    if (minute && in.complete()) return civil_instant(*date, *minute);
  }
  return unreadable(text, "a civil time like 2026-11-23 09:00");
}

std::string format_date(year_month_day date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

result<year_month_day> parse_date(std::string_view text) {
  fixed_layout in(text);
  const auto date = read_date(in);
  if (date && in.complete()) return *date;
  return unreadable(text, "a date like 2026-11-23");
}

result<month_day> parse_month_day(std::string_view text) {
  fixed_layout in(text);
  const int m = in.number(2);
  in.expect('-');
  const int d = in.number(2);
  const month_day date = month(static_cast<unsigned>(m)) / day(static_cast<unsigned>(d));
  const bool every_year = date != std::chrono::February / 29;
  if (in.complete() && date.ok() && every_year) return date;
  return unreadable(text, "a day of every year like 06-01");
}

result<milliseconds> parse_time_of_day(std::string_view text) {
  if (text == "24:00") return hours(24);
  fixed_layout in(text);
  const auto minute = read_hour_minute(in);
  if (minute && in.complete()) return *minute;
  return unreadable(text, "a time of day like 08:30");
}

}  // namespace hotline::domain
