// Encryption of single personal fields, bound to the ticket and the field they stand in.
//
// A token is "~" and base64url without padding of
//   key id (2 bytes, big endian) | nonce (12) | ciphertext (as long as the plain text) | tag (16).
// AES-256-GCM: SP 800-38D, the associated data is "<ticket no>|<path>".
// SM4-CTR with HMAC-SM3: encrypt, then MAC. Both keys are derived from the secret; the counter
// block is nonce | 0 (4 bytes); the MAC, cut to 16 bytes, is over key id, nonce, ciphertext,
// associated data, and the lengths of the last two.
//
// Nonces are random: with one key no more than 2^32 fields may be sealed (SP 800-38D, 8.3), so a
// key is to be rotated before that; once a year is enough for two million tickets a day with five
// fields.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/crypto/digest.hpp"
#include "common/crypto/key_ring.hpp"

namespace hotline::crypto {

class field_cipher;

/// Is this stored value a token? No client may send such a value, so the first character tells.
inline bool is_sealed(std::string_view text) { return text.starts_with('~'); }

/// The key a token says it was sealed with; nothing for what is no token. Not checked: only opening
/// proves it.
std::optional<unsigned> key_of(std::string_view token);

/// Seals and opens fields; keeps its keys scheduled. One thread at a time: one for each thread.
class field_sealer {
 public:
  explicit field_sealer(const std::shared_ptr<const key_ring>& keys);
  ~field_sealer();
  field_sealer(field_sealer&&) noexcept;
  field_sealer& operator=(field_sealer&&) = delete;

  /// From now on seals and opens with these keys.
  void use(const std::shared_ptr<const key_ring>& keys);

  std::string seal(std::string_view ticket_no, std::string_view path, std::string_view plain);

  /// errc::corrupt_data: not a token, changed, or moved from another ticket or field.
  /// errc::misconfigured: sealed with a key the key file does not hold.
  result<std::string> open(std::string_view ticket_no, std::string_view path,
                           std::string_view token);

  /// The name under which equal telephone numbers are found: 14 characters of base64url, from the
  /// first 10 bytes of an HMAC of the digits of `phone` (separators are written in many ways).
  std::string blind_index(std::string_view phone);

  /// 32 bytes that are equal for equal texts and tell nothing of them to who lacks the key: an HMAC
  /// under a key derived from that of the blind index. It stays the same when field keys rotate.
  std::string fingerprint(std::string_view text);

 private:
  void next_nonce(unsigned char* nonce);
  field_cipher* cipher_of(unsigned id);

  struct scheduled_key {
    unsigned id;
    std::unique_ptr<field_cipher> cipher;
  };
  std::vector<scheduled_key> keys_;  ///< the active one first
  std::unique_ptr<keyed_hash> index_;
  std::unique_ptr<keyed_hash> fingerprint_;
  std::array<unsigned char, 1536> nonces_{};  ///< random bytes fetched ahead
  std::size_t nonces_used_ = sizeof nonces_;
};

}  // namespace hotline::crypto
