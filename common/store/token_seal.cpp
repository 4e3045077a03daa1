#include "common/store/token_seal.hpp"

#include <fmt/core.h>

#include "common/crypto/digest.hpp"

namespace hotline::store {
namespace {

constexpr std::size_t token_bytes_max = 400;

std::string hmac(std::string_view key, std::string_view text) {
  crypto::keyed_hash hash(v1::HASH_SUITE_SHA_256, key);
  return std::string(crypto::as_bytes(hash.of(text)));
}

}  // namespace

token_seal::token_seal(const key_source& keys, std::string_view purpose)
    : key_(hmac(keys()->index_key.bytes(), fmt::format("{}\n", purpose))) {}

std::string token_seal::signature_of(std::string_view text) const {
  return crypto::to_hex(hmac(key_.bytes(), text));
}

std::string token_seal::seal(std::string_view text) const {
  return fmt::format("{}.{}", text, signature_of(text));
}

std::optional<std::string_view> token_seal::open(std::string_view token) const {
  const auto end = token.rfind('.');
  if (end == token.npos || token.size() > token_bytes_max) return std::nullopt;
  const auto text = token.substr(0, end);
  const auto expected = signature_of(text);
  const auto given = token.substr(end + 1);
  if (given.size() != expected.size() || !crypto::equal_in_constant_time(given, expected))
    return std::nullopt;
  return text;
}

}  // namespace hotline::store
