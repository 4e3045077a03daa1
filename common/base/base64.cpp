#include "common/base/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace hotline {
namespace {

constexpr std::string_view standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using value_table = std::array<std::int8_t, 256>;

constexpr value_table make_values(std::string_view alphabet) {
  value_table values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}

constexpr value_table standard_values = make_values(standard);
constexpr value_table url_values = make_values(for_urls);

/// Without padding.
void append(std::string& out, std::string_view bytes, std::string_view alphabet) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<std::uint8_t>(c);
    held += 8;
    while (held >= 6) {
      held -= 6;
      out += alphabet[bits >> held & 63U];
    }
  }
  if (held > 0) out += alphabet[bits << (6 - held) & 63U];
}

std::optional<std::string> read(std::string_view text, const value_table& values) {
  if (text.size() % 4 == 1) return std::nullopt;  // six bits make no byte
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::int8_t value = values[static_cast<std::uint8_t>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xFFU);
    bits &= (1U << held) - 1U;
  }
  if (bits != 0) return std::nullopt;
  return out;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  append(out, bytes, standard);
  out.append((3 - bytes.size() % 3) % 3, '=');
}

void append_base64url(std::string& out, std::string_view bytes) { append(out, bytes, for_urls); }

std::optional<std::string> read_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return read(text, standard_values);
}

std::optional<std::string> read_base64url(std::string_view text) { return read(text, url_values); }

}  // namespace hotline
