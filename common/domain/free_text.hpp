// Telephone and identity numbers, and what else tells of a caller, in what people wrote: made
// unreadable.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hotline::domain {

/// `text` (UTF-8) with these starred out by domain::mask, whatever their digits (ASCII or
/// full-width) and the spaces, dashes, dots and brackets between them:
///   * mobile numbers of the mainland, 11 digits from 13… to 19…, also behind +86, 0086, 86 or 0;
///   * landline numbers with their area code, 10 to 12 digits from 01… to 09…, or behind +86;
///   * identity numbers, 18 characters with the check character of GB 11643, X in either case.
/// Everything else stays as it is, ticket numbers, dates, amounts and service numbers (12351, 400…)
/// included. A longer run of digits is none of these. Numbers written in words (一三八…) are not
/// found.
std::string mask_free_text(std::string_view text);

/// What stands in words for what is taken out altogether.
inline constexpr std::string_view withheld_mark = "〔隐去〕";

/// `text` with the same numbers, and every one of `words` however it is spaced, taken out: for
/// those who must not learn whose they are, even of the last digits.
std::string withhold_in_text(std::string_view text, std::span<const std::string> words);

/// Whether `text` holds what the functions above put in the place of a value.
bool holds_mask(std::string_view text);

}  // namespace hotline::domain
