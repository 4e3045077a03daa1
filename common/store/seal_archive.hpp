// Old entries of audit chains, outside Redis: one file per shard that only grows.
//
// A record is the length of the body (4 bytes, little endian), the number of the entry (8), the
// body, the hash (32).
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/append_file.hpp"
#include "common/base/error.hpp"
#include "common/store/seal_chain.hpp"

namespace hotline::store {

/// "3708.seals" in the directory of the archive.
std::filesystem::path archive_path(const std::filesystem::path& directory, std::string_view shard);

/// Reads an archive from its beginning. A file that does not exist is an empty one.
class archive_reader {
 public:
  explicit archive_reader(const std::filesystem::path& path);

  /// The next record; nothing at the end, also where the last record is incomplete. corrupt_data:
  /// lengths that cannot be.
  result<std::optional<stored_seal>> next();
  /// Goes on behind the last complete record: the file may have grown since.
  void resume();
  /// Where the last complete record ended.
  std::uint64_t good_bytes() const { return good_bytes_; }

 private:
  bool read(std::string& bytes, std::size_t size);

  std::filesystem::path path_;
  std::ifstream in_;
  std::uint64_t good_bytes_ = 0;
};

class seal_archive {
 public:
  /// Finds the end. An incomplete record there, as a crash leaves it, is moved aside (.torn).
  static result<seal_archive> open(const std::filesystem::path& path);

  /// The number of the last entry; 0 when there is none.
  std::int64_t last() const { return last_; }
  /// The entries that follow on last(), without a gap; on the disk when this returns.
  result<void> append(const std::vector<stored_seal>& seals);

 private:
  explicit seal_archive(append_file file) : file_(std::move(file)) {}

  append_file file_;
  std::int64_t last_ = 0;
};

}  // namespace hotline::store
