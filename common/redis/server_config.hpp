// The files of an embedded server: its redis.conf, its socket, its lock, its log. Private to this
// room.
#pragma once

#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/redis/child_process.hpp"
#include "common/redis/embedded_server.hpp"

namespace hotline::redis {

/// For redis-server's environment: jemalloc, which Debian's Redis is linked with, asks for huge
/// pages. With a million tickets (4 GB) a commit touches some twenty places far apart, and most of
/// what it cost more than with ten thousand were misses of the TLB (growth of the cost 1.21 x
/// without, 1.06 x with it; tests/bench). What speaks against huge pages in Redis's own documents
/// is copying 2 MB where 4 KB are written during a rewrite: since Linux 5.8 the kernel splits the
/// page instead. Debian's kernel gives huge pages only to those who ask (madvise). Somebody who
/// sets MALLOC_CONF themselves is left alone.
inline constexpr std::string_view allocator_settings = "MALLOC_CONF=thp:always";

/// redis.conf for these options.
std::string render_config(const embedded_options& options, const std::string& socket_path);

/// The directory as an absolute path, created if need be.
result<std::string> prepare_directory(const std::string& directory);

/// Writes the file so that it is there as a whole or not at all.
result<void> write_file(const std::string& path, const std::string& content);

/// Where the socket goes: into the directory, or, when its path would be too long for a Unix
/// socket, into a fresh directory under /tmp that ends with this object.
class socket_place {
 public:
  static result<socket_place> choose(const std::string& directory);
  ~socket_place();
  socket_place(socket_place&& other) noexcept;
  socket_place& operator=(socket_place&&) = delete;

  const std::string& path() const { return path_; }

 private:
  socket_place(std::string path, std::string temporary)
      : path_(std::move(path)), temporary_(std::move(temporary)) {}

  std::string path_;
  std::string temporary_;
};

/// Opens the lock file of a data directory; does not lock it.
result<unique_fd> open_lock(const std::string& directory);
/// Takes the lock if nobody has it. It is inherited by the server, and so lasts until both are
/// gone.
bool try_lock(const unique_fd& lock);

/// Opens redis.log for appending; a big old one is kept once as redis.log.1.
result<unique_fd> open_log(const std::string& directory);
/// The last lines of redis.log, on one line.
std::string log_tail(const std::string& directory);

}  // namespace hotline::redis
