#include "common/crypto/digest.hpp"

#include <doctest/doctest.h>

#include "common/base/base64.hpp"
#include "tests/unit/crypto/test_keys.hpp"

namespace hotline::crypto {
namespace {

std::string hex(const hash_value& value) { return to_hex(as_bytes(value)); }

/// RFC 2104 written down once more, over any hash of 64-byte blocks.
hash_value hmac_by_definition(v1::HashSuite suite, std::string key, std::string_view text) {
  digest hash(suite);
  if (key.size() > 64) key = std::string(as_bytes(hash.of(key)));
  key.resize(64);
  std::string inner = key;
  std::string outer = key;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5C);
  const hash_value within = hash.of(inner.append(text));
  return hash.of(outer.append(as_bytes(within)));
}

TEST_CASE("SHA-256 and SM3 give the standards' values") {
  digest sha(v1::HASH_SUITE_SHA_256);
  digest sm3(v1::HASH_SUITE_SM3);
  CHECK(hex(sha.of("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // GB/T 32905-2016, appendix A.
  CHECK(hex(sm3.of("abc")) == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  std::string sixteen_times;
  for (int i = 0; i < 16; ++i) sixteen_times += "abcd";
  CHECK(hex(sm3.of(sixteen_times)) ==
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

TEST_CASE("no suite means SHA-256") {
  CHECK(digest(v1::HASH_SUITE_UNSPECIFIED).of("x") == digest(v1::HASH_SUITE_SHA_256).of("x"));
}

TEST_CASE("a hash in pieces is the hash of the whole, and the next one starts over") {
  digest sha(v1::HASH_SUITE_SHA_256);
  const hash_value whole = sha.of("one two");
  sha.add("one");
  sha.add("");
  sha.add(" two");
  CHECK(sha.finish() == whole);
  CHECK(sha.of("one two") == whole);
  CHECK(sha.finish() == sha.of(""));
  digest moved(std::move(sha));
  CHECK(moved.of("one two") == whole);
}

TEST_CASE("HMAC: RFC 4231, and the definition for SM3") {
  keyed_hash jefe(v1::HASH_SUITE_SHA_256, "Jefe");
  const auto expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  CHECK(hex(jefe.of("what do ya want for nothing?")) == expected);
  CHECK(hex(jefe.of("what do ya want for nothing?")) == expected);  // the key stays scheduled
  for (const auto suite : {v1::HASH_SUITE_SHA_256, v1::HASH_SUITE_SM3})
    for (const std::size_t size : {1U, 32U, 64U, 65U, 200U}) {
      const std::string key(size, 'k');
      keyed_hash hash(suite, key);
      CHECK(hash.of("工单") == hmac_by_definition(suite, key, "工单"));
      CHECK(hash.of("") == hmac_by_definition(suite, key, ""));
    }
}

TEST_CASE("base64url: RFC 4648 without padding, one text for each value") {
  const auto text_of = [](std::string_view bytes) {
    std::string text;
    append_base64url(text, bytes);
    return text;
  };
  CHECK(text_of("") == "");
  CHECK(text_of("f") == "Zg");
  CHECK(text_of("fo") == "Zm8");
  CHECK(text_of("foo") == "Zm9v");
  CHECK(text_of("foobar") == "Zm9vYmFy");
  CHECK(text_of("\xfb\xff") == "-_8");
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    CHECK(read_base64url(text_of(bytes)) == bytes);
    bytes += static_cast<char>(i);
  }
  for (const char* wrong : {"Z", "Zh", "Zm9", "Zg==", "Zm8=", "Z+8", "Z m8", "ZZZZZ"})
    CHECK_FALSE(read_base64url(wrong).has_value());
}

TEST_CASE("comparing") {
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace hotline::crypto
