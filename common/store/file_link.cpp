#include "common/store/file_link.hpp"

#include <fmt/core.h>

#include <array>

#include "common/crypto/digest.hpp"
#include "common/store/stored_number.hpp"

namespace hotline::store {
namespace {

constexpr std::size_t token_bytes_max = 400;

std::string hmac(std::string_view key, std::string_view text) {
  crypto::keyed_hash hash(v1::HASH_SUITE_SHA_256, key);
  return std::string(crypto::as_bytes(hash.of(text)));
}

/// What is signed, and stands before the signature.
std::string text_of(const file_link& link) {
  return fmt::format("{}.{}.{}.{}", to_unix_ms(link.until) / 1000, link.partner, link.ticket_no,
                     link.sha256);
}

}  // namespace

file_links::file_links(const key_source& keys)
    : key_(hmac(keys()->index_key.bytes(), "addresses of files\n")) {}

std::string file_links::seal_of(std::string_view text) const {
  return crypto::to_hex(hmac(key_.bytes(), text));
}

std::string file_links::token_of(const file_link& link) const {
  const auto text = text_of(link);
  return text + "." + seal_of(text);
}

std::optional<file_link> file_links::read(std::string_view token, instant now) const {
  const auto end = token.rfind('.');
  if (end == token.npos || token.size() > token_bytes_max) return std::nullopt;
  const auto text = token.substr(0, end);
  const auto expected = seal_of(text);
  const auto given = token.substr(end + 1);
  if (given.size() != expected.size() || !crypto::equal_in_constant_time(given, expected))
    return std::nullopt;
  std::array<std::string_view, 4> parts;
  std::string_view rest = text;
  for (auto& part : parts) {
    const auto dot = rest.find('.');
    part = rest.substr(0, dot);
    rest = dot == rest.npos ? std::string_view() : rest.substr(dot + 1);
  }
  file_link link{std::string(parts[1]), std::string(parts[2]), std::string(parts[3]),
                 from_unix_ms(whole_number(parts[0]) * 1000)};
  if (text_of(link) != text || now >= link.until) return std::nullopt;
  return link;
}

}  // namespace hotline::store
