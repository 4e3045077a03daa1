#include "services/transfer/file_inlet.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "common/exchange/limits.hpp"
#include "services/transfer/round_pause.hpp"

namespace hotline::transfer {

using boost::asio::awaitable;
namespace fs = std::filesystem;

namespace {

constexpr milliseconds otherwise_every{60'000};
/// Who writes a file where we see it, and not beside and renames it, has written it when it was
/// left alone for so long, in real time.
constexpr auto still_for = std::chrono::seconds(5);

bool is_whole(const fs::directory_entry& file, const std::string& suffix) {
  std::error_code gone;
  const auto name = file.path().filename().string();
  if (name.starts_with('.') || !name.ends_with(suffix)) return false;
  if (!file.is_regular_file(gone) || gone) return false;
  const auto written = file.last_write_time(gone);
  return !gone && fs::file_time_type::clock::now() - written >= still_for;
}

/// Nothing: it is larger than a document may be.
result<std::optional<std::string>> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(exchange::document_bytes_max + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (in.bad() || !in.is_open()) return fail(errc::io_error, path.string() + " cannot be read");
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  if (bytes.size() > exchange::document_bytes_max) return std::nullopt;
  return bytes;
}

}  // namespace

file_inlet::file_inlet(exchange::partner from, runtime::feed_intake& intake, const clock& now,
                       logger log)
    : from_(std::move(from)),
      intake_(intake),
      now_(now),
      log_(std::move(log)),
      directory_(from_.config().inbound().file().directory()) {}

awaitable<void> file_inlet::run(runtime::stop_signal& stopping) {
  const auto every = round_of(from_.config().inbound().file().every(), otherwise_every);
  bool more = true;
  while (more) {
    const auto begun = now_.now();
    const auto looked = co_await look();
    if (!looked) {
      log_.warn("files not taken in partner={} reason=\"{}\"", from_.name(),
                to_string(looked.error()));
    }
    more = co_await wait_until(begun + every, now_, stopping);
  }
}

awaitable<result<std::size_t>> file_inlet::look() {
  std::error_code failed;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(directory_, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (is_whole(*at, from_.config().inbound().file().suffix())) files.push_back(at->path());
  }
  if (failed) co_return fail(errc::io_error, directory_.string() + ": " + failed.message());
  std::ranges::sort(files);
  std::optional<failure> left;
  for (const auto& file : files) {
    const auto taken = co_await take(file);
    if (taken) continue;
    // What is wrong with one file is no reason to keep the others waiting.
    if (taken.error().code != errc::io_error) co_return pass(taken);
    if (!left) left = taken.error();
  }
  if (left) co_return std::unexpected(*std::move(left));
  co_return files.size();
}

awaitable<result<void>> file_inlet::take(const fs::path& file) {
  auto bytes = read_file(file);
  if (!bytes) co_return pass(bytes);
  if (!*bytes) {
    log_.error("file too large partner={} file={}", from_.name(), file.filename().string());
    co_return move_to("failed", file);
  }
  const auto taken = co_await intake_.take_in(**std::move(bytes), {}, now_.now());
  if (!taken) co_return pass(taken);
  if (!taken->unreadable && !taken->too_many) co_return move_to("done", file);
  log_.error("file not read partner={} file={} reason=\"{}\"", from_.name(),
             file.filename().string(),
             taken->too_many ? "more items than are taken in at once"
                             : exchange::to_string({*taken->unreadable}));
  co_return move_to("failed", file);
}

/// A name that is there already is of another file: both are kept.
result<void> file_inlet::move_to(const char* below, const fs::path& file) const {
  std::error_code failed;
  const auto directory = directory_ / below;
  fs::create_directories(directory, failed);
  auto to = directory / file.filename();
  for (int i = 2; fs::exists(to, failed); ++i)
    to = directory / fmt::format("{}.{}", file.filename().string(), i);
  fs::rename(file, to, failed);
  if (failed) return fail(errc::io_error, file.string() + ": " + failed.message());
  return {};
}

}  // namespace hotline::transfer
