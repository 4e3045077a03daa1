// Keys for tests: the same every time, and worth nothing.
#pragma once

#include <memory>
#include <string>

#include "common/crypto/key_ring.hpp"
#include "common/store/personal_vault.hpp"

namespace hotline::test {

inline std::shared_ptr<const crypto::key_ring> test_keys() {
  auto ring = std::make_shared<crypto::key_ring>();
  auto secret = [](char fill) { return crypto::secret(std::string(crypto::secret_bytes, fill)); };
  crypto::field_key key;
  key.id = 1;
  key.suite = v1::CIPHER_SUITE_AES_256_GCM;
  key.active = true;
  key.value = secret('k');
  ring->keys.push_back(std::move(key));
  ring->index_suite = v1::HASH_SUITE_SHA_256;
  ring->index_key = secret('i');
  ring->signing_seed = secret('s');
  return ring;
}

inline store::key_source keys_for_tests() {
  return [kept = test_keys()] { return kept; };
}

}  // namespace hotline::test
