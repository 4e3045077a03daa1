#include "services/gateway/live/position.hpp"

#include <charconv>

#include "common/domain/ticket_no.hpp"

namespace hotline::gateway::live {
namespace {

constexpr std::string_view purpose = "position";
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

std::string pack_position(const position& at) {
  std::string bytes(1, form);
  for (const auto& [shard, id] : at) {
    unsigned number = 0;
    std::from_chars(shard.data(), shard.data() + shard.size(), number);
    append_varint(bytes, number);
    append_varint(bytes, id.ms);
    append_varint(bytes, id.sequence);
  }
  return bytes;
}

std::optional<position> unpack_position(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != form) return std::nullopt;
  position at;
  for (std::string_view rest = bytes.substr(1); !rest.empty();) {
    const auto number = take_varint(rest);
    const auto ms = take_varint(rest);
    const auto sequence = take_varint(rest);
    if (!number || *number > 9999 || !ms || !sequence) return std::nullopt;
    const std::string digits = std::to_string(10'000 + *number).substr(1);
    if (!at.emplace(digits, store::stream_id{*ms, *sequence}).second) return std::nullopt;
  }
  // One form for each place: no tricks with longer spellings of a number.
  if (pack_position(at) != bytes) return std::nullopt;
  return at;
}

std::string seal_position(const cursor_seal& seal, const position& at) {
  return seal.seal_bytes(pack_position(at), purpose);
}

std::optional<position> open_position(const cursor_seal& seal, std::string_view text) {
  const auto bytes = seal.open_bytes(text, purpose);
  return bytes ? unpack_position(*bytes) : std::nullopt;
}

}  // namespace hotline::gateway::live
