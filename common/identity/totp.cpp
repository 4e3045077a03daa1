#include "common/identity/totp.hpp"

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "common/base/assert.hpp"

namespace hotline::identity {
namespace {

constexpr std::size_t secret_bytes = 20;  // RFC 4226, section 4, R6
constexpr std::int64_t step_s = 30;
constexpr std::size_t digits = 6;
constexpr std::string_view base32_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

}  // namespace

std::string new_totp_secret() {
  HL_ASSERT(sodium_init() >= 0, "libsodium cannot work here");
  std::string secret(secret_bytes, '\0');
  randombytes_buf(secret.data(), secret.size());
  return secret;
}

std::string to_base32(std::string_view bytes) {
  std::string text;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) text += base32_alphabet[(buffer >> (bits - 5)) & 31];
  }
  if (bits > 0) text += base32_alphabet[(buffer << (5 - bits)) & 31];
  return text;
}

std::optional<std::string> from_base32(std::string_view text) {
  std::string bytes;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = base32_alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 5) | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((buffer >> bits) & 0xFF);
  }
  return bytes;
}

std::int64_t totp_step(instant now) {
  return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count() / step_s;
}

std::string totp_code(std::string_view secret, std::int64_t step) {
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<unsigned char>(step >> (8 * (7 - i)));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  const auto* done = HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
                          counter.data(), counter.size(), mac.data(), &length);
  HL_ASSERT(done != nullptr && length == 20, "HMAC-SHA-1 of memory cannot fail");
  // RFC 4226, section 5.3: the last four bits say where the number is taken from.
  const std::size_t at = mac[19] & 0x0F;
  const std::uint32_t number = (static_cast<std::uint32_t>(mac[at] & 0x7F) << 24) |
                               (static_cast<std::uint32_t>(mac[at + 1]) << 16) |
                               (static_cast<std::uint32_t>(mac[at + 2]) << 8) |
                               static_cast<std::uint32_t>(mac[at + 3]);
  return fmt::format("{:06}", number % 1'000'000);
}

std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code,
                                       instant now) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (code.size() != digits || !std::ranges::all_of(code, is_digit)) return std::nullopt;
  std::optional<std::int64_t> found;
  const std::int64_t present = totp_step(now);
  for (std::int64_t step = present - 1; step <= present + 1; ++step) {
    const std::string right = totp_code(secret, step);
    if (sodium_memcmp(right.data(), code.data(), digits) == 0) found = step;
  }
  return found;
}

std::string totp_uri(std::string_view secret, std::string_view user) {
  // A user id needs no escaping in a URI.
  return fmt::format(
      "otpauth://totp/12351:{}?secret={}&issuer=12351&algorithm=SHA1&digits={}&period={}", user,
      to_base32(secret), digits, step_s);
}

}  // namespace hotline::identity
