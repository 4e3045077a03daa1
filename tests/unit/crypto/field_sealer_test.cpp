#include "common/crypto/field_sealer.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <set>

#include "common/base/base64.hpp"
#include "common/crypto/digest.hpp"
#include "tests/unit/crypto/test_keys.hpp"

namespace hotline::crypto {
namespace {

constexpr auto aes = v1::CIPHER_SUITE_AES_256_GCM;
constexpr auto sm4 = v1::CIPHER_SUITE_SM4_CTR_HMAC_SM3;
constexpr std::string_view no = "3708-20261123-00042";
constexpr std::string_view path = "intake.caller.phone";

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// The ciphers of OpenSSL called step by step, to check the layout of a token independently.
std::string decrypted(const EVP_CIPHER* cipher, std::string_view key, std::string_view iv,
                      std::string_view bound_to, std::string_view text, std::string tag) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_DecryptInit_ex(context, cipher, nullptr, raw(key), raw(iv));
  int written = 0;
  if (!tag.empty()) {
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data());
    EVP_DecryptUpdate(context, nullptr, &written, raw(bound_to), static_cast<int>(bound_to.size()));
  }
  std::string plain(text.size() + 16, '\0');
  auto* out = reinterpret_cast<unsigned char*>(plain.data());
  EVP_DecryptUpdate(context, out, &written, raw(text), static_cast<int>(text.size()));
  plain.resize(static_cast<std::size_t>(written));
  unsigned char rest[16];
  CHECK(EVP_DecryptFinal_ex(context, rest, &written) == 1);
  EVP_CIPHER_CTX_free(context);
  return plain;
}

TEST_CASE("what is sealed opens again, in its place only") {
  for (const auto suite : {aes, sm4}) {
    field_sealer sealer(test_ring({{7, suite}}));
    for (const std::string& plain :
         {std::string("13805310001"), std::string(), std::string(4000, 'x'), std::string("赵师傅"),
          std::string("\0~*", 3)}) {
      const std::string token = sealer.seal(no, path, plain);
      CHECK(is_sealed(token));
      CHECK_FALSE(is_sealed(plain));
      REQUIRE(sealer.open(no, path, token).has_value());
      CHECK(sealer.open(no, path, token).value() == plain);
      CHECK(sealer.open("3708-20261123-00043", path, token).error().code == errc::corrupt_data);
      CHECK(sealer.open(no, "intake.caller.name", token).error().code == errc::corrupt_data);
      CHECK(sealer.open("", "3708-20261123-00042|intake.caller.phone", token).error().code ==
            errc::corrupt_data);
    }
  }
}

TEST_CASE("a bit changed anywhere is found") {
  for (const auto suite : {aes, sm4}) {
    // The keys next to 7 exist, so that a changed key id leads to a key.
    field_sealer sealer(
        test_ring({{7, suite}, {6, suite, false}, {5, suite, false}, {3, suite, false}}));
    const auto bytes = read_base64url(sealer.seal(no, path, "13805310001").substr(1));
    REQUIRE(bytes.has_value());
    for (std::size_t bit = 0; bit < bytes->size() * 8; ++bit) {
      std::string flipped = *bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      std::string token = "~";
      append_base64url(token, flipped);
      CHECK_FALSE(sealer.open(no, path, token).has_value());
    }
    for (std::size_t size = 0; size < bytes->size(); ++size) {
      std::string token = "~";
      append_base64url(token, bytes->substr(0, size));
      CHECK_FALSE(sealer.open(no, path, token).has_value());
    }
  }
}

TEST_CASE("text that is no token is refused") {
  field_sealer sealer(test_ring({{7, aes}}));
  for (const char* wrong : {"", "~", "13805310001", "~!!!!", "~AAcA", "~AA=="})
    CHECK(sealer.open(no, path, wrong).error().code == errc::corrupt_data);
}

TEST_CASE("rotation: the old key opens, the new one seals, a missing one is named") {
  field_sealer old(test_ring({{1, aes}}));
  const std::string before = old.seal(no, path, "13805310001");
  field_sealer sealer(test_ring({{1, aes, false}, {2, sm4}}));
  CHECK(sealer.open(no, path, before).value() == "13805310001");
  const std::string after = sealer.seal(no, path, "13805310001");
  CHECK(sealer.open(no, path, after).value() == "13805310001");
  const auto unknown = old.open(no, path, after);
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().code == errc::misconfigured);
  CHECK(unknown.error().detail.find("key 2") != std::string::npos);
  old.use(test_ring({{2, sm4}, {1, aes, false}}));
  CHECK(old.open(no, path, after).value() == "13805310001");
  CHECK(old.open(no, path, before).value() == "13805310001");
}

