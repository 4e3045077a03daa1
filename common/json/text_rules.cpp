#include "common/json/text_rules.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace hotline::json {
namespace {

enum class byte_class : std::uint8_t {
  fine,
  forbidden,
  lead_c2,  // U+0080..00BF: the C1 controls are among them
  lead_e2,  // U+2000..2FFF: the bidirectional controls are among them
};

constexpr std::array<byte_class, 256> make_classes() {
  std::array<byte_class, 256> classes{};
  for (std::size_t c = 0; c < 0x20; ++c) classes[c] = byte_class::forbidden;
  classes['\n'] = byte_class::fine;
  classes['\t'] = byte_class::fine;
  classes[0x7F] = byte_class::forbidden;
  classes[0xC2] = byte_class::lead_c2;
  classes[0xE2] = byte_class::lead_e2;
  return classes;
}

constexpr std::array<byte_class, 256> classes = make_classes();

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0;
}

bool is_bidi_control(std::uint8_t second, std::uint8_t third) {
  return (second == 0x80 && third >= 0xAA && third <= 0xAE) ||
         (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

}  // namespace

bool has_forbidden_character(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    switch (classes[byte_at(utf8, i)]) {
      case byte_class::fine: break;
      case byte_class::forbidden: return true;
      case byte_class::lead_c2:
        if (byte_at(utf8, i + 1) < 0xA0) return true;
        break;
      case byte_class::lead_e2:
        if (is_bidi_control(byte_at(utf8, i + 1), byte_at(utf8, i + 2))) return true;
        break;
    }
  }
  return false;
}

bool begins_with_utf8(std::string_view bytes) {
  // The table of well-formed sequences of the Unicode standard (3-7): what the second byte may be
  // depends on the first; all later ones are continuation bytes.
  const std::uint8_t lead = byte_at(bytes, 0);
  const std::uint8_t second = byte_at(bytes, 1);
  const auto continues = [&](std::size_t at) { return (byte_at(bytes, at) & 0xC0U) == 0x80; };
  if (lead < 0x80) return !bytes.empty();
  if (lead < 0xC2 || lead > 0xF4) return false;
  if (!continues(1)) return false;
  if (lead < 0xE0) return true;
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return false;
  if (!continues(2)) return false;
  if (lead < 0xF0) return true;
  if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return false;
  return continues(3);
}

}  // namespace hotline::json
