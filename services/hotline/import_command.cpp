// `hotline import`: tickets from a file of JSON lines.
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <boost/asio/this_coro.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "common/crypto/digest.hpp"
#include "common/json/codec.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/patient_run.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/user_office.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::size_t in_flight_max = 64;
constexpr std::size_t line_bytes_max = 256 * 1024;
constexpr std::int64_t progress_every = 200;

class importer {
 public:
  importer(tool_session& session, const import_options& options)
      : session_(session),
        options_(options),
        codec_(std::array<const google::protobuf::Descriptor*, 2>{v1::CreateTicket::descriptor(),
                                                                  v1::Intake::descriptor()}) {
    actor_.set_user(console_user());
    actor_.set_role(v1::ROLE_SYSTEM);
    actor_.set_unit(options.unit.empty() ? std::string(session.land().org.province_desk())
                                         : options.unit);
  }

  awaitable<int> run() {
    if (!session_.land().org.contains(actor_.unit())) {
      fmt::print(stderr, "没有单位 {}\n", actor_.unit());
      co_return exit_usage;
    }
    std::ifstream file;
    if (options_.file != "-") {
      file.open(options_.file, std::ios::binary);
      if (!file) {
        fmt::print(stderr, "hotline: cannot read {}\n", options_.file);
        co_return exit_failed;
      }
      std::error_code unknown;
      bytes_ = std::filesystem::file_size(options_.file, unknown);
      if (unknown) bytes_ = 0;
    }
    if (const auto recorded = co_await record_start(); !recorded) {
      fmt::print(stderr, "hotline: {}\n", recorded.error().detail);
      co_return exit_failed;
    }
    std::istream& in = options_.file == "-" ? std::cin : file;
    runtime::task_counters counters;
    runtime::task_group lines(co_await boost::asio::this_coro::executor, counters,
                              logger(make_null_sink(), "import"));
    for (std::string line; !session_.stopping().raised() && std::getline(in, line);) {
      ++number_;
      read_ += line.size() + 1;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      while (lines.running() >= in_flight_max) co_await lines.wait_idle(milliseconds(1));
      lines.spawn("line", take(number_, std::move(line)));
      line = {};
      show_progress(false);
    }
    while (!co_await lines.wait_idle(milliseconds(1000))) {
    }
    show_progress(true);
    fmt::print("导入 {} 行：新建 {}，已有 {}，有误 {}{}\n", number_, created_, repeated_, bad_,
               session_.stopping().raised() ? "（中断，可用同一文件继续）" : "");
    if (failed_ || session_.stopping().raised()) co_return exit_failed;
    co_return bad_ == 0 ? exit_ok : exit_found;
  }

 private:
  void report(std::int64_t number, std::string_view reason) {
    ++bad_;
    fmt::print(stderr, "{}{}:{}: {}\n", person_ ? "\r\033[K" : "", options_.file, number, reason);
  }

  /// On record before the first ticket is made.
  awaitable<result<void>> record_start() {
    v1::AuditRecord record;
    record.set_at(to_unix_ms(session_.now().now()));
    *record.mutable_actor() = actor_;
    record.set_action("ticket.import");
    record.set_object(options_.file);
    record.set_done(true);
    auto people = session_.people();
    co_return co_await people.record(std::move(record));
  }

  /// A line is a CreateTicket or the Intake alone.
  std::expected<v1::CreateTicket, std::string> parse(const std::string& line) const {
    if (line.size() > line_bytes_max) return std::unexpected("the line is too long");
    v1::CreateTicket order;
    const auto whole = codec_.read(line, order);
    if (whole && order.has_intake()) return order;
    v1::CreateTicket wrapped;
    const auto inner = codec_.read(line, *wrapped.mutable_intake());
    if (inner) return wrapped;
    const bool says_intake = line.find("\"intake\"") != std::string::npos;
    const auto& fault = says_intake && !whole ? whole.error() : inner.error();
    return std::unexpected(fmt::format("{}{}（{}）", fault.path.empty() ? "" : fault.path + " ",
                                       reason_zh(fault.kind), reason_en(fault.kind)));
  }

  awaitable<void> take(std::int64_t number, std::string line) {
    auto order = parse(line);
    if (!order) co_return report(number, order.error());
    v1::Command command;
    *command.mutable_actor() = actor_;
    *command.mutable_create() = *std::move(order);
    // The same line of the same file is the same request, however often the import runs.
    const auto print = crypto::to_hex(
        session_.store().vault.fingerprint(fmt::format("{}\n{}\n{}", number, actor_.unit(), line)));
    command.set_id("import-" + print.substr(0, 40));
    const auto run = co_await run_patiently(session_, std::move(command), print);
    if (!run) co_return;
    if (*run) {
      ++((*run)->replayed ? repeated_ : created_);
      co_return;
    }
    const auto& refused = run->error();
    if (!refused.rejection) failed_ = true;
    report(number, words_of(refused));
  }

  void show_progress(bool at_end) {
    if (!person_ || (!at_end && number_ % progress_every != 0)) return;
    constexpr std::size_t width = 30;
    const auto share = bytes_ == 0 ? 0.0 : static_cast<double>(read_) / static_cast<double>(bytes_);
    const auto full = at_end ? width : static_cast<std::size_t>(share * width);
    std::string bar(std::min(full, width), '#');
    bar.resize(width, '.');
    fmt::print(stderr, "\r[{}] {} 行，有误 {}{}", bar, number_, bad_, at_end ? "\n" : "");
  }

  tool_session& session_;
  const import_options& options_;
  json::codec codec_;
  v1::Actor actor_;
  const bool person_ = isatty(STDERR_FILENO) == 1;
  std::uintmax_t bytes_ = 0;
  std::uintmax_t read_ = 0;
  std::int64_t number_ = 0;
  std::int64_t created_ = 0;
  std::int64_t repeated_ = 0;
  std::int64_t bad_ = 0;
  bool failed_ = false;
};

awaitable<int> run(tool_session& session, const import_options& options) {
  importer work(session, options);
  co_return co_await work.run();
}

}  // namespace

int import_tickets(const command_places& where, const import_options& options) {
  return tool_session::run(
      where, true, [&options](tool_session& session) { return program::run(session, options); });
}

}  // namespace hotline::program
