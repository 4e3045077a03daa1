#include "services/transfer/request_signing.hpp"

#include <array>
#include <random>
#include <string>

#include "common/crypto/digest.hpp"

namespace hotline::transfer {
namespace {

/// 128 random bits.
std::string make_nonce() {
  std::random_device entropy;
  std::array<std::random_device::result_type, 4> words{};
  for (auto& word : words) word = entropy();
  return crypto::to_hex({reinterpret_cast<const char*>(words.data()), sizeof words});
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
