// Time limits as policies write them ("24h", "5wd", "15d!") and what comes due when.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/domain/calendar.hpp"

namespace hotline::domain {

/// In what a limit is counted.
enum class limit_unit {
  minutes,        ///< "min": plain time, day and night
  hours,          ///< "h": plain time, day and night
  days,           ///< "d": civil days, until 24:00 of the last
  working_hours,  ///< "wh": office time only
  working_days,   ///< "wd": until the close of office hours of the last
};

/// Whether office time is what runs (and what a suspension saves), or plain time.
bool counts_office_time(limit_unit unit);

/// The largest amount of a limit: far above every published rule, far below any overflow.
inline constexpr std::int32_t limit_amount_max = 100'000;

/// A time limit. Default: none given, due at once.
struct limit {
  std::int32_t amount = 0;
  limit_unit unit = limit_unit::minutes;
  /// Set by law (法定期限): a limit in days that ends on a rest day moves to the next working day.
  bool statutory = false;

  bool operator==(const limit&) const = default;
};

/// "15min", "24h", "15d", "4wh", "5wd"; with "!" at the end, or with `statutory`, a legal limit.
/// The amount is 1 to limit_amount_max, without sign or leading zeros.
result<limit> parse_limit(std::string_view text, bool statutory = false);

/// What parse_limit reads: "15d!".
std::string format(const limit& l);

/// When a limit that starts at `start` comes due. Saturates at the ends of the calendar's range.
instant due_at(instant start, const limit& l, const working_calendar& calendar);

/// What a suspension saves: the office time between `now` and `due` for a limit in working hours or
/// working days, the plain time for the others. Zero when `due` has passed.
milliseconds remaining(instant due, instant now, limit_unit unit, const working_calendar& calendar);

/// When a clock resumed at `now` with `left` (from `remaining`) comes due: exactly that much time
/// of the same kind later. Resumed at the instant it was suspended, it comes due as if it never was
/// (provided it was due within office time, as every limit in working hours or days is).
instant resume(instant now, milliseconds left, limit_unit unit, const working_calendar& calendar);

}  // namespace hotline::domain
