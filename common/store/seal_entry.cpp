#include "common/store/seal_entry.hpp"

#include <fmt/core.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <charconv>
#include <chrono>

#include "common/base/assert.hpp"
#include "common/domain/ticket_no.hpp"
#include "hotline/v1/event.pb.h"

namespace hotline::store {
namespace {

namespace pb = google::protobuf;

constexpr char format_number = 1;
constexpr std::size_t fixed_bytes = 3;
/// More items than this are damage, not an entry.
constexpr std::uint64_t items_max = 1'000'000;
/// 0000-01-01 to 9999-12-31, since 1970.
constexpr std::int64_t day_min = -719'528;
constexpr std::int64_t day_max = 2'932'896;

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80U) {
    out += static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

void append_zigzag(std::string& out, std::int64_t value) {
  append_varint(out, static_cast<std::uint64_t>(value) << 1U ^
                         static_cast<std::uint64_t>(value < 0 ? -1 : 0));
}

/// Reads what the functions above write; shortest form only, so that each value has one encoding.
class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : left_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte >= 0x80U) continue;
      if (byte == 0 && shift > 0) break;
      return value;
    }
    good_ = false;
    return 0;
  }
  /// A count: at most 2^62, so that sums of two cannot overflow.
  std::int64_t whole() {
    const std::uint64_t value = varint();
    if (value >> 62U != 0) good_ = false;
    return good_ ? static_cast<std::int64_t>(value) : 0;
  }
  std::int64_t zigzag() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1U ^ (0 - (value & 1U)));
  }
  crypto::hash_value hash() {
    crypto::hash_value value{};
    if (left_.size() < value.size()) {
      good_ = false;
      return value;
    }
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<unsigned char>(left_[i]);
    left_.remove_prefix(value.size());
    return value;
  }
  bool good() const { return good_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
  bool good_ = true;
};

bool read_items(byte_reader& in, std::uint64_t count, seal_entry& entry) {
  std::int64_t day = 0;
  std::uint64_t ms = entry.first.ms;
  for (std::uint64_t i = 0; i < count && in.good(); ++i) {
    sealed_item item;
    if (entry.kind == sealed_kind::ticket_events) {
      const std::int64_t step = in.zigzag();
      if (step < day_min - day_max || step > day_max - day_min) return false;
      day += step;
      const std::uint64_t serial = in.varint();
      if (day < day_min || day > day_max || serial > domain::ticket_serial_max) return false;
      item.day = static_cast<std::int32_t>(day);
      item.serial = static_cast<std::uint32_t>(serial);
      item.version = in.whole();
      // Either the place of an event, or none at all.
      if ((item.version == 0) != (item.serial == 0)) return false;
    } else {
      ms += in.varint();
      item.id = {ms, in.varint()};
    }
    item.hash = in.hash();
    entry.items.push_back(item);
  }
  return in.good() && in.at_end();
}

bool is_consistent(const seal_entry& entry) {
  if (entry.number < 1 || entry.items.empty() || entry.last < entry.first) return false;
  if (entry.total < static_cast<std::int64_t>(entry.items.size())) return false;
  if (entry.kind == sealed_kind::ticket_events) return true;
  return entry.items.front().id == entry.first && entry.items.back().id == entry.last;
}

}  // namespace

std::string format_place(const stream_place& place) {
  return fmt::format("{}-{}", place.ms, place.sequence);
}

std::optional<stream_place> parse_place(std::string_view text) {
  stream_place place;
  const char* const end = text.data() + text.size();
  const auto ms = std::from_chars(text.data(), end, place.ms);
  if (ms.ec != std::errc() || ms.ptr == end || *ms.ptr != '-') return std::nullopt;
  const auto sequence = std::from_chars(ms.ptr + 1, end, place.sequence);
  if (sequence.ec != std::errc() || sequence.ptr != end) return std::nullopt;
  return place;
}

std::string ticket_no_of(std::string_view shard, const sealed_item& item) {
  if (item.version == 0) return {};
  return domain::format_ticket_no(
      {std::string(shard), std::chrono::sys_days(std::chrono::days(item.day)), item.serial});
}

