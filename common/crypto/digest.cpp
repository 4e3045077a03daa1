#include "common/crypto/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <utility>

#include "common/base/assert.hpp"

namespace hotline::crypto {
namespace {

const char* name_of(v1::HashSuite suite) { return suite == v1::HASH_SUITE_SM3 ? "SM3" : "SHA256"; }

/// Looked up once: the search by name costs as much as hashing a ticket.
const EVP_MD* algorithm_of(v1::HashSuite suite) {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sm3 = EVP_MD_fetch(nullptr, "SM3", nullptr);
  const EVP_MD* found = suite == v1::HASH_SUITE_SM3 ? sm3 : sha256;
  HL_ASSERT(found != nullptr, "OpenSSL has SHA-256 and SM3");
  return found;
}

EVP_MD_CTX* md(void* context) { return static_cast<EVP_MD_CTX*>(context); }
EVP_MAC_CTX* mac(void* context) { return static_cast<EVP_MAC_CTX*>(context); }

}  // namespace

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

digest::digest(v1::HashSuite suite) : algorithm_(algorithm_of(suite)), context_(EVP_MD_CTX_new()) {
  HL_ASSERT(context_ != nullptr, "memory for a hash");
}

digest::~digest() { EVP_MD_CTX_free(md(context_)); }

digest::digest(digest&& other) noexcept
    : algorithm_(other.algorithm_),
      context_(std::exchange(other.context_, nullptr)),
      begun_(std::exchange(other.begun_, false)) {}

void digest::begin() {
  if (begun_) return;
  const int done =
      EVP_DigestInit_ex2(md(context_), static_cast<const EVP_MD*>(algorithm_), nullptr);
  HL_ASSERT(done == 1, "hashing memory cannot fail");
  begun_ = true;
}

void digest::add(std::string_view bytes) {
  begin();
  const int done = EVP_DigestUpdate(md(context_), bytes.data(), bytes.size());
  HL_ASSERT(done == 1, "hashing memory cannot fail");
}

hash_value digest::finish() {
  begin();
  hash_value value;
  const int done = EVP_DigestFinal_ex(md(context_), value.data(), nullptr);
  HL_ASSERT(done == 1, "hashing memory cannot fail");
  begun_ = false;
  return value;
}

hash_value digest::of(std::string_view bytes) {
  HL_ASSERT(!begun_, "one value at a time");
  add(bytes);
  return finish();
}

keyed_hash::keyed_hash(v1::HashSuite suite, std::string_view key) {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  context_ = EVP_MAC_CTX_new(hmac);
  HL_ASSERT(context_ != nullptr, "memory for an HMAC");
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(name_of(suite)), 0),
      OSSL_PARAM_construct_end()};
  const int done = EVP_MAC_init(mac(context_), reinterpret_cast<const unsigned char*>(key.data()),
                                key.size(), parameters);
  HL_ASSERT(done == 1, "a key for an HMAC");
  begun_ = true;
}

keyed_hash::~keyed_hash() { EVP_MAC_CTX_free(mac(context_)); }

keyed_hash::keyed_hash(keyed_hash&& other) noexcept
    : context_(std::exchange(other.context_, nullptr)), begun_(other.begun_) {}

void keyed_hash::add(std::string_view bytes) {
  // Without a key the context starts over with the one it has.
  if (!begun_)
    HL_ASSERT(EVP_MAC_init(mac(context_), nullptr, 0, nullptr) == 1, "an HMAC starts over");
  begun_ = true;
  const int done = EVP_MAC_update(
      mac(context_), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  HL_ASSERT(done == 1, "an HMAC of memory cannot fail");
}

hash_value keyed_hash::finish() {
  add({});
  hash_value value;
  std::size_t size = 0;
  const int done = EVP_MAC_final(mac(context_), value.data(), &size, value.size());
  HL_ASSERT(done == 1 && size == value.size(), "an HMAC of memory cannot fail");
  begun_ = false;
  return value;
}

hash_value keyed_hash::of(std::string_view bytes) {
  add(bytes);
  return finish();
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace hotline::crypto
