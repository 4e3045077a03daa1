// Files that are there as a whole or not at all, also after a crash, and the steps that make them
// so.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline {

/// An open file of the system, or none; closed at the end.
class file_descriptor {
 public:
  explicit file_descriptor(int fd) : fd_(fd) {}
  ~file_descriptor();
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// io_error, with what errno says.
std::unexpected<failure> system_failure(std::string_view doing, const std::filesystem::path& path);

/// All of it, and on the disk.
result<void> write_and_sync(const file_descriptor& file, std::string_view bytes,
                            const std::filesystem::path& path);

/// What was created, renamed or removed beside `path` is on the disk.
result<void> sync_directory_of(const std::filesystem::path& path);

struct durable_options {
  mode_t mode = 0640;
  /// What is written first; by default hidden and of another suffix, so that whoever collects files
  /// does not take it for one.
  std::filesystem::path draft{};
};

/// Writes beside `path`, syncs, and renames: replaces what is there. io_error: the system's words.
result<void> write_durably(const std::filesystem::path& path, std::string_view bytes,
                           const durable_options& options = {});

}  // namespace hotline
