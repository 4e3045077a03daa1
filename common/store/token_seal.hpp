// Text that comes back from outside and must be what we once gave out: addresses of files, receipts
// for files. It is readable, and signed (HMAC-SHA256).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/crypto/secret.hpp"
#include "common/store/personal_vault.hpp"

namespace hotline::store {

/// Any thread. The key follows from the one of the blind indexes, which no rotation changes, and
/// from the purpose: what is sealed for one is nothing to another.
class token_seal {
 public:
  token_seal(const key_source& keys, std::string_view purpose);

  /// "text.signature"
  std::string seal(std::string_view text) const;
  /// The text, as a view into the token; nothing for what seal did not make.
  std::optional<std::string_view> open(std::string_view token) const;

 private:
  std::string signature_of(std::string_view text) const;

  crypto::secret key_;
};

}  // namespace hotline::store
