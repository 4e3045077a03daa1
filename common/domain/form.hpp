// The form of what comes in: enumerations, lengths, ranges, dates, phone and identity numbers.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "common/domain/move.hpp"
#include "hotline/v1/command.pb.h"

namespace hotline::domain {

inline constexpr std::size_t content_bytes_max = 24'000;  ///< about 8,000 characters
inline constexpr std::size_t words_bytes_max = 6'000;
inline constexpr int list_items_max = 50;

/// Checks every field of a command's body by the conventions of proto/: enumerations known, numbers
/// not negative, amounts and instants in range, `_date` and `limit` fields parse, strings and lists
/// within bounds. Personal fields hold no mask and no token, and fields the hotline sets itself are
/// not set. The rejection names the path of the first field at fault.
refusal check_form(const v1::Command& command);

/// A field that must not be blank.
refusal need(std::string_view value, std::string_view rule, std::string_view field);

/// Checks the content of an intake: phone, identity number, credit code, region, category, units,
/// dates that contradict each other.
refusal check_intake(const v1::Intake& intake, const move& m);

/// What is missing for acceptance (受理要素): nothing, or a rejection that names the first field.
refusal check_complete(const v1::Intake& intake);

/// What hangs on a ticket: its bytes have been stored elsewhere, and are known by their digest.
refusal check_attachment(const v1::Attachment& file, std::string_view path);

/// 11-digit mobile, area code and number, or a service number.
bool is_phone(std::string_view text);
/// 18 characters with the check character of GB 11643.
bool is_identity_no(std::string_view text);
/// 18 characters with the check character of GB 32100.
bool is_credit_code(std::string_view text);

}  // namespace hotline::domain
