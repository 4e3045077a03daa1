#include "common/exchange/signature.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "common/base/assert.hpp"
#include "common/crypto/digest.hpp"
#include "common/crypto/secret.hpp"
#include "common/domain/civil.hpp"

namespace hotline::exchange {
namespace {

constexpr std::chrono::seconds window_default{300};
constexpr std::size_t nonce_min = 8;
constexpr std::size_t nonce_max = 128;

/// Names of the header fields.
struct field_names {
  std::string key, timestamp, nonce, signature;
};

field_names names_of(const v1::PartnerSignature& rules) {
  const auto or_else = [](const std::string& name, const char* usual) {
    return name.empty() ? std::string(usual) : name;
  };
  return {.key = or_else(rules.key_field(), "X-Key-Id"),
          .timestamp = or_else(rules.timestamp_field(), "X-Timestamp"),
          .nonce = or_else(rules.nonce_field(), "X-Nonce"),
          .signature = or_else(rules.signature_field(), "X-Signature")};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_names(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// The value of a field that is there exactly once and not empty.
std::optional<std::string_view> only_value(std::span<const header_pair> headers,
                                           std::string_view name) {
  std::optional<std::string_view> found;
  for (const header_pair& one : headers) {
    if (!equal_names(one.first, name)) continue;
    if (found) return std::nullopt;
    found = one.second;
  }
  return found && !found->empty() ? found : std::nullopt;
}

std::optional<std::int64_t> read_timestamp(std::string_view text) {
  constexpr std::size_t digits_max = 13;  // until the year 2286
  if (text.size() > digits_max || text.find_first_not_of("0123456789") != text.npos)
    return std::nullopt;
  std::int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return ms;
}

bool is_nonce(std::string_view text) {
  return text.size() >= nonce_min && text.size() <= nonce_max &&
         std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' ||
                  c == '_';
         });
}

bool is_hex(std::string_view text) {
  return !text.empty() && text.size() % 2 == 0 &&
         text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

bool is_valid_on(const v1::PartnerKey& key, instant now) {
  // Dates in this form sort as the days do.
  const std::string today = domain::format_date(domain::civil_date(now));
  return (key.from_date().empty() || key.from_date() <= today) &&
         (key.until_date().empty() || today <= key.until_date());
}

v1::HashSuite suite_of(v1::SignatureScheme scheme) {
  return scheme == v1::SIGNATURE_SCHEME_HMAC_SM3 ? v1::HASH_SUITE_SM3 : v1::HASH_SUITE_SHA_256;
}

std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value;
  unsigned size = 0;
  const int done = EVP_Digest(text.data(), text.size(), value.data(), &size, EVP_sha1(), nullptr);
  HL_ASSERT(done == 1, "SHA-1 of memory cannot fail");
  return crypto::to_hex({reinterpret_cast<const char*>(value.data()), size});
}

/// What is signed, besides the key.
struct signed_parts {
  std::string_view method, target, body, timestamp, nonce, key_id;
};

std::string signature_of(v1::SignatureScheme scheme, std::string_view secret,
                         const signed_parts& parts) {
  if (scheme == v1::SIGNATURE_SCHEME_LEGACY_SHA1) {
    std::string text;
    text.append(parts.key_id).append(secret).append(parts.timestamp);
    std::string made = sha1_hex(text);
    crypto::wipe(text);
    return made;
  }
  const std::string body_digest =
      crypto::to_hex(crypto::as_bytes(crypto::digest(suite_of(scheme)).of(parts.body)));
  crypto::keyed_hash hash(suite_of(scheme), secret);
  bool first = true;
  for (const std::string_view line : {parts.method, parts.target, std::string_view(body_digest),
                                      parts.timestamp, parts.nonce, parts.key_id}) {
    if (!std::exchange(first, false)) hash.add("\n");
    hash.add(line);
  }
  return crypto::to_hex(crypto::as_bytes(hash.finish()));
}

const v1::PartnerKey* key_of(const v1::PartnerSignature& rules, std::string_view id, instant now) {
  for (const v1::PartnerKey& key : rules.keys())
    if (key.id() == id && is_valid_on(key, now)) return &key;
  return nullptr;
}

}  // namespace

std::string_view to_string(signature_fault why) {
  switch (why) {
    case signature_fault::address: return "address";
    case signature_fault::missing: return "missing";
    case signature_fault::malformed: return "malformed";
    case signature_fault::too_old: return "too_old";
    case signature_fault::too_new: return "too_new";
    case signature_fault::unknown_key: return "unknown_key";
    case signature_fault::no_secret: return "no_secret";
    case signature_fault::mismatch: return "mismatch";
  }
  return "unknown";
}

std::expected<verified, signature_fault> verify(const v1::PartnerSignature& rules,
                                                const secret_source& secrets,
                                                const signed_request& request, instant now) {
  const bool legacy = rules.scheme() == v1::SIGNATURE_SCHEME_LEGACY_SHA1;
  if (!address_allowed(request.peer_address, rules.addresses()) ||
      (legacy && rules.addresses().empty()))
    return std::unexpected(signature_fault::address);
  const field_names names = names_of(rules);
  const auto key_id = only_value(request.headers, names.key);
  const auto timestamp = only_value(request.headers, names.timestamp);
  const auto signature = only_value(request.headers, names.signature);
  const auto nonce =
      legacy ? std::optional<std::string_view>("") : only_value(request.headers, names.nonce);
  if (!key_id || !timestamp || !signature || !nonce)
    return std::unexpected(signature_fault::missing);
  const auto signed_at = read_timestamp(*timestamp);
  if (!signed_at || !is_hex(*signature) || (!legacy && !is_nonce(*nonce)))
    return std::unexpected(signature_fault::malformed);

  const milliseconds window =
      rules.window_s() > 0 ? std::chrono::seconds(rules.window_s()) : window_default;
  const instant then = from_unix_ms(*signed_at);
  if (then < now - window) return std::unexpected(signature_fault::too_old);
  if (then > now + window) return std::unexpected(signature_fault::too_new);

  const v1::PartnerKey* key = key_of(rules, *key_id, now);
  if (key == nullptr) return std::unexpected(signature_fault::unknown_key);
  auto secret = secrets(key->secret_file());
  if (!secret || secret->empty()) return std::unexpected(signature_fault::no_secret);
  const std::string made = signature_of(rules.scheme(), *secret,
                                        {.method = request.method,
                                         .target = request.target,
                                         .body = request.body,
                                         .timestamp = *timestamp,
                                         .nonce = *nonce,
                                         .key_id = *key_id});
  crypto::wipe(*secret);
  std::string given(*signature);
  std::ranges::transform(given, given.begin(), lower);
  if (!crypto::equal_in_constant_time(made, given))
    return std::unexpected(signature_fault::mismatch);
  return verified{
      .key_id = std::string(*key_id), .nonce = std::string(*nonce), .timestamp = *signed_at};
}

std::vector<header_pair> sign(const v1::PartnerSignature& rules, const secret_source& secrets,
                              std::string_view method, std::string_view target,
                              std::string_view body, instant now, std::string nonce) {
  const v1::PartnerKey* key = nullptr;
  for (const v1::PartnerKey& one : rules.keys())
    if (is_valid_on(one, now) && (key == nullptr || one.from_date() > key->from_date())) key = &one;
  if (key == nullptr) return {};
  auto secret = secrets(key->secret_file());
  if (!secret || secret->empty()) return {};
  const std::string timestamp = std::to_string(to_unix_ms(now));
  std::string made = signature_of(rules.scheme(), *secret,
                                  {.method = method,
                                   .target = target,
                                   .body = body,
                                   .timestamp = timestamp,
                                   .nonce = nonce,
                                   .key_id = key->id()});
  crypto::wipe(*secret);
  field_names names = names_of(rules);
  std::vector<header_pair> headers = {{std::move(names.key), key->id()},
                                      {std::move(names.timestamp), timestamp}};
  if (rules.scheme() != v1::SIGNATURE_SCHEME_LEGACY_SHA1)
    headers.emplace_back(std::move(names.nonce), std::move(nonce));
  headers.emplace_back(std::move(names.signature), std::move(made));
  return headers;
}

}  // namespace hotline::exchange
