// A lock that ends with the process that holds it, however it ends.
#pragma once

#include <filesystem>
#include <optional>

#include "common/base/error.hpp"

namespace hotline::runtime {

/// flock(2) on a file that stays where it is; nothing is written to it.
class file_lock {
 public:
  /// Nothing when another process has it. io_error: the file cannot be opened.
  static result<std::optional<file_lock>> try_take(const std::filesystem::path& file);

  ~file_lock();
  file_lock(file_lock&& other) noexcept;
  file_lock& operator=(file_lock&& other) noexcept;

 private:
  explicit file_lock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace hotline::runtime
