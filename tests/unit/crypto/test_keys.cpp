#include "tests/unit/crypto/test_keys.hpp"

#include <string>

namespace hotline::crypto {

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

std::string secret_made_of(unsigned seed) {
  std::string bytes;
  for (unsigned i = 0; i < secret_bytes; ++i)
    bytes += static_cast<char>((seed * 7U + i * 5U) & 0xFFU);
  return bytes;
}

std::shared_ptr<const key_ring> test_ring(std::initializer_list<test_key> keys) {
  auto ring = std::make_shared<key_ring>();
  for (const test_key& key : keys)
    ring->keys.push_back({.id = key.id,
                          .suite = key.suite,
                          .active = key.active,
                          .value = secret(secret_made_of(key.id))});
  ring->index_suite = v1::HASH_SUITE_SHA_256;
  ring->index_key = secret(secret_made_of(1000));
  ring->signing_seed = secret(secret_made_of(2000));
  return ring;
}

}  // namespace hotline::crypto
