#include "services/transfer/request_signing.hpp"

#include <openssl/rand.h>

#include <string>

#include "common/base/assert.hpp"
#include "common/crypto/digest.hpp"

namespace hotline::transfer {
namespace {

/// 128 random bits.
std::string make_nonce() {
  unsigned char bytes[16];
  HL_ASSERT(RAND_bytes(bytes, sizeof bytes) == 1, "random numbers");
  return crypto::to_hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

}  // namespace

std::optional<net::field_list> signed_fields(const v1::PartnerSignature& rules,
                                             const exchange::secret_source& secrets,
                                             net::method verb, std::string_view target,
                                             std::string_view body, instant now) {
  if (rules.scheme() == v1::SIGNATURE_SCHEME_UNSPECIFIED) return net::field_list{};
  auto fields =
      exchange::sign(rules, secrets, net::to_string(verb), target, body, now, make_nonce());
  if (fields.empty()) return std::nullopt;
  return fields;
}

}  // namespace hotline::transfer
