// An independent judge of the calendar: it knows for each minute whether the office is open, and
// counts by walking from minute to minute. Slow, obvious, and without a line in common with the
// product: its own table of holidays, its own dates, its own parsing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace oracle {

/// Lines of text: "06-01 08:30-12:00 14:00-18:00" for a season, "2026-12-31 08:30-12:00" for a
/// special day (no hours: closed).
struct office_rules {
  std::vector<std::string> seasons;
  std::vector<std::string> special_days;
};

/// Instants are milliseconds since 1970 UTC, from 2022 to 2029; an answer beyond throws.
class minute_calendar {
 public:
  explicit minute_calendar(const office_rules& rules);

  std::int64_t add_working_days(std::int64_t start, int n) const;
  std::int64_t add_office_ms(std::int64_t start, std::int64_t amount) const;
  std::int64_t add_calendar_days(std::int64_t start, int n, bool statutory) const;
  std::int64_t office_ms_between(std::int64_t from, std::int64_t to) const;
  std::int64_t subtract_working_days(std::int64_t due, int n) const;
  std::int64_t subtract_office_ms(std::int64_t due, std::int64_t amount) const;

  /// Midnights (as instants) of the days around which counting goes wrong most easily: the first
  /// and last day of each holiday, made-up days, special days, season and year ends.
  const std::vector<std::int64_t>& notable_midnights() const { return notable_; }

 private:
  bool worked(int day) const;
  std::int64_t close(int day) const;

  std::vector<char> open_;        ///< one for each minute
  std::vector<char> legal_rest_;  ///< one for each day
  std::vector<std::int64_t> notable_;
};

/// 00:00 civil time of a date of 2022 to 2029.
std::int64_t midnight_ms(int year, int month, int day);

}  // namespace oracle
