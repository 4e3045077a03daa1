#include "common/store/people_records.hpp"

#include <fmt/core.h>

#include "common/base/assert.hpp"
#include "common/store/digest.hpp"

namespace hotline::store {
namespace {

constexpr std::size_t version_bytes = 12;
constexpr std::size_t checksum_bytes = 8;
constexpr std::size_t user_header_bytes = version_bytes + 2 * checksum_bytes;
constexpr std::size_t session_header_bytes = 2 + 2 * checksum_bytes;

// Tag of field 2047 with wire type fixed64, as a varint.
constexpr std::string_view checksum_tag = "\xF9\x7F";
constexpr std::size_t trailer_bytes = checksum_tag.size() + checksum_bytes;

std::string checksum(std::string_view bytes) { return sha256(bytes).substr(0, checksum_bytes); }

/// Over the key's name and the bytes: a value under another key is found out.
std::string named_checksum(std::string_view id, std::string_view version,
                           std::string_view payload) {
  std::string covered;
  covered.reserve(id.size() + 1 + version.size() + payload.size());
  covered.append(id).append(1, '\n').append(version).append(payload);
  return to_hex(checksum(covered));
}

template <class Message>
bool parse(Message& message, std::string_view bytes) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

std::string encode_user(const v1::User& user) {
  HL_ASSERT(user.version() > 0 && user.version() < 10'000'000'000, "version out of range");
  const auto payload = user.SerializeAsString();
  auto bytes = fmt::format("U1{:010}", user.version());
  bytes += named_checksum(user.id(), bytes, payload);
  return bytes += payload;
}

result<v1::User> decode_user(std::string_view id, std::string_view bytes) {
  const auto bad = [id](std::string_view what) {
    return fail(errc::corrupt_data, fmt::format("user {}: {}", id, what));
  };
  if (bytes.size() <= user_header_bytes || !bytes.starts_with("U1")) return bad("no header");
  const auto version = bytes.substr(0, version_bytes);
  const auto payload = bytes.substr(user_header_bytes);
  if (bytes.substr(version_bytes, 2 * checksum_bytes) != named_checksum(id, version, payload)) {
    return bad("wrong checksum");
  }
  v1::User user;
  if (!parse(user, payload) || user.id() != id ||
      fmt::format("U1{:010}", user.version()) != version) {
    return bad("id or version differ from its header");
  }
  return user;
}

std::string encode_session(const v1::Session& session) {
  const auto payload = session.SerializeAsString();
  return "S1" + named_checksum(session.id(), "", payload) + payload;
}

result<v1::Session> decode_session(std::string_view id, std::string_view bytes) {
  // The id is the hash of a token: it may be told.
  const auto bad = [id] {
    return fail(errc::corrupt_data, fmt::format("session {}: wrong bytes", id.substr(0, 8)));
  };
  if (bytes.size() <= session_header_bytes || !bytes.starts_with("S1")) return bad();
  const auto payload = bytes.substr(session_header_bytes);
  v1::Session session;
  if (bytes.substr(2, 2 * checksum_bytes) != named_checksum(id, "", payload) ||
      !parse(session, payload) || session.id() != id) {
    return bad();
  }
  return session;
}

std::string encode_audit(const v1::AuditRecord& record) {
  auto bytes = record.SerializeAsString();
  const auto sum = checksum(bytes);
  return bytes.append(checksum_tag).append(sum);
}

result<v1::AuditRecord> decode_audit(std::string_view bytes) {
  const auto bad = [] { return fail(errc::corrupt_data, "audit record: wrong bytes"); };
  if (bytes.size() <= trailer_bytes) return bad();
  const auto payload = bytes.substr(0, bytes.size() - trailer_bytes);
  const auto trailer = bytes.substr(payload.size());
  v1::AuditRecord record;
  if (!trailer.starts_with(checksum_tag) ||
      trailer.substr(checksum_tag.size()) != checksum(payload) || !parse(record, payload)) {
    return bad();
  }
  return record;
}

}  // namespace hotline::store
