#include "common/runtime/file_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace hotline::runtime {

result<std::optional<file_lock>> file_lock::try_take(const std::filesystem::path& file) {
  const int opened = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (opened < 0) {
    return fail(errc::io_error, fmt::format("cannot open {}: {}", file.string(),
                                            std::generic_category().message(errno)));
  }
  file_lock lock(opened);
  if (flock(opened, LOCK_EX | LOCK_NB) != 0) return std::optional<file_lock>();
  return std::optional<file_lock>(std::move(lock));
}

file_lock::~file_lock() {
  if (descriptor_ >= 0) close(descriptor_);
}

file_lock::file_lock(file_lock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

file_lock& file_lock::operator=(file_lock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace hotline::runtime
