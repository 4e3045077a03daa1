#include "common/redis/append_log.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/redis/child_process.hpp"

namespace hotline::redis {
namespace {

constexpr std::size_t buffer_bytes = 1u << 20;
constexpr std::size_t line_bytes_max = 64;
constexpr std::size_t verb_bytes_max = 5;
constexpr std::string_view line_end = "\r\n";

std::unexpected<failure> io_failure(const char* what, const std::string& path, int error) {
  return fail(errc::io_error,
              fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(error)));
}

/// Looks at a file through a window; payloads that are stepped over are not copied.
class file_window {
 public:
  file_window(int descriptor, std::uint64_t size)
      : descriptor_(descriptor), size_(size), buffer_(buffer_bytes) {}

  std::uint64_t position() const { return position_; }
  std::uint64_t left() const { return size_ - position_; }
  int error() const { return error_; }
  void skip(std::uint64_t bytes) { position_ += bytes; }

  /// Up to `count` bytes from the position on; fewer at the end of the file or after an error.
  std::string_view peek(std::size_t count) {
    if (position_ < first_ || position_ + count > first_ + filled_) fill();
    if (position_ < first_ || position_ >= first_ + filled_) return {};
    const auto from = static_cast<std::size_t>(position_ - first_);
    return std::string_view(buffer_.data(), filled_).substr(from, count);
  }

 private:
  void fill() {
    first_ = position_;
    filled_ = 0;
    while (filled_ < buffer_.size()) {
      const auto got = pread(descriptor_, buffer_.data() + filled_, buffer_.size() - filled_,
                             static_cast<off_t>(first_ + filled_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) error_ = errno;
      if (got <= 0) return;
      filled_ += static_cast<std::size_t>(got);
    }
  }

  int descriptor_;
  std::uint64_t size_;
  std::vector<char> buffer_;
  std::uint64_t first_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t position_ = 0;
  int error_ = 0;
};

enum class step : std::uint8_t { command, annotation, multi, exec, torn, foreign };

/// The number of a line like `*3\r\n`, which is stepped over; nothing when the line is cut short or
/// is no such line, which `end` then tells apart.
std::optional<std::uint64_t> read_number(file_window& file, char mark, step& end) {
  const auto text = file.peek(line_bytes_max);
  if (text.empty()) {
    end = step::torn;
    return std::nullopt;
  }
  end = step::foreign;
  if (text.front() != mark) return std::nullopt;
  const auto stop = text.find(line_end);
  const auto digits = text.substr(1, stop == std::string_view::npos ? stop : stop - 1);
  if (stop == std::string_view::npos) {
    const bool at_end = text.size() < line_bytes_max;
    const auto rest =
        digits.substr(std::min(digits.size(), digits.find_first_not_of("0123456789")));
    if (at_end && (rest.empty() || rest == "\r")) end = step::torn;
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  file.skip(stop + line_end.size());
  return number;
}

bool is_verb(std::string_view text, std::string_view verb) {
  if (text.size() != verb.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & ~0x20) != verb[i]) return false;
  }
  return true;
}

step read_annotation(file_window& file) {
  while (true) {
    const auto text = file.peek(line_bytes_max);
    const auto stop = text.find(line_end);
    if (stop != std::string_view::npos) {
      file.skip(stop + line_end.size());
      return step::annotation;
    }
    if (text.size() < line_bytes_max) return step::torn;
    file.skip(text.size() - 1);  // the line end may be split over two looks
  }
}

/// Steps over one command or annotation.
step read_step(file_window& file) {
  if (file.peek(1) == "#") return read_annotation(file);
  auto kind = step::command;
  auto end = step::foreign;
  const auto count = read_number(file, '*', end);
  if (!count) return end;
  if (*count == 0) return step::foreign;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto length = read_number(file, '$', end);
    if (!length) return end;
    if (file.left() < line_end.size() || *length > file.left() - line_end.size()) return step::torn;
    if (i == 0 && *count == 1 && *length <= verb_bytes_max) {
      const auto verb = file.peek(static_cast<std::size_t>(*length));
      if (is_verb(verb, "MULTI")) kind = step::multi;
      if (is_verb(verb, "EXEC")) kind = step::exec;
    }
    file.skip(*length);
    if (file.peek(line_end.size()) != line_end) return step::foreign;
    file.skip(line_end.size());
  }
  return kind;
}

append_scan scan(file_window& file, std::uint64_t size) {
  append_scan found{.size = size};
  bool open = false;
  while (file.left() > 0) {
    const auto kind = read_step(file);
    if (kind == step::foreign) return found;
    if (kind == step::torn) {
      found.torn = true;
      return found;
    }
    if (kind == step::multi && open) {
      found.nested = true;
      return found;
    }
    if (kind == step::multi) open = true;
    if (kind == step::exec) open = false;
    if (!open) found.whole = file.position();
  }
  found.torn = open;
  return found;
}

/// The append file that Redis writes to: the last one of type i in the manifest.
result<std::optional<std::string>> newest_append_file(const std::string& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() != ".manifest") continue;
    std::ifstream in(entry.path());
    std::optional<std::string> newest;
    for (std::string line; std::getline(in, line);) {
      std::istringstream words(line);
      std::string name_word, name, seq_word, seq, type_word, type;
      words >> name_word >> name >> seq_word >> seq >> type_word >> type;
      if (name_word == "file" && type == "i") newest = name;
    }
    if (in.bad()) return io_failure("read", entry.path().string(), EIO);
    if (!newest) return std::optional<std::string>();
    return std::optional<std::string>(directory + "/" + *newest);
  }
  return std::optional<std::string>();
}

}  // namespace

result<append_scan> scan_append_file(const std::string& path) {
  const unique_fd descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) return io_failure("open", path, errno);
  struct stat status{};
  if (fstat(descriptor.get(), &status) != 0) return io_failure("read", path, errno);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  file_window file(descriptor.get(), size);
  const auto found = scan(file, size);
  if (file.error() != 0) return io_failure("read", path, file.error());
  return found;
}

result<std::uint64_t> cut_torn_tail(const std::string& directory) {
  const auto path = newest_append_file(directory);
  if (!path) return pass(path);
  if (!*path || !std::filesystem::exists(**path)) return std::uint64_t{0};
  const auto found = scan_append_file(**path);
  if (!found) return pass(found);
  if (found->nested) {
    return fail(errc::corrupt_data,
                fmt::format("{} holds a transaction at byte {} that a crash cut short and that "
                            "others were written behind: restore a backup, or cut the file there "
                            "and lose what follows",
                            **path, found->whole));
  }
  if (!found->torn) return std::uint64_t{0};
  const unique_fd descriptor(open((*path)->c_str(), O_WRONLY | O_CLOEXEC));
  if (!descriptor) return io_failure("open", **path, errno);
  if (ftruncate(descriptor.get(), static_cast<off_t>(found->whole)) != 0 ||
      fsync(descriptor.get()) != 0) {
    return io_failure("cut the torn end off", **path, errno);
  }
  return found->size - found->whole;
}

}  // namespace hotline::redis
