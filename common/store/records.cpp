#include "common/store/records.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <fmt/core.h>

#include <charconv>
#include <cmath>

#include "common/base/assert.hpp"
#include "common/store/digest.hpp"

namespace hotline::store {
namespace {

constexpr std::size_t version_bytes = 12;
constexpr std::size_t checksum_bytes = 8;
constexpr std::size_t header_bytes = version_bytes + 2 * checksum_bytes;
constexpr std::size_t fingerprint_bytes = 16;

// Tag of field 2047 with wire type fixed64, as a varint.
constexpr std::string_view event_checksum_tag = "\xF9\x7F";
constexpr std::size_t event_trailer_bytes = event_checksum_tag.size() + checksum_bytes;

std::string checksum(std::string_view bytes) { return sha256(bytes).substr(0, checksum_bytes); }

std::string ticket_checksum(std::string_view no, std::string_view version,
                            std::string_view payload) {
  std::string covered;
  covered.reserve(no.size() + version.size() + payload.size());
  covered.append(no).append(version).append(payload);
  return to_hex(checksum(covered));
}

std::unexpected<failure> corrupt_ticket(std::string_view no, std::string_view what) {
  return fail(errc::corrupt_data, fmt::format("ticket {}: {}", no, what));
}

}  // namespace

std::string encode_ticket(const v1::Ticket& ticket) {
  HL_ASSERT(ticket.version() > 0 && ticket.version() < 10'000'000'000, "version out of range");
  const auto payload = ticket.SerializeAsString();
  auto bytes = fmt::format("T1{:010}", ticket.version());
  bytes.reserve(header_bytes + payload.size());
  bytes += ticket_checksum(ticket.no(), bytes, payload);
  bytes += payload;
  return bytes;
}

result<v1::Ticket> decode_ticket(std::string_view no, std::string_view bytes) {
  if (bytes.size() <= header_bytes || !bytes.starts_with("T1")) {
    return corrupt_ticket(no, "no ticket header");
  }
  const auto version = bytes.substr(0, version_bytes);
  const auto payload = bytes.substr(header_bytes);
  if (bytes.substr(version_bytes, 2 * checksum_bytes) != ticket_checksum(no, version, payload)) {
    return corrupt_ticket(no, "wrong checksum");
  }
  v1::Ticket ticket;
  if (!ticket.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return corrupt_ticket(no, "not a ticket");
  }
  if (ticket.no() != no || fmt::format("T1{:010}", ticket.version()) != version) {
    return corrupt_ticket(no, "number or version differ from its header");
  }
  return ticket;
}

std::string encode_event(const v1::Event& event) {
  auto bytes = event.SerializeAsString();
  const auto sum = checksum(bytes);
  bytes.append(event_checksum_tag).append(sum);
  return bytes;
}

result<v1::Event> decode_event(std::string_view bytes) {
  if (bytes.size() <= event_trailer_bytes) return fail(errc::corrupt_data, "event: too short");
  const auto payload = bytes.substr(0, bytes.size() - event_trailer_bytes);
  const auto trailer = bytes.substr(payload.size());
  if (!trailer.starts_with(event_checksum_tag) ||
      trailer.substr(event_checksum_tag.size()) != checksum(payload)) {
    return fail(errc::corrupt_data, "event: wrong checksum");
  }
  v1::Event event;
  if (!event.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return fail(errc::corrupt_data, "event: not an event");
  }
  return event;
}

// Fields are written in the order of their numbers: text of a number, version, instant, kind.
v1::EventKind peek_event_kind(std::string_view bytes) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  using format = google::protobuf::internal::WireFormatLite;
  constexpr auto text = format::WIRETYPE_LENGTH_DELIMITED;
  constexpr auto number = format::WIRETYPE_VARINT;
  std::uint32_t length = 0;
  std::uint64_t value = 0;
  const auto is_next = [&](int field, format::WireType type) {
    return in.ReadTag() == format::MakeTag(field, type);
  };
  const bool ours = is_next(v1::Event::kTicketNoFieldNumber, text) && in.ReadVarint32(&length) &&
                    in.Skip(static_cast<int>(length)) &&
                    is_next(v1::Event::kVersionFieldNumber, number) && in.ReadVarint64(&value) &&
                    is_next(v1::Event::kAtFieldNumber, number) && in.ReadVarint64(&value) &&
                    is_next(v1::Event::kKindFieldNumber, number) && in.ReadVarint64(&value);
  const auto kind = static_cast<int>(value);
  return ours && v1::EventKind_IsValid(kind) ? static_cast<v1::EventKind>(kind)
                                             : v1::EVENT_KIND_UNSPECIFIED;
}

std::string shorten_fingerprint(std::string_view fingerprint) {
  return sha256(fingerprint).substr(0, fingerprint_bytes);
}

result<idempotency_record> decode_idempotency(std::string_view bytes) {
  idempotency_record record;
  record.fingerprint = bytes.substr(0, fingerprint_bytes);
  const auto answer = bytes.substr(record.fingerprint.size());
  if (record.fingerprint.size() != fingerprint_bytes ||
      !record.answer.ParseFromArray(answer.data(), static_cast<int>(answer.size()))) {
    return fail(errc::corrupt_data, "idempotency record cannot be read");
  }
  return record;
}

std::string format_score(double score) {
  HL_ASSERT(std::isfinite(score), "a score that is no number");
  char text[512];
  const auto end = std::to_chars(text, text + sizeof text, score, std::chars_format::fixed).ptr;
  return {text, end};
}

std::optional<double> parse_score(std::string_view text) {
  double score = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return score;
}

}  // namespace hotline::store
