#include "common/exchange/date_format.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include "common/base/rfc3339.hpp"
#include "common/domain/civil.hpp"

namespace hotline::exchange {
namespace {

using namespace std::chrono;

constexpr std::string_view unix_ms = "unix_ms";
constexpr std::string_view unix_s = "unix_s";

enum part : std::size_t {
  year_part,
  month_part,
  day_part,
  hour_part,
  minute_part,
  second_part,
  millisecond_part,
  parts
};

/// In the order of `part`.
constexpr std::array<std::string_view, parts> words = {"yyyy", "MM", "dd", "HH", "mm", "ss", "SSS"};

/// The part that begins a format, or `parts` for a character that stands for itself.
std::size_t leading_part(std::string_view format) {
  for (std::size_t p = 0; p < parts; ++p)
    if (format.starts_with(words[p])) return p;
  return parts;
}

bool has(std::string_view format, part p) { return format.find(words[p]) != format.npos; }

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<instant> read_unix(std::string_view text, std::int64_t unit_ms) {
  constexpr std::size_t digits_max = 13;
  const auto value = whole_number(text);
  if (!value || text.size() > digits_max) return std::nullopt;
  return from_unix_ms(*value * unit_ms);
}

std::optional<instant> read_parts(std::string_view text, std::string_view format) {
  std::array<int, parts> value = {0, 1, 1, 0, 0, 0, 0};
  while (!format.empty()) {
    const std::size_t p = leading_part(format);
    const std::size_t width = p == parts ? 1 : words[p].size();
    if (text.size() < width) return std::nullopt;
    const std::string_view piece = text.substr(0, width);
    if (p == parts) {
      if (piece != format.substr(0, 1)) return std::nullopt;
    } else {
      const auto number = whole_number(piece);
      if (!number || piece.front() == '-') return std::nullopt;
      value[p] = static_cast<int>(*number);
    }
    text.remove_prefix(width);
    format.remove_prefix(width);
  }
  const year_month_day date{year(value[year_part]), month(static_cast<unsigned>(value[month_part])),
                            day(static_cast<unsigned>(value[day_part]))};
  const bool is_time = value[hour_part] < 24 && value[minute_part] < 60 && value[second_part] < 60;
  if (!text.empty() || !date.ok() || !is_time) return std::nullopt;
  return domain::civil_instant(date, hours(value[hour_part]) + minutes(value[minute_part]) +
                                         seconds(value[second_part]) +
                                         hotline::milliseconds(value[millisecond_part]));
}

std::optional<instant> read_any(std::string_view text, std::string_view format) {
  if (format.empty()) return read_rfc3339(text);
  if (format == unix_ms) return read_unix(text, 1);
  if (format == unix_s) return read_unix(text, 1000);
  return read_parts(text, format);
}

}  // namespace

bool is_date_format(std::string_view format) {
  if (format.empty() || format == unix_ms || format == unix_s) return true;
  return has(format, year_part) && has(format, month_part) && has(format, day_part);
}

bool is_day_format(std::string_view format) {
  return !format.empty() && format != unix_ms && format != unix_s && !has(format, hour_part);
}

std::optional<instant> read_date(std::string_view text, std::string_view format) {
  const auto t = read_any(text, format);
  return t && *t >= wire_instant_begin && *t < wire_instant_end ? t : std::nullopt;
}

std::string write_date(instant t, std::string_view format) {
  if (format.empty()) return domain::format_rfc3339(t);
  if (format == unix_ms) return std::to_string(to_unix_ms(t));
  if (format == unix_s) return std::to_string(to_unix_ms(t) / 1000);
  const auto date = domain::civil_date(t);
  const hh_mm_ss time(domain::civil_time_of_day(t));
  const std::array<std::int64_t, parts> value = {int(date.year()),         unsigned(date.month()),
                                                 unsigned(date.day()),     time.hours().count(),
                                                 time.minutes().count(),   time.seconds().count(),
                                                 time.subseconds().count()};
  std::string out;
  while (!format.empty()) {
    const std::size_t p = leading_part(format);
    const std::size_t width = p == parts ? 1 : words[p].size();
    if (p == parts) {
      out += format.front();
    } else {
      const std::string digits = std::to_string(value[p]);
      out.append(width - std::min(width, digits.size()), '0').append(digits);
    }
    format.remove_prefix(width);
  }
  return out;
}

}  // namespace hotline::exchange
