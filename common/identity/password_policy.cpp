#include "common/identity/password_policy.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/identity/common_passwords.hpp"
#include "common/identity/text.hpp"

namespace hotline::identity {
namespace {

// What must be left of a password that is partly a common word.
constexpr std::size_t own_characters_min = 6;
constexpr std::size_t name_bytes_min = 3;

int count_classes(std::string_view password) {
  bool lower = false;
  bool upper = false;
  bool digit = false;
  bool other = false;
  for (const char c : password) {
    if (c >= 'a' && c <= 'z') {
      lower = true;
    } else if (c >= 'A' && c <= 'Z') {
      upper = true;
    } else if (c >= '0' && c <= '9') {
      digit = true;
    } else {
      other = true;
    }
  }
  return int{lower} + int{upper} + int{digit} + int{other};
}

/// Signs that are read as letters: "P@ssw0rd".
std::string plain_letters(std::string text) {
  constexpr std::array<std::pair<char, char>, 8> table{{{'@', 'a'},
                                                        {'4', 'a'},
                                                        {'0', 'o'},
                                                        {'1', 'i'},
                                                        {'!', 'i'},
                                                        {'3', 'e'},
                                                        {'$', 's'},
                                                        {'5', 's'}}};
  for (char& c : text) {
    const auto found = std::ranges::find(table, c, &std::pair<char, char>::first);
    if (found != table.end()) c = found->second;
  }
  return text;
}

/// Each place of `part` in the text becomes a space; passwords without spaces stay told apart.
void take_away(std::string& text, std::string_view part) {
  if (part.empty()) return;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at)) {
    text.replace(at, part.size(), 1, ' ');
  }
}

void take_years_away(std::string& text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  for (std::size_t i = 0; i + 4 <= text.size(); ++i) {
    const auto century = std::string_view(text).substr(i, 2);
    if ((century == "19" || century == "20") && digit(i + 2) && digit(i + 3)) {
      text.replace(i, 4, 1, ' ');
    }
  }
}

/// Different characters that are left when everything common is gone.
std::size_t own_characters(std::string text, const password_owner& owner,
                           const password_policy& policy) {
  const std::string id = lower_case(owner.id);
  std::string backwards(id.rbegin(), id.rend());
  for (const std::string& part : {id, backwards, lower_case(owner.name)}) {
    if (part.size() >= name_bytes_min) take_away(text, part);
  }
  for (const std::string& part : policy.refused) take_away(text, part);
  take_years_away(text);
  for (const std::string_view part : common_parts()) take_away(text, part);
  std::erase(text, ' ');
  std::ranges::sort(text);
  const auto repeated = std::ranges::unique(text);
  return text.size() - repeated.size();
}

constexpr password_fault too_short{"password.length", "密码太短。", "The password is too short."};
constexpr password_fault too_long{"password.length", "密码太长，至多 128 字节。",
                                  "The password is too long: at most 128 bytes."};
constexpr password_fault too_plain{
    "password.classes", "密码应至少包含小写字母、大写字母、数字、其他字符中的三类（以配置为准）。",
    "The password must mix lower case, upper case, digits and other characters."};
constexpr password_fault forbidden_character{"password.characters", "密码含有不允许的字符。",
                                             "The password holds a control character."};
constexpr password_fault too_common{
    "password.common", "密码过于常见，或由用户名、年份、键盘顺序等组成，容易被猜到。",
    "The password is made of common words, a name, a year or keys in a row."};

}  // namespace

std::optional<password_fault> check_password(std::string_view password, const password_owner& owner,
                                             const password_policy& policy) {
  if (password.size() > password_bytes_max) return too_long;
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(password, control)) return forbidden_character;
  if (count_characters(password) < static_cast<std::size_t>(policy.length_min)) return too_short;
  if (count_classes(password) < policy.classes_min) return too_plain;
  const std::string lower = lower_case(password);
  if (own_characters(lower, owner, policy) < own_characters_min ||
      own_characters(plain_letters(lower), owner, policy) < own_characters_min) {
    return too_common;
  }
  return std::nullopt;
}

}  // namespace hotline::identity
