#include "common/crypto/signature.hpp"

#include <sodium.h>

#include "common/base/assert.hpp"

namespace hotline::crypto {
namespace {

static_assert(signing_seed_bytes == crypto_sign_SEEDBYTES);
static_assert(signature_bytes == crypto_sign_BYTES);
static_assert(public_key_bytes == crypto_sign_PUBLICKEYBYTES);

unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// libsodium chooses its implementation for this processor once; any number of calls is fine.
void prepare() { HL_ASSERT(sodium_init() >= 0, "libsodium starts"); }

}  // namespace

signing_key::signing_key(std::string_view seed) {
  HL_ASSERT(seed.size() == signing_seed_bytes, "an Ed25519 seed has 32 bytes");
  prepare();
  std::string expanded(crypto_sign_SECRETKEYBYTES, '\0');
  public_key_.assign(public_key_bytes, '\0');
  crypto_sign_seed_keypair(raw(public_key_), raw(expanded), raw(seed));
  expanded_ = secret(std::move(expanded));
}

std::string signing_key::sign(std::string_view text) const {
  std::string signature(signature_bytes, '\0');
  crypto_sign_detached(raw(signature), nullptr, raw(text), text.size(), raw(expanded_.bytes()));
  return signature;
}

bool verify(std::string_view public_key, std::string_view text, std::string_view signature) {
  if (public_key.size() != public_key_bytes || signature.size() != signature_bytes) return false;
  prepare();
  return crypto_sign_verify_detached(raw(signature), raw(text), text.size(), raw(public_key)) == 0;
}

}  // namespace hotline::crypto
