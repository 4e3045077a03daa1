#include "services/transfer/file_inlet.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "common/crypto/digest.hpp"
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

/// Stands for a file that is too large to be kept with its review.
result<std::string> description_of(const fs::path& file, const fs::path& to) {
  std::ifstream in(file, std::ios::binary);
  crypto::digest digest(v1::HASH_SUITE_SHA_256);
  std::uint64_t size = 0;
  std::string piece(std::size_t{1} << 20, '\0');
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    const auto got = static_cast<std::size_t>(in.gcount());
    digest.add(std::string_view(piece).substr(0, got));
    size += got;
  }
  if (in.bad() || size == 0) return fail(errc::io_error, file.string() + " cannot be read");
  return fmt::format("file {}, bytes {}, sha256 {}, now at {}", file.filename().string(), size,
                     crypto::to_hex(crypto::as_bytes(digest.finish())), to.string());
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
  if (!*bytes) co_return co_await put_aside(file, std::nullopt);
  const auto taken = co_await intake_.take_in(**bytes, {}, now_.now());
  if (!taken) co_return pass(taken);
  if (taken->too_many) co_return co_await put_aside(file, **std::move(bytes));
  if (!taken->unreadable) co_return move_to("done", file);
  log_.error("file not read partner={} file={} reason=\"{}\"", from_.name(),
             file.filename().string(), exchange::to_string({*taken->unreadable}));
  co_return move_to("failed", file);
}

/// For a person: the file itself, or what tells which it is where it is too large to be kept. The
/// review comes first, and is the same after a crash between the two.
awaitable<result<void>> file_inlet::put_aside(const fs::path& file,
                                              std::optional<std::string> bytes) {
  const auto name = file.filename().string();
  log_.error("file put aside partner={} file={} reason=\"{}\"", from_.name(), name,
             bytes ? "more items than are taken in at once" : "too large");
  const auto to = place_below("failed", file);
  if (!to) co_return pass(to);
  std::string why = "一次最多接收 1000 件，请由对方分开发送";
  if (!bytes) {
    auto told = description_of(file, *to);
    if (!told) co_return pass(told);
    bytes = *std::move(told);
    why = fmt::format("文件过大，请由对方分开发送：{}", *bytes);
  }
  const auto kept = co_await intake_.put_aside(*std::move(bytes), std::move(why), now_.now());
  if (!kept) co_return kept;
  co_return move_to("failed", file);
}

/// A name that is there already is of another file: both are kept.
result<fs::path> file_inlet::place_below(const char* below, const fs::path& file) const {
  std::error_code failed;
  const auto directory = directory_ / below;
  fs::create_directories(directory, failed);
  if (failed) return fail(errc::io_error, directory.string() + ": " + failed.message());
  auto to = directory / file.filename();
  for (int i = 2; fs::exists(to, failed); ++i)
    to = directory / fmt::format("{}.{}", file.filename().string(), i);
  return to;
}

result<void> file_inlet::move_to(const char* below, const fs::path& file) const {
  const auto to = place_below(below, file);
  if (!to) return pass(to);
  std::error_code failed;
  fs::rename(file, *to, failed);
  if (failed) return fail(errc::io_error, file.string() + ": " + failed.message());
  return {};
}

}  // namespace hotline::transfer
