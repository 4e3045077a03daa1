#include "common/store/attachment_store.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "common/base/durable_file.hpp"
#include "common/crypto/digest.hpp"

namespace hotline::store {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view scheme = "sha256:";
// Beyond some ten thousand entries directories become slow: the first digits are one of their own.
constexpr std::size_t directory_digits = 2;

std::string digest_of(std::string_view bytes) {
  return crypto::to_hex(crypto::as_bytes(crypto::digest(v1::HASH_SUITE_SHA_256).of(bytes)));
}

/// Digests become paths: nothing else may.
bool is_digest(std::string_view text) {
  return text.size() == 2 * crypto::hash_bytes && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

fs::path attachment_store::path_of(std::string_view sha256) const {
  return directory_ / sha256.substr(0, directory_digits) / sha256;
}

result<std::string> attachment_store::put(std::string_view bytes) const {
  const auto sha256 = digest_of(bytes);
  const auto path = path_of(sha256);
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (!error && size == bytes.size()) return sha256;
  fs::create_directories(path.parent_path(), error);
  if (error) {
    return fail(errc::io_error,
                fmt::format("cannot create {}: {}", path.parent_path().string(), error.message()));
  }
  if (auto ok = write_durably(path, bytes); !ok) return pass(ok);
  return sha256;
}

result<std::string> attachment_store::get(std::string_view sha256) const {
  if (!is_digest(sha256)) return fail(errc::not_found, "not a digest");
  std::ifstream file(path_of(sha256), std::ios::binary);
  if (!file) return fail(errc::not_found, fmt::format("no attachment {}", sha256));
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (file.bad() || digest_of(bytes) != sha256)
    return fail(errc::corrupt_data, fmt::format("attachment {} is not what it was", sha256));
  return bytes;
}

std::optional<std::uintmax_t> attachment_store::free_bytes() const {
  std::error_code error;
  // Before the first file there is no directory.
  for (auto at = fs::absolute(directory_, error); !error; at = at.parent_path()) {
    const auto room = fs::space(at, error);
    if (!error) return room.available;
    if (at == at.root_path()) return std::nullopt;
    error.clear();
  }
  return std::nullopt;
}

std::string stored_reference(std::string_view sha256) { return std::string(scheme).append(sha256); }

std::optional<std::string_view> digest_of_reference(std::string_view reference) {
  if (!reference.starts_with(scheme) || !is_digest(reference.substr(scheme.size())))
    return std::nullopt;
  return reference.substr(scheme.size());
}

}  // namespace hotline::store
