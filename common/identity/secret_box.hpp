// Sealing of small secrets that must be read again (the second factor's): XChaCha20-Poly1305.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline::identity {

class secret_box {
 public:
  static constexpr std::size_t key_bytes = 32;
  using key = std::array<unsigned char, key_bytes>;

  explicit secret_box(const key& k) : key_(k) {}
  ~secret_box();
  secret_box(const secret_box&) = default;
  secret_box& operator=(const secret_box&) = default;

  /// The box of the key in this file, which only we may read. Made with a new key where there is no
  /// file yet; processes that do so at the same time agree on one. io_error; misconfigured when the
  /// file is something else.
  static result<secret_box> open_file(const std::filesystem::path& file);

  /// "~" and base64url of version, nonce, ciphertext and tag. `owner` binds it to its place: it
  /// opens under the same owner only.
  std::string seal(std::string_view secret, std::string_view owner) const;
  /// corrupt_data when it was not sealed here for this owner.
  result<std::string> open(std::string_view sealed, std::string_view owner) const;

 private:
  key key_;
};

}  // namespace hotline::identity
