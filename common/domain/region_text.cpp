#include "common/domain/region_text.hpp"

#include <algorithm>

#include "common/domain/region.hpp"

namespace hotline::domain {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// The code point of a three-byte character.
unsigned decode3(std::string_view bytes) {
  const auto bits = [&](std::size_t i, unsigned mask) {
    return static_cast<unsigned char>(bytes[i]) & mask;
  };
  return bits(0, 0x0FU) << 12U | bits(1, 0x3FU) << 6U | bits(2, 0x3FU);
}

constexpr unsigned ideographic_space = 0x3000;
constexpr unsigned zero_width_space = 0x200B;
constexpr unsigned byte_order_mark = 0xFEFF;
constexpr unsigned full_width_first = 0xFF01;  // ！, the full-width form of '!'
constexpr unsigned full_width_last = 0xFF5E;   // ～

bool is_plain_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::size_t character_bytes(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead >= 0x80 && lead < 0xC0) return 1;
  if (at + length > text.size()) return 1;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(text[at + i])) return 1;
  return length;
}

std::size_t previous_character(std::string_view text, std::size_t at) {
  if (at == 0) return 0;
  --at;
  while (at > 0 && is_continuation(text[at])) --at;
  return at;
}

bool is_boundary(std::string_view text, std::size_t at) {
  if (at >= text.size()) return true;
  const std::size_t length = character_bytes(text, at);
  if (length != 3) return true;
  const unsigned point = decode3(text.substr(at, length));
  const bool general_punctuation = point >= 0x2000 && point < 0x2C00;
  const bool cjk_punctuation = point >= 0x3000 && point < 0x3040;
  return general_punctuation || cjk_punctuation || point >= 0xFE00;
}

bool starts_with_any(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.starts_with(word); });
}

bool ends_with_any(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.ends_with(word); });
}

std::string normalise_place(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_bytes(text, at);
    const std::string_view character = text.substr(at, length);
    at += length;
    if (length == 1) {
      const char c = character.front();
      if (static_cast<unsigned char>(c) < 0x80 && !is_plain_space(c)) plain += c;
    } else if (length == 3) {
      const unsigned point = decode3(character);
      if (point >= full_width_first && point <= full_width_last)
        plain += static_cast<char>(point - full_width_first + '!');
      else if (point != ideographic_space && point != zero_width_space && point != byte_order_mark)
        plain += character;
    } else if (character != "\u00A0") {
      plain += character;
    }
  }
  return plain;
}

}  // namespace hotline::domain