TEST_CASE("nonces do not repeat over many batches, and equal texts give different tokens") {
  field_sealer sealer(test_ring({{1, aes}}));
  std::set<std::string> tokens;
  for (int i = 0; i < 5000; ++i) tokens.insert(sealer.seal(no, path, "1").substr(0, 19));
  CHECK(tokens.size() == 5000);
}

TEST_CASE("the layout of an AES-256-GCM token") {
  field_sealer sealer(test_ring({{0x0102, aes}}));
  const std::string token = sealer.seal(no, path, "13805310001");
  CHECK(token.size() == 1 + (2 + 12 + 11 + 16) * 4 / 3 + 1);
  const std::string bytes = read_base64url(token.substr(1)).value();
  CHECK(bytes.substr(0, 2) == "\x01\x02");
  CHECK(decrypted(EVP_aes_256_gcm(), secret_made_of(0x0102), bytes.substr(2, 12),
                  "3708-20261123-00042|intake.caller.phone", bytes.substr(14, 11),
                  bytes.substr(25)) == "13805310001");
}

TEST_CASE("the layout of an SM4-CTR token with HMAC-SM3") {
  field_sealer sealer(test_ring({{9, sm4}}));
  const std::string bytes = read_base64url(sealer.seal(no, path, "13805310001").substr(1)).value();
  keyed_hash derive(v1::HASH_SUITE_SM3, secret_made_of(9));
  const std::string key(as_bytes(derive.of("hotline field SM4-CTR")).substr(0, 16));
  const std::string mac_key(as_bytes(derive.of("hotline field HMAC-SM3")));
  CHECK(decrypted(EVP_sm4_ctr(), key, bytes.substr(2, 12) + std::string(4, '\0'), "",
                  bytes.substr(14, 11), "") == "13805310001");
  const std::string bound_to = "3708-20261123-00042|intake.caller.phone";
  const std::string lengths = std::string("\x0b\0\0\0\0\0\0\0", 8) +
                              static_cast<char>(bound_to.size()) + std::string(7, '\0');
  const auto mac =
      keyed_hash(v1::HASH_SUITE_SM3, mac_key).of(bytes.substr(0, 25) + bound_to + lengths);
  CHECK(bytes.substr(25) == as_bytes(mac).substr(0, 16));
}

TEST_CASE("SM4 is the standard's") {
  // GB/T 32907-2016, appendix A.1: counter mode turns the block into the key stream of zeros.
  const std::string block = from_hex("0123456789abcdeffedcba9876543210");
  CHECK(to_hex(decrypted(EVP_sm4_ctr(), block, block, "", std::string(16, '\0'), "")) ==
        "681edf34d206965e86b3e94f536e4246");
}

TEST_CASE("the blind index knows a number by its digits and tells nothing else") {
  field_sealer one(test_ring({{1, aes}}));
  field_sealer other(test_ring({{2, sm4}}));
  const std::string name = one.blind_index("053187654321");
  CHECK(name.size() == 14);
  CHECK(one.blind_index("0531-87654321") == name);
  CHECK(other.blind_index("0531 8765 4321") == name);  // the index key is the same
  CHECK(one.blind_index("053187654322") != name);
  const auto mac = keyed_hash(v1::HASH_SUITE_SHA_256, secret_made_of(1000)).of("053187654321");
  CHECK(read_base64url(name) == as_bytes(mac).substr(0, 10));
}

TEST_CASE("a fingerprint is of the text and the key, and outlives a rotation") {
  field_sealer sealer(test_ring({{7, aes}}));
  const std::string print = sealer.fingerprint("13805310001");
  CHECK(print.size() == hash_bytes);
  CHECK(sealer.fingerprint("13805310001") == print);
  CHECK(sealer.fingerprint("13805310002") != print);
  CHECK(print != as_bytes(digest(v1::HASH_SUITE_SHA_256).of("13805310001")));
  CHECK(print != as_bytes(digest(v1::HASH_SUITE_SM3).of("13805310001")));
  // It is no longer form of the blind index either.
  std::string name;
  append_base64url(name, std::string_view(print).substr(0, 10));
  CHECK(name != sealer.blind_index("13805310001"));
  sealer.use(test_ring({{7, aes, false}, {8, aes}}));
  CHECK(sealer.fingerprint("13805310001") == print);
  auto other = std::make_shared<key_ring>();
  other->keys.push_back({7, aes, true, secret(secret_made_of(7))});
  other->index_suite = v1::HASH_SUITE_SHA_256;
  other->index_key = secret(secret_made_of(1001));
  CHECK(field_sealer(other).fingerprint("13805310001") != print);
}

}  // namespace
}  // namespace hotline::crypto
