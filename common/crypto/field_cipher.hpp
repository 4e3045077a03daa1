// One scheduled key of a suite: what field_sealer puts into tokens. Private to this room.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/crypto/key_ring.hpp"

namespace hotline::crypto {

inline constexpr std::size_t nonce_bytes = 12;
inline constexpr std::size_t tag_bytes = 16;
/// Key id and nonce.
inline constexpr std::size_t head_bytes = 2 + nonce_bytes;

class field_cipher {
 public:
  virtual ~field_cipher() = default;

  /// `head` is key id and nonce. Writes the ciphertext, as long as `plain`, and the tag to `out`.
  virtual void encrypt(std::string_view head, std::string_view bound_to, std::string_view plain,
                       unsigned char* out) = 0;
  /// `sealed` is ciphertext and tag. Writes the plain text; false when it does not check out, and
  /// then what was written means nothing.
  virtual bool decrypt(std::string_view head, std::string_view bound_to, std::string_view sealed,
                       unsigned char* out) = 0;
};

std::unique_ptr<field_cipher> make_field_cipher(const field_key& key);

}  // namespace hotline::crypto
