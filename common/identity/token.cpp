#include "common/identity/token.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "common/base/assert.hpp"

namespace hotline::identity {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t token_characters = 43;

void require_sodium() {
  // Safe to call again and from several threads; negative only when there is no random source.
  HL_ASSERT(sodium_init() >= 0, "libsodium cannot work here");
}

char pick(std::string_view from) {
  return from[randombytes_uniform(static_cast<std::uint32_t>(from.size()))];
}

}  // namespace

std::string new_token() {
  require_sodium();
  std::array<unsigned char, token_bytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string text(token_characters + 1, '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();
  sodium_memzero(bytes.data(), bytes.size());
  return text;
}

std::string session_id_of(std::string_view token) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  if (token.size() != token_characters || !std::ranges::all_of(token, fits)) return {};
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()),
                     token.size());
  std::string hex(2 * hash.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

bool is_session_id(std::string_view text) {
  return text.size() == 2 * crypto_hash_sha256_BYTES && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string new_password(std::size_t characters) {
  require_sodium();
  constexpr std::array<std::string_view, 4> classes{
      "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_.+=@%?"};
  HL_ASSERT(characters >= 2 * classes.size(), "a made password has some length");
  std::string text;
  for (const auto one : classes) text.push_back(pick(one));
  while (text.size() < characters) text.push_back(pick(classes[randombytes_uniform(3)]));
  // The places of the first four are no secret to be told by their order.
  for (std::size_t i = text.size() - 1; i > 0; --i) {
    std::swap(text[i], text[randombytes_uniform(static_cast<std::uint32_t>(i + 1))]);
  }
  return text;
}

}  // namespace hotline::identity
