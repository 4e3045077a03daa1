// A file that only grows, for records that must survive: what append() returned from is on the
// disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline {

/// One writer at a time, which whoever opens it sees to.
class append_file {
 public:
  /// Creates it (mode 0600) where it is missing.
  static result<append_file> open(const std::filesystem::path& path);

  ~append_file();
  append_file(append_file&& other) noexcept;
  append_file& operator=(append_file&& other) noexcept;

  /// Writes all and waits for the disk. After a failure the file is as long as before, as far as
  /// the system lets us; a reader bears a piece of a record at the end.
  result<void> append(std::string_view bytes);
  /// Drops everything from `size` on.
  result<void> cut(std::uint64_t size);

  std::uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  append_file(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  std::unexpected<failure> system_failure(std::string_view doing) const;

  std::filesystem::path path_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

}  // namespace hotline
