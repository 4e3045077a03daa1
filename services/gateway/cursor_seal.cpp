#include "services/gateway/cursor_seal.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>

#include "common/base/assert.hpp"
#include "common/store/digest.hpp"

namespace hotline::gateway {
namespace {

// AES-256-GCM: nonce, ciphertext, tag.
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::string_view list_purpose = "list";
constexpr std::size_t sealed_bytes_max = 1024;

struct free_context {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using context = std::unique_ptr<EVP_CIPHER_CTX, free_context>;

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// Empty for anything that is no hexadecimal text.
std::string from_hex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0 || text.size() > 2 * sealed_bytes_max) return bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace

cursor_seal::cursor_seal(std::string_view secret) : key_{} {
  const auto digest = store::sha256("cursors of lists\n" + std::string(secret));
  std::ranges::copy(digest, key_.begin());
}

cursor_seal::cursor_seal() : key_{} {
  HL_ASSERT(RAND_bytes(key_.data(), static_cast<int>(key_.size())) == 1, "no random numbers");
}

std::string cursor_seal::seal(const store::index_cursor& cursor) const {
  return seal_bytes(store::format_cursor(cursor), list_purpose);
}

result<store::index_cursor> cursor_seal::open(std::string_view text) const {
  const auto plain = open_bytes(text, list_purpose);
  if (!plain) return pass(plain);
  return store::parse_cursor(*plain);
}

bool cursor_seal::is_form(std::string_view text) {
  return from_hex(text).size() > nonce_bytes + tag_bytes;
}

std::string cursor_seal::seal_bytes(std::string_view plain, std::string_view purpose) const {
  std::string nonce(nonce_bytes, '\0');
  std::string hidden(plain.size(), '\0');
  std::string tag(tag_bytes, '\0');
  const context c(EVP_CIPHER_CTX_new());
  int written = 0;
  int rest = 0;
  const bool done =
      c && RAND_bytes(bytes_of(nonce), nonce_bytes) == 1 &&
      EVP_EncryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(c.get(), nullptr, &written, bytes_of(purpose),
                        static_cast<int>(purpose.size())) == 1 &&
      EVP_EncryptUpdate(c.get(), bytes_of(hidden), &written, bytes_of(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(c.get(), bytes_of(hidden) + written, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, bytes_of(tag)) == 1;
  HL_ASSERT(done, "sealing memory cannot fail");
  return crypto::to_hex(nonce + hidden + tag);
}

result<std::string> cursor_seal::open_bytes(std::string_view text, std::string_view purpose) const {
  const auto sealed = from_hex(text);
  if (sealed.size() <= nonce_bytes + tag_bytes) {
    return fail(errc::invalid_argument, "no place this API gave");
  }
  const std::string_view nonce = std::string_view(sealed).substr(0, nonce_bytes);
  const auto hidden =
      std::string_view(sealed).substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
  std::string tag = sealed.substr(sealed.size() - tag_bytes);
  std::string plain(hidden.size(), '\0');
  const context c(EVP_CIPHER_CTX_new());
  int written = 0;
  int rest = 0;
  const bool genuine =
      c &&
      EVP_DecryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_of(nonce)) == 1 &&
      EVP_DecryptUpdate(c.get(), nullptr, &written, bytes_of(purpose),
                        static_cast<int>(purpose.size())) == 1 &&
      EVP_DecryptUpdate(c.get(), bytes_of(plain), &written, bytes_of(hidden),
                        static_cast<int>(hidden.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, bytes_of(tag)) == 1 &&
      EVP_DecryptFinal_ex(c.get(), bytes_of(plain) + written, &rest) == 1;
  if (!genuine) return fail(errc::invalid_argument, "no place this API gave");
  return plain;
}

}  // namespace hotline::gateway
