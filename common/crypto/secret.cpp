#include "common/crypto/secret.hpp"

#include <openssl/crypto.h>

namespace hotline::crypto {

void wipe(std::string& bytes) {
  // The whole capacity: an assignment of something shorter leaves the old bytes behind its end.
  bytes.resize(bytes.capacity());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

secret::~secret() { wipe(bytes_); }

secret::secret(secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }

secret& secret::operator=(secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(bytes_);
  bytes_ = other.bytes_;
  wipe(other.bytes_);
  return *this;
}

}  // namespace hotline::crypto
