// Ed25519 (RFC 8032), for the heads of the audit chains.
#pragma once

#include <string>
#include <string_view>

#include "common/crypto/secret.hpp"

namespace hotline::crypto {

inline constexpr std::size_t signing_seed_bytes = 32;
inline constexpr std::size_t signature_bytes = 64;
inline constexpr std::size_t public_key_bytes = 32;

/// A private key, made from its seed.
class signing_key {
 public:
  /// `seed` has signing_seed_bytes bytes.
  explicit signing_key(std::string_view seed);

  /// signature_bytes raw bytes; the same text always gives the same signature.
  std::string sign(std::string_view text) const;
  /// public_key_bytes raw bytes.
  const std::string& public_key() const { return public_key_; }

 private:
  secret expanded_;
  std::string public_key_;
};

/// False also for keys and signatures of the wrong length.
bool verify(std::string_view public_key, std::string_view text, std::string_view signature);

}  // namespace hotline::crypto
