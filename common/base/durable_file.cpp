#include "common/base/durable_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hotline {

namespace fs = std::filesystem;

namespace {

std::unexpected<failure> system_failure(std::string_view doing, const fs::path& path) {
  return fail(errc::io_error, fmt::format("{} {}: {}", doing, path.string(), std::strerror(errno)));
}

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

result<void> write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("cannot write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return system_failure("cannot sync", path);
  return {};
}

}  // namespace

result<void> write_durably(const fs::path& path, std::string_view bytes) {
  constexpr mode_t ours_to_read = 0640;
  // Hidden and of another suffix: whoever collects the files does not take it for one.
  const auto draft = path.parent_path() / ("." + path.filename().string() + ".part");
  {
    const descriptor file(
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, ours_to_read));
    if (!file) return system_failure("cannot create", draft);
    if (auto ok = write_all(file.get(), bytes, draft); !ok) return ok;
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) return system_failure("cannot rename to", path);
  const descriptor directory(
      ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0)
    return system_failure("cannot sync", path.parent_path());
  return {};
}

}  // namespace hotline
