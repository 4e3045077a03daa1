// Key rings with known secrets, and hexadecimal text as bytes.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "common/crypto/key_ring.hpp"

namespace hotline::crypto {

/// "00ff" -> two bytes.
std::string from_hex(std::string_view text);

/// 32 different bytes made from `seed`.
std::string secret_made_of(unsigned seed);

struct test_key {
  std::uint16_t id;
  v1::CipherSuite suite;
  bool active = true;
};

/// The secret of each key is secret_made_of(id), that of the index secret_made_of(1000).
std::shared_ptr<const key_ring> test_ring(std::initializer_list<test_key> keys);

}  // namespace hotline::crypto
