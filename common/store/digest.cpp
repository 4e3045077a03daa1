#include "common/store/digest.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "common/base/assert.hpp"

namespace hotline::store {

std::string sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

std::string random_id() {
  unsigned char bytes[16];
  HL_ASSERT(RAND_bytes(bytes, sizeof bytes) == 1, "no random numbers");
  return to_hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

}  // namespace hotline::store
