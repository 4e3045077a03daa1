#include "common/base/rfc3339.hpp"

#include <algorithm>
#include <cstddef>

namespace hotline {
namespace {

namespace chr = std::chrono;

constexpr chr::hours province_offset{8};
constexpr instant writable_begin = chr::sys_days(chr::year(0) / 1 / 1) - province_offset;
constexpr instant writable_end = chr::sys_days(chr::year(10'000) / 1 / 1) - province_offset;

/// Writes `value` with exactly `width` digits and returns the place behind them.
char* put(char* at, unsigned value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return at + width;
}

char* put(char* at, char c) {
  *at = c;
  return at + 1;
}

/// Reads left to right; after the first mismatch every further step is harmless.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_(text) {}

  int number(std::size_t width) {
    if (rest_.size() < width) return mismatch();
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return mismatch();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!take(c)) mismatch();
  }

  /// The digits behind the point, as milliseconds.
  int fraction() {
    const std::size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (end == 0 || end > 9) return mismatch();
    int value = 0;
    for (std::size_t i = 0; i < 3; ++i) value = value * 10 + (i < end ? rest_[i] - '0' : 0);
    rest_.remove_prefix(end);
    return value;
  }

  chr::minutes offset() {
    if (take('Z')) return chr::minutes(0);
    const bool west = take('-');
    if (!west) expect('+');
    const int hours = number(2);
    expect(':');
    const int minutes = number(2);
    if (hours > 23 || minutes > 59) mismatch();
    const chr::minutes east = chr::hours(hours) + chr::minutes(minutes);
    return west ? -east : east;
  }

  bool complete() const { return good_ && rest_.empty(); }

 private:
  int mismatch() {
    good_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

void append_rfc3339(std::string& out, instant t) {
  const instant civil =
      std::clamp(t, writable_begin, writable_end - milliseconds(1)) + province_offset;
  const auto day = chr::floor<chr::days>(civil);
  const chr::year_month_day date(day);
  const auto ms = static_cast<unsigned>((civil - day).count());
  char text[] = "YYYY-MM-DDThh:mm:ss.mmm+08:00";
  char* at = put(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  at = put(put(at, '-'), static_cast<unsigned>(date.month()), 2);
  at = put(put(at, '-'), static_cast<unsigned>(date.day()), 2);
  at = put(put(at, 'T'), ms / 3'600'000, 2);
  at = put(put(at, ':'), ms / 60'000 % 60, 2);
  at = put(put(at, ':'), ms / 1'000 % 60, 2);
  put(put(at, '.'), ms % 1'000, 3);
  out.append(text, sizeof text - 1);
}

std::optional<instant> read_rfc3339(std::string_view text) {
  scanner in(text);
  const int year = in.number(4);
  in.expect('-');
  const int month = in.number(2);
  in.expect('-');
  const int day = in.number(2);
  in.expect('T');
  const int hour = in.number(2);
  in.expect(':');
  const int minute = in.number(2);
  in.expect(':');
  const int second = in.number(2);
  const int ms = in.take('.') ? in.fraction() : 0;
  const chr::minutes offset = in.offset();
  if (!in.complete() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const chr::year_month_day date(chr::year(year), chr::month(static_cast<unsigned>(month)),
                                 chr::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return chr::sys_days(date) + chr::hours(hour) + chr::minutes(minute) + chr::seconds(second) +
         milliseconds(ms) - offset;
}

}  // namespace hotline
