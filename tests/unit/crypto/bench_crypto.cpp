// What one operation costs, in nanoseconds.
#include <fmt/core.h>

#include <chrono>
#include <functional>
#include <string>

#include "common/crypto/digest.hpp"
#include "common/crypto/field_sealer.hpp"
#include "common/crypto/signature.hpp"
#include "tests/unit/crypto/test_keys.hpp"

namespace {

using namespace hotline;

void measure(const char* what, int times, const std::function<void()>& one) {
  for (int i = 0; i < times / 10; ++i) one();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) one();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  fmt::print("{:40} {:8.0f} ns\n", what, took.count() / times);
}

}  // namespace

int main() {
  const std::string no = "3708-20261123-00042";
  const std::string path = "intake.caller.phone";
  const std::string phone = "13805310001";
  const std::string event(600, 'e');
  std::size_t kept = 0;
  for (const auto suite : {v1::CIPHER_SUITE_AES_256_GCM, v1::CIPHER_SUITE_SM4_CTR_HMAC_SM3}) {
    crypto::field_sealer sealer(crypto::test_ring({{1, suite}}));
    const std::string token = sealer.seal(no, path, phone);
    fmt::print("{}\n", v1::CipherSuite_Name(suite));
    measure("  seal 11 bytes", 200'000, [&] { kept += sealer.seal(no, path, phone).size(); });
    measure("  open", 200'000, [&] { kept += sealer.open(no, path, token)->size(); });
    measure("  blind index", 200'000, [&] { kept += sealer.blind_index(phone).size(); });
  }
  for (const auto suite : {v1::HASH_SUITE_SHA_256, v1::HASH_SUITE_SM3}) {
    crypto::digest hash(suite);
    measure((v1::HashSuite_Name(suite) + " of 600 bytes").c_str(), 200'000,
            [&] { kept += hash.of(event)[0]; });
  }
  const crypto::signing_key key(crypto::secret_made_of(1));
  measure("Ed25519 sign", 5'000, [&] { kept += key.sign(event).size(); });
  return kept == 0 ? 1 : 0;
}
