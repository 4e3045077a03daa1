#include "common/base/append_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/base/durable_file.hpp"

namespace hotline {
namespace fs = std::filesystem;

result<append_file> append_file::open(const fs::path& path) {
  append_file file(path, ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (file.descriptor_ < 0) return file.system_failure("cannot open");
  struct stat about{};
  if (::fstat(file.descriptor_, &about) != 0) return file.system_failure("cannot open");
  if (auto synced = sync_directory_of(path); !synced) return pass(synced);
  file.size_ = static_cast<std::uint64_t>(about.st_size);
  return file;
}

append_file::~append_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

append_file::append_file(append_file&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

append_file& append_file::operator=(append_file&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

result<void> append_file::append(std::string_view bytes) {
  for (std::string_view left = bytes; !left.empty();) {
    const auto written = ::write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const auto failed = system_failure("cannot write to");
      [[maybe_unused]] const int ignored = ::ftruncate(descriptor_, static_cast<off_t>(size_));
      return failed;
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(descriptor_) != 0) return system_failure("cannot sync");
  size_ += bytes.size();
  return {};
}

result<void> append_file::cut(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0 || ::fsync(descriptor_) != 0)
    return system_failure("cannot cut");
  size_ = size;
  return {};
}

std::unexpected<failure> append_file::system_failure(std::string_view doing) const {
  return fail(errc::io_error,
              fmt::format("{} {}: {}", doing, path_.string(), std::strerror(errno)));
}

}  // namespace hotline
