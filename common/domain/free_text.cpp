#include "common/domain/free_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "common/domain/form.hpp"
#include "common/domain/personal.hpp"

namespace hotline::domain {
namespace {

constexpr char other = '.';
constexpr char separator = '-';
constexpr char plus = '+';

/// A character of the text: what it stands for ('0' to '9', 'X', '+', separator, other), and where.
struct sign {
  char kind;
  std::size_t from;
  std::size_t to;
};

std::size_t bytes_of(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t bytes = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return std::min(bytes, text.size() - at);
}

char ascii_kind(char c) {
  if (c >= '0' && c <= '9') return c;
  if (c == 'x' || c == 'X') return 'X';
  if (c == '+') return plus;
  constexpr std::string_view between = " \t-.()/";
  return between.find(c) != std::string_view::npos ? separator : other;
}

char kind_of(std::string_view character) {
  if (character.size() == 1) return ascii_kind(character[0]);
  // Full-width forms are U+FF01 to U+FF5E, in the order of ASCII 0x21 to 0x7E.
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 3 && byte(0) == 0xEF && (byte(1) == 0xBC || byte(1) == 0xBD)) {
    const int offset = (byte(1) == 0xBC ? 0 : 0x40) + byte(2) - 0x80;
    if (offset >= 1 && offset <= 0x5E) return ascii_kind(static_cast<char>(0x20 + offset));
  }
  constexpr std::array<std::string_view, 10> between = {"\u00A0", "\u3000", "\u2009", "\u2010",
                                                        "\u2011", "\u2012", "\u2013", "\u2014",
                                                        "\u2212", "·"};
  return std::ranges::find(between, character) != between.end() ? separator : other;
}

std::vector<sign> signs_of(std::string_view text) {
  std::vector<sign> signs;
  signs.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto bytes = bytes_of(text, at);
    signs.push_back({kind_of(text.substr(at, bytes)), at, at + bytes});
    at += bytes;
  }
  return signs;
}

bool is_digit(char kind) { return kind >= '0' && kind <= '9'; }

bool is_mobile(std::string_view digits) {
  return digits.size() == 11 && digits[0] == '1' && digits[1] >= '3';
}

bool is_landline(std::string_view digits) {
  return digits.size() >= 10 && digits.size() <= 12 && digits[0] == '0' && digits[1] != '0';
}

/// The number without the prefix of the country, if there is one; `plus_before`: a + stands there.
std::string_view national(std::string_view digits, bool plus_before) {
  if (digits.starts_with("0086")) return digits.substr(4);
  if (digits.starts_with("86") && (plus_before || is_mobile(digits.substr(2)))) {
    return digits.substr(2);
  }
  return digits;
}

/// What a complete run of digits is: the kind to mask it as, and the digits to mask.
struct find {
  v1::Personal kind = v1::PERSONAL_UNSPECIFIED;
  std::string digits;
};

find judge(std::string_view digits, bool plus_before) {
  if (is_identity_no(digits)) return {v1::PERSONAL_IDENTITY_NO, std::string(digits)};
  const auto local = national(digits, plus_before);
  if (is_mobile(local)) return {v1::PERSONAL_PHONE, std::string(local)};
  if (local.size() == 12 && local[0] == '0' && is_mobile(local.substr(1))) {
    return {v1::PERSONAL_PHONE, std::string(local.substr(1))};
  }
  // Behind +86 the 0 of the area code is left out.
  const bool bare_area = local.size() != digits.size() && local.size() >= 9 && local.size() <= 11;
  if (is_landline(local) || (bare_area && local[0] != '0')) {
    return {v1::PERSONAL_PHONE, std::string(local)};
  }
  return {};
}

/// A number that begins at a digit: where it ends and what it is.
struct match {
  std::size_t end = 0;  ///< one past its last sign
  find what;
};

constexpr std::size_t gap_max = 3;      // signs between two groups of digits
constexpr std::size_t digits_max = 22;  // 0086 and an identity number's length

