// A whole number as Redis gives it: text of a hash field, or the score of an instant.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace hotline::store {

/// 0 for what is no number: the functions let nothing else be written there.
inline std::int64_t whole_number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace hotline::store
