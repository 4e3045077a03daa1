#include "minute_oracle.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>
#include <stdexcept>

namespace oracle {
namespace {

// - a holiday, + a made-up working day, as month and day.
const char* const arrangements =
    "2023 -0101 -0102 -0121 -0122 -0123 -0124 -0125 -0126 -0127 +0128 +0129 -0405 +0423 -0429"
    " -0430 -0501 -0502 -0503 +0506 -0622 -0623 -0624 +0625 -0929 -0930 -1001 -1002 -1003 -1004"
    " -1005 -1006 +1007 +1008\n"
    "2024 -0101 +0204 -0210 -0211 -0212 -0213 -0214 -0215 -0216 -0217 +0218 -0404 -0405 -0406"
    " +0407 +0428 -0501 -0502 -0503 -0504 -0505 +0511 -0610 +0914 -0915 -0916 -0917 +0929 -1001"
    " -1002 -1003 -1004 -1005 -1006 -1007 +1012\n"
    "2025 -0101 +0126 -0128 -0129 -0130 -0131 -0201 -0202 -0203 -0204 +0208 -0404 -0405 -0406"
    " +0427 -0501 -0502 -0503 -0504 -0505 -0531 -0601 -0602 +0928 -1001 -1002 -1003 -1004 -1005"
    " -1006 -1007 -1008 +1011\n"
    "2026 -0101 -0102 -0103 +0104 +0214 -0215 -0216 -0217 -0218 -0219 -0220 -0221 -0222 -0223"
    " +0228 -0404 -0405 -0406 -0501 -0502 -0503 -0504 -0505 +0509 -0619 -0620 -0621 +0920 -0925"
    " -0926 -0927 -1001 -1002 -1003 -1004 -1005 -1006 -1007 +1010\n";

constexpr int first_year = 2022, last_year = 2029;
constexpr std::int64_t first_midnight = 1'640'966'400'000;  // 2021-12-31T16:00:00Z
constexpr std::int64_t minute_ms = 60'000, day_ms = 86'400'000;
constexpr int minutes_a_day = 1440;

bool leap(int year) { return year % 4 == 0; }  // true of every year from 1901 to 2099

int days_of_month(int year, int month) {
  constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : lengths[month - 1];
}

/// Days since 2022-01-01.
int day_number(int year, int month, int day) {
  int n = day - 1;
  for (int m = 1; m < month; ++m) n += days_of_month(year, m);
  for (int y = first_year; y < year; ++y) n += leap(y) ? 366 : 365;
  return n;
}

const int day_total = day_number(last_year + 1, 1, 1);

bool weekend(int day) { return day % 7 <= 1; }  // 2022-01-01 was a Saturday

std::map<int, bool> read_arrangements() {
  std::map<int, bool> off;
  std::istringstream lines(arrangements);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    int year = 0;
    words >> year;
    for (std::string word; words >> word;) {
      const int month_and_day = std::stoi(word.substr(1));
      off[day_number(year, month_and_day / 100, month_and_day % 100)] = word[0] == '-';
    }
  }
  return off;
}

/// Marks the minutes of "08:30-12:00 14:00-18:00" in the 1440 from `day`.
void mark(char* day, const std::string& hours) {
  std::fill(day, day + minutes_a_day, char{0});
  std::istringstream words(hours);
  for (std::string word; words >> word;) {
    int h1 = 0, m1 = 0, h2 = 0, m2 = 0;
    if (std::sscanf(word.c_str(), "%d:%d-%d:%d", &h1, &m1, &h2, &m2) != 4) {
      throw std::invalid_argument("oracle hours: " + word);
    }
    for (int m = h1 * 60 + m1; m < h2 * 60 + m2; ++m) day[m] = 1;
  }
}

std::string hours_of(const std::string& line) {
  const auto space = line.find(' ');
  return space == std::string::npos ? "" : line.substr(space);
}

}  // namespace

std::int64_t midnight_ms(int year, int month, int day) {
  return first_midnight + day_number(year, month, day) * day_ms;
}

