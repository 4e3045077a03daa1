#include "common/store/state_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string_view>

#include "common/base/durable_file.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/digest.hpp"

namespace hotline::store {
namespace {

constexpr std::string_view first_line = "hotline data set 1";

std::string render(const data_set_state& state) {
  auto text = fmt::format("{}\nid {}\nmode {}\n", first_line, state.id, state.mode);
  for (const auto& [place, commit_no] : state.floors) {
    text += fmt::format("floor {} {}\n", place, commit_no);
  }
  return text + fmt::format("end {}\n", to_hex(sha256(text)));
}

bool read_line(std::string_view line, data_set_state& state) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const auto name = line.substr(0, space);
  const auto value = line.substr(space + 1);
  if (name == "id") {
    state.id = value;
    return true;
  }
  if (name == "mode") {
    state.mode = value;
    return true;
  }
  const auto place = value.substr(0, value.find(' '));
  if (name != "floor" || !is_commit_place(place) || value.size() < place.size() + 2) return false;
  const auto number = value.substr(place.size() + 1);
  std::int64_t commit_no = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), commit_no);
  state.floors[std::string(place)] = commit_no;
  return read.ec == std::errc() && read.ptr == number.data() + number.size();
}

std::optional<data_set_state> parse(std::string_view text) {
  const auto end = text.rfind("end ");
  if (end == std::string_view::npos) return std::nullopt;
  auto lines = text.substr(0, end);
  if (text.substr(end) != fmt::format("end {}\n", to_hex(sha256(lines)))) return std::nullopt;
  data_set_state state;
  bool first = true;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    if (first ? line != first_line : !read_line(line, state)) return std::nullopt;
    first = false;
    lines.remove_prefix(line.size() + 1);
  }
  return state;
}

}  // namespace

result<std::optional<data_set_state>> read_state(const std::string& path) {
  const file_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return std::optional<data_set_state>();
    return system_failure("cannot open", path);
  }
  std::string text;
  char block[4096];
  while (true) {
    const auto got = ::read(file.get(), block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("cannot read", path);
    if (got == 0) break;
    text.append(block, static_cast<std::size_t>(got));
  }
  auto state = parse(text);
  if (!state) {
    return fail(errc::corrupt_data,
                fmt::format("{} does not check out. It guards against serving an old or an empty "
                            "data set; remove it only when the data in Redis is known to be right",
                            path));
  }
  return state;
}

result<void> write_state(const std::string& path, const data_set_state& state) {
  // A name of its own, so that two processes never write into the same file.
  const auto draft = fmt::format("{}.{}.new", path, ::getpid());
  return write_durably(path, render(state), {.mode = 0600, .draft = draft});
}

}  // namespace hotline::store
