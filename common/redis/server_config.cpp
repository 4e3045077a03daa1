#include "common/redis/server_config.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace hotline::redis {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t log_keep_bytes = 16u << 20;
constexpr std::streamoff tail_bytes = 600;

std::string words_of(int error) { return std::generic_category().message(error); }

std::unexpected<failure> io_failure(const char* what, const std::string& path, int error) {
  return fail(errc::io_error, fmt::format("cannot {} {}: {}", what, path, words_of(error)));
}

// The quoting rules of redis.conf.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

// appendfsync always and no-appendfsync-on-rewrite no: a reply leaves only after its write is on
// disk, also during a rewrite. save "": the AOF is the data, a second copy would only cost. A
// rewrite forks, and every page written meanwhile is copied: it costs a third of the throughput
// while it lasts, so it begins late and is kept short (no compression). aof-load-truncated no:
// Redis leaves half a transaction behind when it cuts (append_log.hpp); we cut.
// busy-reply-threshold below our command timeout: a slow script is answered with BUSY (refused)
// instead of silence (outcome unknown).
// disable-thp no: huge pages, see allocator_settings.
std::string render_config(const embedded_options& options, const std::string& socket_path) {
  std::string conf = fmt::format(
      "# Written at each start; changes here are lost.\n"
      "port 0\n"
      "unixsocket {}\n"
      "unixsocketperm 700\n"
      "dir {}\n"
      "daemonize no\n"
      "supervised no\n"
      "databases 1\n"
      "save \"\"\n"
      "maxmemory {}\n"
      "maxmemory-policy noeviction\n"
      "busy-reply-threshold 1000\n"
      "latency-tracking no\n"
      "disable-thp no\n",
      quoted(socket_path), quoted(options.directory), options.maxmemory_bytes);
  if (options.durable) {
    conf +=
        "appendonly yes\n"
        "appendfsync always\n"
        "no-appendfsync-on-rewrite no\n"
        "aof-load-truncated no\n"
        "aof-use-rdb-preamble yes\n"
        "auto-aof-rewrite-percentage 100\n"
        "auto-aof-rewrite-min-size 512mb\n"
        "rdbcompression no\n";
  } else {
    conf += "appendonly no\n";
  }
  for (const auto& line : options.extra_config) conf += line + '\n';
  return conf;
}

result<std::string> prepare_directory(const std::string& directory) {
  std::error_code error;
  const auto path = fs::absolute(directory, error).lexically_normal();
  const bool created = !error && fs::create_directories(path, error);
  if (!error && created) fs::permissions(path, fs::perms::owner_all, error);
  if (!error && access(path.c_str(), W_OK | X_OK) == 0) return path.string();
  return fail(errc::misconfigured,
              fmt::format("the data directory {} cannot be used: {}", path.string(),
                          error ? error.message() : words_of(errno)));
}

result<void> write_file(const std::string& path, const std::string& content) {
  const std::string fresh = path + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  if (!out) return io_failure("write", fresh, errno);
  std::error_code error;
  fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, error);
  if (!error) fs::rename(fresh, path, error);
  if (error) return io_failure("write", path, error.value());
  return {};
}

result<socket_place> socket_place::choose(const std::string& directory) {
  std::string inside = directory + "/redis.sock";
  if (inside.size() <= unix_path_max) return socket_place(std::move(inside), {});
  std::string made = "/tmp/hotline-redis-XXXXXX";
  if (!mkdtemp(made.data())) return io_failure("create", made, errno);
  return socket_place(made + "/redis.sock", made);
}

socket_place::socket_place(socket_place&& other) noexcept
    : path_(std::exchange(other.path_, {})), temporary_(std::exchange(other.temporary_, {})) {}

socket_place::~socket_place() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove(path_, ignored);
  if (!temporary_.empty()) fs::remove(temporary_, ignored);
}

result<unique_fd> open_lock(const std::string& directory) {
  const std::string path = directory + "/lock";
  unique_fd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!lock) return io_failure("open", path, errno);
  return lock;
}

bool try_lock(const unique_fd& lock) { return flock(lock.get(), LOCK_EX | LOCK_NB) == 0; }

result<unique_fd> open_log(const std::string& directory) {
  const std::string path = directory + "/redis.log";
  std::error_code ignored;
  const auto size = fs::file_size(path, ignored);
  if (!ignored && size > log_keep_bytes) fs::rename(path, path + ".1", ignored);
  unique_fd log(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!log) return io_failure("open", path, errno);
  return log;
}

std::string log_tail(const std::string& directory) {
  std::ifstream in(directory + "/redis.log", std::ios::binary);
  in.seekg(0, std::ios::end);
  const auto size = static_cast<std::streamoff>(in.tellg());
  if (size <= 0) return {};
  in.seekg(std::max<std::streamoff>(0, size - tail_bytes));
  std::string tail{std::istreambuf_iterator<char>(in), {}};
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  if (size > tail_bytes) tail.erase(0, tail.find('\n') + 1);
  std::ranges::replace(tail, '\n', '|');
  return tail;
}

}  // namespace hotline::redis
