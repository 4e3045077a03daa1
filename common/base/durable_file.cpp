#include "common/base/durable_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hotline {

namespace fs = std::filesystem;

file_descriptor::~file_descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::unexpected<failure> system_failure(std::string_view doing, const fs::path& path) {
  return fail(errc::io_error, fmt::format("{} {}: {}", doing, path.string(), std::strerror(errno)));
}

result<void> write_and_sync(const file_descriptor& file, std::string_view bytes,
                            const fs::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("cannot write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return system_failure("cannot sync", path);
  return {};
}

result<void> sync_directory_of(const fs::path& path) {
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const file_descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return system_failure("cannot sync", parent);
  return {};
}

result<void> write_durably(const fs::path& path, std::string_view bytes,
                           const durable_options& options) {
  const auto draft = options.draft.empty()
                         ? path.parent_path() / ("." + path.filename().string() + ".part")
                         : options.draft;
  {
    const file_descriptor file(
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, options.mode));
    if (!file) return system_failure("cannot create", draft);
    if (auto ok = write_and_sync(file, bytes, draft); !ok) return ok;
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) return system_failure("cannot rename to", path);
  return sync_directory_of(path);
}

}  // namespace hotline