minute_calendar::minute_calendar(const office_rules& rules)
    : open_(static_cast<std::size_t>(day_total) * minutes_a_day),
      legal_rest_(static_cast<std::size_t>(day_total)) {
  const std::map<int, bool> arranged = read_arrangements();
  std::map<int, std::string> special;
  for (const std::string& line : rules.special_days) {
    int y = 0, m = 0, d = 0;
    if (std::sscanf(line.c_str(), "%d-%d-%d", &y, &m, &d) != 3) throw std::invalid_argument(line);
    special[day_number(y, m, d)] = hours_of(line);
  }
  // The year begins in the season that began last in the year before.
  std::string hours = hours_of(*std::max_element(rules.seasons.begin(), rules.seasons.end()));
  for (int year = first_year, day = 0; year <= last_year; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int d = 1; d <= days_of_month(year, month); ++d, ++day) {
        bool notable = (month == 1 && d == 1) || arranged.contains(day) || special.contains(day);
        char month_and_day[16];
        std::snprintf(month_and_day, sizeof month_and_day, "%02d-%02d", month, d);
        for (const std::string& season : rules.seasons) {
          if (!season.starts_with(month_and_day)) continue;
          hours = hours_of(season);
          notable = true;
        }
        const auto at = static_cast<std::size_t>(day);
        const bool rest = arranged.contains(day) ? arranged.at(day) : weekend(day);
        legal_rest_[at] = rest;
        if (special.contains(day)) {
          mark(&open_[at * minutes_a_day], special.at(day));
        } else if (!rest) {
          mark(&open_[at * minutes_a_day], hours);
        }
        if (notable) notable_.push_back(midnight_ms(year, month, d));
      }
    }
  }
}

bool minute_calendar::worked(int day) const {
  for (int m = 0; m < minutes_a_day; ++m) {
    if (open_.at(static_cast<std::size_t>(day) * minutes_a_day + static_cast<std::size_t>(m))) {
      return true;
    }
  }
  return false;
}

/// The end of the day's last open minute; 24:00 of a day that has none.
std::int64_t minute_calendar::close(int day) const {
  int m = minutes_a_day;
  while (m > 0 && !open_.at(static_cast<std::size_t>(day * minutes_a_day + m - 1))) --m;
  if (m == 0) m = minutes_a_day;
  return first_midnight + day * day_ms + m * minute_ms;
}

std::int64_t minute_calendar::add_working_days(std::int64_t start, int n) const {
  int day = static_cast<int>((start - first_midnight) / day_ms);
  while (n > 0) {
    ++day;
    if (worked(day)) --n;
  }
  return close(day);
}

std::int64_t minute_calendar::add_calendar_days(std::int64_t start, int n, bool statutory) const {
  int day = static_cast<int>((start - first_midnight) / day_ms) + n;
  if (!statutory || !legal_rest_.at(static_cast<std::size_t>(day))) {
    return first_midnight + (day + 1) * day_ms;
  }
  while (legal_rest_.at(static_cast<std::size_t>(day))) ++day;
  return close(day);
}

std::int64_t minute_calendar::add_office_ms(std::int64_t start, std::int64_t amount) const {
  std::int64_t t = start - first_midnight;
  while (amount > 0) {
    const std::int64_t minute = t / minute_ms;
    const std::int64_t next = (minute + 1) * minute_ms;
    if (static_cast<std::size_t>(minute) >= open_.size()) throw std::out_of_range("oracle");
    if (open_[static_cast<std::size_t>(minute)]) {
      if (amount <= next - t) return first_midnight + t + amount;
      amount -= next - t;
    }
    t = next;
  }
  return first_midnight + t;
}

std::int64_t minute_calendar::office_ms_between(std::int64_t from, std::int64_t to) const {
  std::int64_t sum = 0;
  for (std::int64_t t = from - first_midnight; t < to - first_midnight;) {
    const std::int64_t minute = t / minute_ms;
    const std::int64_t next = std::min((minute + 1) * minute_ms, to - first_midnight);
    if (open_.at(static_cast<std::size_t>(minute))) sum += next - t;
    t = next;
  }
  return sum;
}

std::int64_t minute_calendar::subtract_working_days(std::int64_t due, int n) const {
  if (n == 0) return due;
  std::int64_t t = due - first_midnight;
  while (!open_.at(static_cast<std::size_t>((t - 1) / minute_ms))) {
    t = (t - 1) / minute_ms * minute_ms;
  }
  int day = static_cast<int>((t - 1) / day_ms);
  while (n > 0) {
    --day;
    if (worked(day)) --n;
  }
  return close(day);
}

std::int64_t minute_calendar::subtract_office_ms(std::int64_t due, std::int64_t amount) const {
  if (amount <= 0) return due;
  // Walks back while the minute before, or a part of it, still fits into the amount; a closed
  // minute always fits.
  std::int64_t t = due - first_midnight;
  for (;;) {
    const std::int64_t minute = (t - 1) / minute_ms;
    const std::int64_t length = t - minute * minute_ms;
    if (open_.at(static_cast<std::size_t>(minute))) {
      if (length > amount) return first_midnight + t - amount;
      amount -= length;
    }
    t = minute * minute_ms;
  }
}

}  // namespace oracle
