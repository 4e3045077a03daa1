// How long a unit has: which limit counts for a ticket, and what no clock of it may be due after.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/domain/move.hpp"

namespace hotline::domain {

/// The kind whose limits count: what came as a petition (信访) has the statutory ones, whatever is
/// asked for in it.
v1::Kind limits_kind(const v1::Intake& intake);

/// 法定期限: whether a law sets the handling limit of the ticket's matter. Such a limit is not
/// suspended and does not begin anew with another unit.
bool has_statutory_limit(const move& m);

/// 办理时限 at an urgency for a clock of `unit` that starts at `from`: the urgency's own limit or
/// that of kind and grade, whichever ends first.
limit handling_limit(const move& m, v1::Urgency urgency, std::string_view unit, instant from);

/// 签收: the same for the limit of the urgency and that of tickets with priority.
std::optional<limit> sign_limit(const move& m, v1::Urgency urgency, std::string_view unit,
                                instant from);

/// 首报: the urgency's limit, else the one a law sets for telling the caller of the receipt.
std::optional<limit> report_limit(const move& m, v1::Urgency urgency);

/// What the first report may never be due after: the legal notice, counted from the receipt
/// (信访工作条例 Art. 23). 0 = nothing caps it.
std::int64_t report_cap_at(const move& m, std::string_view unit);

/// What a main clock may never be due after: the total cap from the first dispatch, or of a limit
/// fixed by law its end from the acceptance with the days that were granted; and the partner's
/// deadline less our margin. 0 = nothing caps it.
std::int64_t main_cap_at(const move& m, const limit& allowed, std::string_view unit,
                         std::int32_t granted_days);

/// The partner's deadline, less the margin we keep before it; 0 = there is none.
std::int64_t partner_cap_at(const move& m, std::string_view unit);

/// The earlier of two instants of which 0 means none.
std::int64_t earlier(std::int64_t a, std::int64_t b);

}  // namespace hotline::domain
