#include "common/crypto/field_sealer.hpp"

#include <fmt/core.h>
#include <openssl/rand.h>

#include <algorithm>

#include "common/base/assert.hpp"
#include "common/base/base64.hpp"
#include "common/crypto/field_cipher.hpp"

namespace hotline::crypto {
namespace {

constexpr std::size_t index_bytes = 10;
// The blind index is of digits alone, so no telephone number gives this key.
constexpr std::string_view fingerprint_label = "hotline/request-fingerprint/1";

std::string bound_to(std::string_view ticket_no, std::string_view path) {
  std::string text;
  text.reserve(ticket_no.size() + 1 + path.size());
  return text.append(ticket_no).append(1, '|').append(path);
}

std::unexpected<failure> broken(std::string_view ticket_no, std::string_view path) {
  return fail(errc::corrupt_data,
              fmt::format("the encrypted field {} of ticket {} does not check out: it was changed "
                          "or belongs elsewhere",
                          path, ticket_no));
}

unsigned key_in(std::string_view head) {
  return static_cast<unsigned char>(head[0]) * 256U + static_cast<unsigned char>(head[1]);
}

}  // namespace

std::optional<unsigned> key_of(std::string_view token) {
  // Three bytes are four characters: the first four hold the id.
  if (!is_sealed(token) || token.size() < 5) return std::nullopt;
  const auto first = read_base64url(token.substr(1, 4));
  if (!first) return std::nullopt;
  return key_in(*first);
}

field_sealer::field_sealer(const std::shared_ptr<const key_ring>& keys) { use(keys); }
field_sealer::~field_sealer() = default;
field_sealer::field_sealer(field_sealer&&) noexcept = default;

void field_sealer::use(const std::shared_ptr<const key_ring>& keys) {
  keys_.clear();
  for (const field_key& key : keys->keys) {
    const auto place = key.active ? keys_.begin() : keys_.end();
    keys_.insert(place, scheduled_key{.id = key.id, .cipher = make_field_cipher(key)});
  }
  HL_ASSERT(!keys_.empty(), "a key ring has an active key");
  index_ = std::make_unique<keyed_hash>(keys->index_suite, keys->index_key.bytes());
  const hash_value own = index_->of(fingerprint_label);
  fingerprint_ = std::make_unique<keyed_hash>(keys->index_suite, as_bytes(own));
}

void field_sealer::next_nonce(unsigned char* nonce) {
  if (nonces_used_ + nonce_bytes > nonces_.size()) {
    // One call of the generator costs as much as a seal; many nonces from one are nearly free.
    HL_ASSERT(RAND_bytes(nonces_.data(), static_cast<int>(nonces_.size())) == 1, "random numbers");
    nonces_used_ = 0;
  }
  std::copy_n(nonces_.data() + nonces_used_, nonce_bytes, nonce);
  nonces_used_ += nonce_bytes;
}

std::string field_sealer::seal(std::string_view ticket_no, std::string_view path,
                               std::string_view plain) {
  const scheduled_key& key = keys_.front();
  std::string bytes(head_bytes + plain.size() + tag_bytes, '\0');
  auto* const raw = reinterpret_cast<unsigned char*>(bytes.data());
  raw[0] = static_cast<unsigned char>(key.id >> 8U);
  raw[1] = static_cast<unsigned char>(key.id & 0xFFU);
  next_nonce(raw + 2);
  key.cipher->encrypt(std::string_view(bytes).substr(0, head_bytes), bound_to(ticket_no, path),
                      plain, raw + head_bytes);
  std::string token = "~";
  append_base64url(token, bytes);
  return token;
}

field_cipher* field_sealer::cipher_of(unsigned id) {
  const auto found = std::ranges::find(keys_, id, &scheduled_key::id);
  return found == keys_.end() ? nullptr : found->cipher.get();
}

result<std::string> field_sealer::open(std::string_view ticket_no, std::string_view path,
                                       std::string_view token) {
  if (!is_sealed(token)) return broken(ticket_no, path);
  const auto bytes = read_base64url(token.substr(1));
  if (!bytes || bytes->size() < head_bytes + tag_bytes) return broken(ticket_no, path);
  const std::string_view head = std::string_view(*bytes).substr(0, head_bytes);
  const std::string_view sealed = std::string_view(*bytes).substr(head_bytes);
  const unsigned id = key_in(head);
  field_cipher* const cipher = cipher_of(id);
  if (cipher == nullptr)
    return fail(
        errc::misconfigured,
        fmt::format("the field {} of ticket {} is encrypted with key {}, which the key file "
                    "does not hold: put that key back",
                    path, ticket_no, id));
  std::string plain(sealed.size() - tag_bytes, '\0');
  if (!cipher->decrypt(head, bound_to(ticket_no, path), sealed,
                       reinterpret_cast<unsigned char*>(plain.data())))
    return broken(ticket_no, path);
  return plain;
}

std::string field_sealer::blind_index(std::string_view phone) {
  std::string digits;
  std::ranges::copy_if(phone, std::back_inserter(digits),
                       [](char c) { return c >= '0' && c <= '9'; });
  std::string name;
  append_base64url(name, as_bytes(index_->of(digits)).substr(0, index_bytes));
  return name;
}

std::string field_sealer::fingerprint(std::string_view text) {
  const hash_value print = fingerprint_->of(text);
  return std::string(as_bytes(print));
}

}  // namespace hotline::crypto