/// Collects groups of digits from `begin` on and keeps the longest that make a number. A group is
/// never cut: "20261123138053100011" holds no number.
match match_at(const std::vector<sign>& signs, std::size_t begin) {
  match best;
  const bool plus_before = begin > 0 && signs[begin - 1].kind == plus;
  std::string digits;
  std::size_t at = begin;
  while (at < signs.size() && digits.size() <= digits_max) {
    while (at < signs.size() && is_digit(signs[at].kind)) digits += signs[at++].kind;
    const bool check_x = at < signs.size() && signs[at].kind == 'X' && digits.size() == 17;
    if (check_x && is_identity_no(digits + 'X')) {
      return {at + 1, {v1::PERSONAL_IDENTITY_NO, digits + 'X'}};
    }
    if (auto found = judge(digits, plus_before); found.kind != v1::PERSONAL_UNSPECIFIED) {
      best = {at, std::move(found)};
    }
    std::size_t next = at;
    while (next < signs.size() && signs[next].kind == separator && next - at < gap_max) ++next;
    const bool more =
        next > at && next < signs.size() &&
        (is_digit(signs[next].kind) || (signs[next].kind == 'X' && digits.size() == 17));
    if (!more) break;
    at = next;
    if (signs[at].kind == 'X') {
      if (is_identity_no(digits + 'X')) return {at + 1, {v1::PERSONAL_IDENTITY_NO, digits + 'X'}};
      break;
    }
  }
  return best;
}

/// `text` with every number in it as `shown` gives it.
template <class Fn>
std::string replace_numbers(std::string_view text, const Fn& shown) {
  // Most texts hold no number at all.
  if (std::ranges::none_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '\xEF'; })) {
    return std::string(text);
  }
  const auto signs = signs_of(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < signs.size();) {
    const bool begins = is_digit(signs[at].kind) && (at == 0 || !is_digit(signs[at - 1].kind));
    const auto found = begins ? match_at(signs, at) : match{};
    if (found.end == 0) {
      out += text.substr(signs[at].from, signs[at].to - signs[at].from);
      ++at;
      continue;
    }
    out += shown(found.what);
    at = found.end;
  }
  return out;
}

/// A text without blanks, and where its bytes stood.
struct squeezed {
  std::string text;
  std::vector<std::size_t> from;
};

squeezed squeeze(std::string_view text) {
  squeezed out;
  out.text.reserve(text.size());
  out.from.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto one = text.substr(at, bytes_of(text, at));
    if (one != " " && one != "\t" && one != "\u3000") {
      for (std::size_t i = 0; i < one.size(); ++i) out.from.push_back(at + i);
      out.text += one;
    }
    at += one.size();
  }
  return out;
}

/// Marks the bytes of `text` that spell one of the words, blanks between their characters or not.
std::vector<bool> find_words(std::string_view text, std::span<const std::string> words) {
  std::vector<bool> hit(text.size(), false);
  const auto plain = squeeze(text);
  for (const auto& word : words) {
    const auto wanted = squeeze(word).text;
    if (wanted.empty()) continue;
    for (auto at = plain.text.find(wanted); at != std::string::npos;
         at = plain.text.find(wanted, at + wanted.size())) {
      const auto first = plain.from[at];
      const auto last = plain.from[at + wanted.size() - 1];
      std::fill(hit.begin() + static_cast<std::ptrdiff_t>(first),
                hit.begin() + static_cast<std::ptrdiff_t>(last) + 1, true);
    }
  }
  return hit;
}

}  // namespace

std::string mask_free_text(std::string_view text) {
  return replace_numbers(text, [](const find& what) { return mask(what.kind, what.digits); });
}

std::string withhold_in_text(std::string_view text, std::span<const std::string> words) {
  std::string out;
  out.reserve(text.size());
  const auto hit = find_words(text, words);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!hit[at]) {
      out += text[at];
    } else if (at == 0 || !hit[at - 1]) {
      out += withheld_mark;
    }
  }
  return replace_numbers(out, [](const find&) { return withheld_mark; });
}

bool holds_mask(std::string_view text) {
  if (text.find(withheld_mark) != std::string_view::npos) return true;
  constexpr std::size_t stars_min = 4;
  constexpr std::size_t all_stars = 10;  // a number too short to leave its ends
  for (auto at = text.find('*'); at != std::string_view::npos; at = text.find('*', at)) {
    const auto end = std::min(text.find_first_not_of('*', at), text.size());
    const auto stars = end - at;
    const bool digit_before = at > 0 && is_digit(text[at - 1]);
    const bool end_of_number = end < text.size() && (is_digit(text[end]) || text[end] == 'X');
    if (stars == all_stars || (stars >= stars_min && digit_before && end_of_number)) return true;
    at = end;
  }
  return false;
}

}  // namespace hotline::domain
