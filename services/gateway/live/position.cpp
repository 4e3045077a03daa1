#include "services/gateway/live/position.hpp"

#include <charconv>

#include "common/domain/ticket_no.hpp"
#include "common/json/base64.hpp"

namespace hotline::gateway::live {
namespace {

constexpr std::size_t text_bytes_max = 4096;
constexpr char form = '\1';  // the first byte: how the rest is to be read

void append_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>((number & 0x7f) | 0x80));
  out.push_back(static_cast<char>(number));
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return number;
  }
  return std::nullopt;
}

}  // namespace

std::string format_position(const position& at) {
  std::string bytes(1, form);
  for (const auto& [shard, id] : at) {
    unsigned number = 0;
    std::from_chars(shard.data(), shard.data() + shard.size(), number);
    append_varint(bytes, number);
    append_varint(bytes, id.ms);
    append_varint(bytes, id.sequence);
  }
  std::string text;
  json::append_base64(text, bytes);
  return text;
}

std::optional<position> parse_position(std::string_view text) {
  if (text.size() > text_bytes_max) return std::nullopt;
  const auto bytes = json::read_base64(text);
  if (!bytes || bytes->empty() || bytes->front() != form) return std::nullopt;
  position at;
  for (std::string_view rest = std::string_view(*bytes).substr(1); !rest.empty();) {
    const auto number = take_varint(rest);
    const auto ms = take_varint(rest);
    const auto sequence = take_varint(rest);
    if (!number || *number > 9999 || !ms || !sequence) return std::nullopt;
    const std::string digits = std::to_string(10'000 + *number).substr(1);
    if (!at.emplace(digits, store::stream_id{*ms, *sequence}).second) return std::nullopt;
  }
  // One text for each place: no tricks with longer spellings of a number.
  if (format_position(at) != text) return std::nullopt;
  return at;
}

}  // namespace hotline::gateway::live
