// Small UTF-8 helpers for comparing place names.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace hotline::domain {

/// Bytes of the UTF-8 character that starts at `at`; 1 for a byte that starts none.
std::size_t character_bytes(std::string_view text, std::size_t at);

/// True when the character at `at` is none of a word: punctuation, a plain letter or digit, or the
/// end of the text.
bool is_boundary(std::string_view text, std::size_t at);

/// The start of the character that ends before `at`; 0 at the start.
std::size_t previous_character(std::string_view text, std::size_t at);

bool starts_with_any(std::string_view text, std::span<const std::string_view> words);
bool ends_with_any(std::string_view text, std::span<const std::string_view> words);

}  // namespace hotline::domain
