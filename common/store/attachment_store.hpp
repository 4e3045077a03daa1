// The bytes of attachments: files named by what is in them, written once, never changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline::store {

/// A directory of files, shared by threads and processes. Reading and writing wait for the disk.
class attachment_store {
 public:
  explicit attachment_store(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Keeps the bytes and gives their SHA-256 in hexadecimal digits; the same bytes are kept once.
  result<std::string> put(std::string_view bytes) const;

  /// not_found: no such bytes; corrupt_data: they are not what they were.
  result<std::string> get(std::string_view sha256) const;

  /// What is left on its disk; nothing where the system does not say.
  std::optional<std::uintmax_t> free_bytes() const;

 private:
  std::filesystem::path path_of(std::string_view sha256) const;

  std::filesystem::path directory_;
};

/// What Attachment.reference says of bytes that are kept here: "sha256:<digits>".
std::string stored_reference(std::string_view sha256);
/// The digits of such a reference; nothing for any other.
std::optional<std::string_view> digest_of_reference(std::string_view reference);

}  // namespace hotline::store
