#include "services/hotline/text_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace hotline::program {
namespace {

struct character {
  char32_t code;
  std::size_t bytes;
};

/// The first character; a byte that belongs to none counts as itself.
character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes == 1 || bytes > text.size()) return {lead, 1};
  char32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return {code, bytes};
}

bool is_utf8(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return lead < 0x80;
  return lead >= 0xC2 && lead <= 0xF4 && std::ranges::all_of(character.substr(1), [](char c) {
           return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
         });
}

/// Further control characters, marks of direction, and characters without width.
bool is_unseen(char32_t code) {
  return (code >= 0x80 && code < 0xA0) || code == 0x061C || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

/// The blocks of wide characters that occur in our texts (Unicode, East Asian Width W and F).
constexpr std::array<std::pair<char32_t, char32_t>, 10> wide{{
    {0x1100, 0x115F},
    {0x2E80, 0x303E},
    {0x3041, 0xA4CF},
    {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},
    {0x1F300, 0x1FAFF},
    {0x20000, 0x3FFFD},
}};

std::size_t width_of(char32_t code) {
  if (code >= 0x300 && code <= 0x36F) return 0;
  if (code == 0x200B || code == 0xFE0F) return 0;
  const bool is_wide = std::ranges::any_of(
      wide, [code](const auto& block) { return code >= block.first && code <= block.second; });
  return is_wide ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto next = first_of(text);
    const auto bytes = text.substr(0, next.bytes);
    const bool valid = is_utf8(bytes);
    text.remove_prefix(valid ? next.bytes : 1);
    if (!valid) {
      out += "\uFFFD";
    } else if (next.code < 0x20 || next.code == 0x7F) {
      // The pictures of control characters, U+2400 to U+2421.
      out += "\xE2\x90";
      out += static_cast<char>(0x80 + (next.code == 0x7F ? 0x21 : next.code));
    } else if (is_unseen(next.code)) {
      out += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(next.code));
    } else {
      out += bytes;
    }
  }
  return out;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) {
    const auto next = first_of(utf8);
    width += width_of(next.code);
    utf8.remove_prefix(next.bytes);
  }
  return width;
}

std::string fit(std::string_view utf8, std::size_t width) {
  if (display_width(utf8) <= width) return std::string(utf8);
  std::string out;
  std::size_t used = 1;  // of the ellipsis
  while (!utf8.empty()) {
    const auto next = first_of(utf8);
    used += width_of(next.code);
    if (used > width) break;
    out += utf8.substr(0, next.bytes);
    utf8.remove_prefix(next.bytes);
  }
  return out + "…";
}

void text_table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string text_table::to_text(std::size_t cell_max) const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], std::min(display_width(row[i]), cell_max));
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto cell = fit(row[i], cell_max);
      out += cell;
      if (i + 1 < row.size()) out.append(widths[i] - display_width(cell) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace hotline::program
