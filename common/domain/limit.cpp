#include "common/domain/limit.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "common/base/assert.hpp"

namespace hotline::domain {
namespace {

struct unit_name {
  std::string_view text;
  limit_unit unit;
};

constexpr std::array<unit_name, 5> unit_names{{
    {"min", limit_unit::minutes},
    {"h", limit_unit::hours},
    {"d", limit_unit::days},
    {"wh", limit_unit::working_hours},
    {"wd", limit_unit::working_days},
}};

std::unexpected<failure> unreadable(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  return fail(errc::invalid_argument,
              fmt::format("\"{}\" is not a limit: write 1 to {} and min, h, d, wh or wd, such as "
                          "24h or 5wd, and ! behind it when set by law",
                          text.substr(0, shown_max), limit_amount_max));
}

/// Plain addition that stays within the calendar's range.
instant add_plain(instant start, milliseconds amount) {
  const instant from = std::clamp(start, calendar_begin(), calendar_end());
  return from + std::clamp(amount, milliseconds(0), milliseconds(calendar_end() - from));
}

}  // namespace

bool counts_office_time(limit_unit unit) {
  return unit == limit_unit::working_hours || unit == limit_unit::working_days;
}

result<limit> parse_limit(std::string_view text, bool statutory) {
  std::string_view rest = text;
  if (rest.ends_with('!')) {
    statutory = true;
    rest.remove_suffix(1);
  }
  std::int32_t amount = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), amount);
  if (error != std::errc() || rest.starts_with('0')) return unreadable(text);
  if (amount < 1 || amount > limit_amount_max) return unreadable(text);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  for (const unit_name& known : unit_names) {
    if (rest == known.text) return limit{amount, known.unit, statutory};
  }
  return unreadable(text);
}

std::string format(const limit& l) {
  for (const unit_name& known : unit_names) {
    if (known.unit == l.unit) {
      return fmt::format("{}{}{}", l.amount, known.text, l.statutory ? "!" : "");
    }
  }
  HL_ASSERT(false, "every unit of a limit has a name");
  return {};
}

instant due_at(instant start, const limit& l, const working_calendar& calendar) {
  using std::chrono::hours;
  using std::chrono::minutes;
  switch (l.unit) {
    case limit_unit::minutes: return add_plain(start, minutes(l.amount));
    case limit_unit::hours: return add_plain(start, hours(l.amount));
    case limit_unit::days: return calendar.add_calendar_days(start, l.amount, l.statutory);
    case limit_unit::working_hours: return calendar.add_working_ms(start, hours(l.amount));
    case limit_unit::working_days: return calendar.add_working_days(start, l.amount);
  }
  HL_ASSERT(false, "a limit has one of the named units");
  return start;
}

milliseconds remaining(instant due, instant now, limit_unit unit,
                       const working_calendar& calendar) {
  if (now >= due) return milliseconds(0);
  if (counts_office_time(unit)) return calendar.working_ms_between(now, due);
  const instant from = std::max(now, calendar_begin());
  return std::max(milliseconds(0), milliseconds(std::min(due, calendar_end()) - from));
}

instant resume(instant now, milliseconds left, limit_unit unit, const working_calendar& calendar) {
  if (counts_office_time(unit)) return calendar.add_working_ms(now, left);
  return add_plain(now, left);
}

}  // namespace hotline::domain
