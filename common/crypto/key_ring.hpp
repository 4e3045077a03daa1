// The keys of a key file, checked and decoded. Immutable; shared by all threads and swapped as a
// whole when keys are rotated.
#pragma once

#include <cstdint>
#include <vector>

#include "common/crypto/secret.hpp"
#include "hotline/v1/keys.pb.h"

namespace hotline::crypto {

inline constexpr std::size_t secret_bytes = 32;

struct field_key {
  std::uint16_t id = 0;
  v1::CipherSuite suite = v1::CIPHER_SUITE_UNSPECIFIED;
  bool active = false;
  secret value;
};

struct key_ring {
  std::vector<field_key> keys;  ///< exactly one is active
  v1::HashSuite index_suite = v1::HASH_SUITE_UNSPECIFIED;
  secret index_key;
  secret signing_seed;
};

}  // namespace hotline::crypto
