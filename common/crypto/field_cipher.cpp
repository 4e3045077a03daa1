#include "common/crypto/field_cipher.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>

#include "common/base/assert.hpp"
#include "common/crypto/digest.hpp"

namespace hotline::crypto {
namespace {

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// One direction of one cipher with its key scheduled; only the nonce changes.
class scheduled_cipher {
 public:
  scheduled_cipher(const EVP_CIPHER* cipher, std::string_view key, bool encrypts)
      : context_(EVP_CIPHER_CTX_new()) {
    HL_ASSERT(context_ != nullptr && cipher != nullptr, "OpenSSL has the cipher");
    const int done =
        EVP_CipherInit_ex2(context_, cipher, raw(key), nullptr, encrypts ? 1 : 0, nullptr);
    HL_ASSERT(done == 1, "a key for the cipher");
  }
  ~scheduled_cipher() { EVP_CIPHER_CTX_free(context_); }
  scheduled_cipher(const scheduled_cipher&) = delete;
  scheduled_cipher& operator=(const scheduled_cipher&) = delete;

  void start(const unsigned char* nonce) {
    HL_ASSERT(EVP_CipherInit_ex2(context_, nullptr, nullptr, nonce, -1, nullptr) == 1, "a nonce");
  }
  /// `out` nullptr: associated data.
  void update(std::string_view in, unsigned char* out) {
    int written = 0;
    const int done =
        EVP_CipherUpdate(context_, out, &written, raw(in), static_cast<int>(in.size()));
    HL_ASSERT(done == 1, "ciphering memory cannot fail");
  }
  bool finish() {
    std::array<unsigned char, 16> rest;
    int written = 0;
    return EVP_CipherFinal_ex(context_, rest.data(), &written) == 1;
  }
  EVP_CIPHER_CTX* get() { return context_; }

 private:
  EVP_CIPHER_CTX* context_;
};

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

const EVP_CIPHER* sm4_ctr() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "SM4-CTR", nullptr);
  return cipher;
}

class aes_cipher final : public field_cipher {
 public:
  explicit aes_cipher(std::string_view key)
      : encryption_(aes_256_gcm(), key, true), decryption_(aes_256_gcm(), key, false) {}

  void encrypt(std::string_view head, std::string_view bound_to, std::string_view plain,
               unsigned char* out) override {
    encryption_.start(raw(head.substr(2)));
    encryption_.update(bound_to, nullptr);
    if (!plain.empty()) encryption_.update(plain, out);
    HL_ASSERT(encryption_.finish(), "encrypting memory cannot fail");
    const int done = EVP_CIPHER_CTX_ctrl(encryption_.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes,
                                         out + plain.size());
    HL_ASSERT(done == 1, "a tag");
  }

  bool decrypt(std::string_view head, std::string_view bound_to, std::string_view sealed,
               unsigned char* out) override {
    const std::string_view text = sealed.substr(0, sealed.size() - tag_bytes);
    std::string tag(sealed.substr(text.size()));
    decryption_.start(raw(head.substr(2)));
    const int done =
        EVP_CIPHER_CTX_ctrl(decryption_.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data());
    HL_ASSERT(done == 1, "a tag");
    decryption_.update(bound_to, nullptr);
    if (!text.empty()) decryption_.update(text, out);
    return decryption_.finish();
  }

 private:
  scheduled_cipher encryption_;
  scheduled_cipher decryption_;
};

/// HMAC-SM3(secret, label): a key of its own for each purpose.
std::string derived_key(std::string_view from, std::string_view label, std::size_t size) {
  return std::string(as_bytes(keyed_hash(v1::HASH_SUITE_SM3, from).of(label)).substr(0, size));
}

constexpr std::size_t sm4_key_bytes = 16;

class sm4_cipher final : public field_cipher {
 public:
  explicit sm4_cipher(std::string_view key)
      : cipher_(sm4_ctr(), derived_key(key, "hotline field SM4-CTR", sm4_key_bytes), true),
        mac_(v1::HASH_SUITE_SM3, derived_key(key, "hotline field HMAC-SM3", hash_bytes)) {}

  void encrypt(std::string_view head, std::string_view bound_to, std::string_view plain,
               unsigned char* out) override {
    apply(head, plain, out);
    const auto tag = tag_of(head, bound_to, {reinterpret_cast<char*>(out), plain.size()});
    std::copy_n(tag.begin(), tag_bytes, out + plain.size());
  }

  bool decrypt(std::string_view head, std::string_view bound_to, std::string_view sealed,
               unsigned char* out) override {
    const std::string_view text = sealed.substr(0, sealed.size() - tag_bytes);
    const auto tag = tag_of(head, bound_to, text);
    if (!equal_in_constant_time(as_bytes(tag).substr(0, tag_bytes), sealed.substr(text.size())))
      return false;
    apply(head, text, out);
    return true;
  }

 private:
  /// Counter mode is its own inverse.
  void apply(std::string_view head, std::string_view in, unsigned char* out) {
    if (in.empty()) return;
    std::array<unsigned char, 16> counter{};
    std::copy_n(raw(head.substr(2)), nonce_bytes, counter.begin());
    cipher_.start(counter.data());
    cipher_.update(in, out);
  }

  hash_value tag_of(std::string_view head, std::string_view bound_to, std::string_view text) {
    std::string lengths;
    for (const std::size_t size : {text.size(), bound_to.size()})
      for (unsigned shift = 0; shift < 64; shift += 8)
        lengths += static_cast<char>(static_cast<std::uint64_t>(size) >> shift & 0xFFU);
    mac_.add(head);
    mac_.add(text);
    mac_.add(bound_to);
    mac_.add(lengths);
    return mac_.finish();
  }

  scheduled_cipher cipher_;
  keyed_hash mac_;
};

}  // namespace

std::unique_ptr<field_cipher> make_field_cipher(const field_key& key) {
  HL_ASSERT(key.value.bytes().size() == secret_bytes, "a checked key");
  if (key.suite == v1::CIPHER_SUITE_SM4_CTR_HMAC_SM3)
    return std::make_unique<sm4_cipher>(key.value.bytes());
  HL_ASSERT(key.suite == v1::CIPHER_SUITE_AES_256_GCM, "a known suite");
  return std::make_unique<aes_cipher>(key.value.bytes());
}

}  // namespace hotline::crypto
