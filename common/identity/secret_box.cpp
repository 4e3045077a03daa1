#include "common/identity/secret_box.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/assert.hpp"

namespace hotline::identity {
namespace {

constexpr char version = 1;
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

static_assert(secret_box::key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_text(std::string_view bytes) {
  std::string text(
      sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();
  return text;
}

std::unexpected<failure> io_failure(std::string_view what, const std::filesystem::path& file) {
  return fail(errc::io_error, fmt::format("{} {}: {}", what, file.string(), std::strerror(errno)));
}

/// Writes a new key beside the file and puts it in place unless somebody else was first.
result<void> make_key_file(const std::filesystem::path& file) {
  std::string beside = file.string() + ".XXXXXX";
  const int descriptor = ::mkostemp(beside.data(), O_CLOEXEC);  // 0600
  if (descriptor < 0) return io_failure("cannot make", beside);
  secret_box::key made{};
  randombytes_buf(made.data(), made.size());
  const auto written = ::write(descriptor, made.data(), made.size());
  sodium_memzero(made.data(), made.size());
  bool good = written == static_cast<ssize_t>(made.size()) && ::fsync(descriptor) == 0;
  ::close(descriptor);
  good = good && (::link(beside.c_str(), file.c_str()) == 0 || errno == EEXIST);
  const auto failed = io_failure("cannot write", file);
  ::unlink(beside.c_str());
  if (!good) return failed;
  return {};
}

}  // namespace

secret_box::~secret_box() { sodium_memzero(key_.data(), key_.size()); }

result<secret_box> secret_box::open_file(const std::filesystem::path& file) {
  HL_ASSERT(sodium_init() >= 0, "libsodium cannot work here");
  if (::access(file.c_str(), F_OK) != 0) {
    if (auto made = make_key_file(file); !made) return pass(made);
  }
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return io_failure("cannot open", file);
  struct stat about{};
  key read_key{};
  const bool known = ::fstat(descriptor, &about) == 0;
  const auto count = ::read(descriptor, read_key.data(), read_key.size());
  ::close(descriptor);
  if (!known || count < 0) return io_failure("cannot read", file);
  if (count != static_cast<ssize_t>(read_key.size()) ||
      about.st_size != static_cast<off_t>(read_key.size())) {
    return fail(errc::misconfigured, fmt::format("{} is no key of ours", file.string()));
  }
  if ((about.st_mode & 077) != 0) {
    return fail(errc::misconfigured,
                fmt::format("{} can be read by others: chmod 600 it", file.string()));
  }
  return secret_box(read_key);
}

std::string secret_box::seal(std::string_view secret, std::string_view owner) const {
  std::string bytes(1 + nonce_bytes + secret.size() + tag_bytes, '\0');
  bytes[0] = version;
  auto* const nonce = reinterpret_cast<unsigned char*>(bytes.data()) + 1;
  randombytes_buf(nonce, nonce_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + nonce_bytes, nullptr, bytes_of(secret),
                                             secret.size(), bytes_of(owner), owner.size(), nullptr,
                                             nonce, key_.data());
  return "~" + to_text(bytes);
}

result<std::string> secret_box::open(std::string_view sealed, std::string_view owner) const {
  const auto bad = [] { return fail(errc::corrupt_data, "a sealed secret does not open"); };
  if (!sealed.starts_with('~')) return bad();
  sealed.remove_prefix(1);
  std::string bytes(sealed.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), sealed.data(),
                        sealed.size(), nullptr, &length, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
    return bad();
  }
  bytes.resize(length);
  if (length < 1 + nonce_bytes + tag_bytes || bytes[0] != version) return bad();
  const auto* const nonce = bytes_of(bytes) + 1;
  std::string secret(length - 1 - nonce_bytes - tag_bytes, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(secret.data()), nullptr, nullptr, nonce + nonce_bytes,
      length - 1 - nonce_bytes, bytes_of(owner), owner.size(), nonce, key_.data());
  if (failed != 0) return bad();
  return secret;
}

}  // namespace hotline::identity
