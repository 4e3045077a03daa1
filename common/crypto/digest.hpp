// Hashes of 32 bytes: SHA-256 (FIPS 180-4) and SM3 (GB/T 32905), and HMAC (RFC 2104) over either.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "hotline/v1/keys.pb.h"

namespace hotline::crypto {

inline constexpr std::size_t hash_bytes = 32;
using hash_value = std::array<unsigned char, hash_bytes>;

/// The value as bytes for keys, fields and messages.
inline std::string_view as_bytes(const hash_value& value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

/// Lower-case hexadecimal text.
std::string to_hex(std::string_view bytes);

/// One algorithm with its context kept between values. One thread at a time.
class digest {
 public:
  /// UNSPECIFIED means SHA-256.
  explicit digest(v1::HashSuite suite);
  ~digest();
  digest(digest&& other) noexcept;
  digest& operator=(digest&&) = delete;

  /// The hash of one text.
  hash_value of(std::string_view bytes);

  /// The hash of a text in pieces: any number of add(), then finish(), which starts over.
  void add(std::string_view bytes);
  hash_value finish();

 private:
  void begin();

  const void* algorithm_;  // EVP_MD
  void* context_;          // EVP_MD_CTX
  bool begun_ = false;
};

/// HMAC under one key, which is scheduled once. One thread at a time.
class keyed_hash {
 public:
  keyed_hash(v1::HashSuite suite, std::string_view key);
  ~keyed_hash();
  keyed_hash(keyed_hash&& other) noexcept;
  keyed_hash& operator=(keyed_hash&&) = delete;

  hash_value of(std::string_view bytes);
  void add(std::string_view bytes);
  hash_value finish();

 private:
  void* context_;  // EVP_MAC_CTX
  bool begun_ = false;
};

/// Compares secrets of equal length in time that does not depend on where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace hotline::crypto
