#include "common/store/digest.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "common/base/assert.hpp"

namespace hotline::store {

std::string sha256(std::string_view bytes) {
  // Looked up once: by name, as SHA256() does it, costs as much as hashing a ticket.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  HL_ASSERT(algorithm != nullptr, "OpenSSL has SHA-256");
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 nullptr, algorithm, nullptr);
  HL_ASSERT(done == 1, "hashing memory cannot fail");
  return digest;
}

std::string random_id() {
  unsigned char bytes[16];
  HL_ASSERT(RAND_bytes(bytes, sizeof bytes) == 1, "no random numbers");
  return to_hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

}  // namespace hotline::store
