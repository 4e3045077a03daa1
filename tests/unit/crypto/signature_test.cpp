#include "common/crypto/signature.hpp"

#include <doctest/doctest.h>

#include "common/crypto/digest.hpp"
#include "tests/unit/crypto/test_keys.hpp"

namespace hotline::crypto {
namespace {

struct vector {
  const char* seed;
  const char* public_key;
  const char* text;
  const char* signature;
};

// RFC 8032, 7.1, tests 1 and 2.
constexpr vector vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
};

TEST_CASE("Ed25519 gives the values of RFC 8032") {
  for (const vector& one : vectors) {
    const signing_key key(from_hex(one.seed));
    const std::string text = from_hex(one.text);
    CHECK(to_hex(key.public_key()) == one.public_key);
    CHECK(to_hex(key.sign(text)) == one.signature);
    CHECK(verify(key.public_key(), text, key.sign(text)));
  }
}

TEST_CASE("a signature fits one text and one key, bit by bit") {
  const signing_key key(secret_made_of(1));
  const std::string text = "head of 3708";
  const std::string signature = key.sign(text);
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    std::string flipped = signature;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    CHECK_FALSE(verify(key.public_key(), text, flipped));
  }
  CHECK_FALSE(verify(key.public_key(), "head of 3709", signature));
  CHECK_FALSE(verify(signing_key(secret_made_of(2)).public_key(), text, signature));
  CHECK_FALSE(verify(key.public_key(), text, signature.substr(1)));
  CHECK_FALSE(verify("short", text, signature));
}

}  // namespace
}  // namespace hotline::crypto
