// Dates and times in the forms partners write them, in the province's civil time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace hotline::exchange {

/// "yyyy-MM-dd HH:mm:ss" and the like (yyyy MM dd HH mm ss SSS, all else as it stands), "unix_ms",
/// "unix_s", or empty for RFC 3339. A form without a day is none.
bool is_date_format(std::string_view format);

/// Whether the form names a day only.
bool is_day_format(std::string_view format);

/// Strict: every digit there, a day and time that exist, from 2000 to 2100. A day without a time is
/// its beginning.
std::optional<instant> read_date(std::string_view text, std::string_view format);

std::string write_date(instant t, std::string_view format);

}  // namespace hotline::exchange