std::string encode_seal(const seal_entry& entry) {
  HL_ASSERT(is_consistent(entry), "a seal of something");
  std::string body;
  body.reserve(64 + entry.items.size() * 48);
  body += format_number;
  body += static_cast<char>(entry.suite);
  body += static_cast<char>(entry.kind);
  append_varint(body, static_cast<std::uint64_t>(entry.number));
  append_zigzag(body, to_unix_ms(entry.at));
  append_varint(body, entry.first.ms);
  append_varint(body, entry.first.sequence);
  append_varint(body, entry.last.ms - entry.first.ms);
  append_varint(body, entry.last.sequence);
  append_varint(body, static_cast<std::uint64_t>(entry.total));
  append_varint(body, entry.items.size());
  std::int64_t day = 0;
  std::uint64_t ms = entry.first.ms;
  for (const sealed_item& item : entry.items) {
    if (entry.kind == sealed_kind::ticket_events) {
      append_zigzag(body, item.day - day);
      append_varint(body, item.serial);
      append_varint(body, static_cast<std::uint64_t>(item.version));
      day = item.day;
    } else {
      append_varint(body, item.id.ms - ms);
      append_varint(body, item.id.sequence);
      ms = item.id.ms;
    }
    body.append(crypto::as_bytes(item.hash));
  }
  return body;
}

result<seal_entry> decode_seal(std::string_view body) {
  const auto broken = [] { return fail(errc::corrupt_data, "not an entry of an audit chain"); };
  if (body.size() < fixed_bytes || body[0] != format_number) return broken();
  seal_entry entry;
  if (body[1] != v1::HASH_SUITE_SHA_256 && body[1] != v1::HASH_SUITE_SM3) return broken();
  entry.suite = static_cast<v1::HashSuite>(body[1]);
  if (body[2] < 0 || body[2] > 1) return broken();
  entry.kind = static_cast<sealed_kind>(body[2]);
  byte_reader in(body.substr(fixed_bytes));
  entry.number = in.whole();
  entry.at = from_unix_ms(in.zigzag());
  entry.first = {in.varint(), in.varint()};
  entry.last.ms = entry.first.ms + in.varint();
  entry.last.sequence = in.varint();
  entry.total = in.whole();
  const std::uint64_t count = in.varint();
  if (!in.good() || count > items_max) return broken();
  if (!read_items(in, count, entry) || !is_consistent(entry)) return broken();
  return entry;
}

crypto::hash_value seal_genesis(std::string_view data_set, std::string_view shard) {
  crypto::digest digest(v1::HASH_SUITE_SHA_256);
  return digest.of(fmt::format("hotline audit chain\n{}\n{}\n", data_set, shard));
}

crypto::hash_value seal_hash(crypto::digest& digest, const crypto::hash_value& before,
                             std::string_view body) {
  digest.add(crypto::as_bytes(before));
  digest.add(body);
  return digest.finish();
}

sealed_item place_of_event(std::string_view shard, std::string_view bytes) {
  using lite = pb::internal::WireFormatLite;
  pb::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                              static_cast<int>(bytes.size()));
  std::string no;
  std::uint64_t version = 0;
  // Both stand at the beginning of what protobuf writes; the rest is only looked at without them.
  while (no.empty() || version == 0) {
    const std::uint32_t tag = in.ReadTag();
    if (tag == lite::MakeTag(v1::Event::kTicketNoFieldNumber, lite::WIRETYPE_LENGTH_DELIMITED)) {
      if (!lite::ReadBytes(&in, &no)) return {};
    } else if (tag == lite::MakeTag(v1::Event::kVersionFieldNumber, lite::WIRETYPE_VARINT)) {
      if (!in.ReadVarint64(&version)) return {};
    } else if (tag == 0 || !lite::SkipField(&in, tag)) {
      return {};
    }
  }
  const auto parsed = domain::parse_ticket_no(no);
  if (!parsed || parsed->shard != shard || version >> 62U != 0) return {};
  sealed_item item;
  item.day =
      static_cast<std::int32_t>(std::chrono::sys_days(parsed->date).time_since_epoch().count());
  item.serial = parsed->serial;
  item.version = static_cast<std::int64_t>(version);
  return item;
}

}  // namespace hotline::store
