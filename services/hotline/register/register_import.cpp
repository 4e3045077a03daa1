// `hotline register`: the rows of a register become tickets; what was answered on the spot is filed
// as answered.
#include <fmt/core.h>

#include <cstdio>
#include <fstream>
#include <map>

#include "common/crypto/digest.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/patient_run.hpp"
#include "services/hotline/register/register_rows.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/user_office.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::size_t progress_every = 100;

/// What became of each row, for whoever keeps the register: CSV with line, ticket number and
/// outcome.
class outcome_file {
 public:
  explicit outcome_file(std::string name) : name_(std::move(name)) {}

  void add(std::size_t line, std::string_view ticket_no, std::string_view outcome) {
    std::string quoted;
    for (const char c : outcome) quoted += c == '"' ? "\"\"" : std::string(1, c);
    lines_.emplace(line, fmt::format("{},{},\"{}\"\n", line, ticket_no, quoted));
  }

  /// Writes the lines in the order of the register; false when that fails.
  bool finish() const {
    if (name_.empty()) return true;
    std::ofstream out(name_, std::ios::binary | std::ios::trunc);
    // The mark tells spreadsheets that it is UTF-8.
    out << "\xEF\xBB\xBF行,工单号,结果\n";
    for (const auto& [number, line] : lines_) out << line;
    return out.flush().good();
  }

 private:
  std::string name_;
  std::multimap<std::size_t, std::string> lines_;
};

class register_importer {
 public:
  register_importer(tool_session& session, const register_options& options)
      : session_(session), options_(options), outcomes_(options.report) {
    actor_.set_user(console_user());
    actor_.set_role(v1::ROLE_OPERATOR);
    actor_.set_unit(options.unit.empty() ? std::string(session.land().org.province_desk())
                                         : options.unit);
  }

  awaitable<int> run() {
    v1::Source source = v1::SOURCE_UNSPECIFIED;
    if (!v1::Source_Parse("SOURCE_" + options_.source, &source) ||
        source == v1::SOURCE_UNSPECIFIED) {
      fmt::print(stderr, "没有来源 {}\n", options_.source);
      co_return exit_usage;
    }
    if (!session_.land().org.contains(actor_.unit())) {
      fmt::print(stderr, "没有单位 {}\n", actor_.unit());
      co_return exit_usage;
    }
    const auto rows = read_table(options_.file);
    if (!rows) {
      fmt::print(stderr, "hotline: {}: {}\n", options_.file, rows.error().detail);
      co_return rows.error().code == errc::io_error ? exit_failed : exit_found;
    }
    const auto list = read_register(*rows, source, session_.land());
    for (const auto& mistake : list.mistakes) {
      report(mistake.line, fmt::format("{}{}{}", mistake.column, mistake.column.empty() ? "" : ": ",
                                       mistake.reason));
    }
    for (const auto& entry : list.entries) {
      if (session_.stopping().raised()) break;
      if (!co_await take(entry)) break;
    }
    const bool whole = !failed_ && !session_.stopping().raised();
    fmt::print("登记 {} 行：新建 {}，已有 {}，其中已答复 {}，有误 {}{}\n", list.entries.size(),
               created_, repeated_, answered_, bad_, whole ? "" : "（中断，可用同一文件继续）");
    if (!outcomes_.finish()) {
      fmt::print(stderr, "hotline: cannot write {}\n", options_.report);
      co_return exit_failed;
    }
    if (!whole) co_return exit_failed;
    co_return bad_ == 0 ? exit_ok : exit_found;
  }

 private:
  void report(std::size_t line, std::string_view reason) {
    ++bad_;
    fmt::print(stderr, "{}:{}: {}\n", options_.file, line, reason);
    outcomes_.add(line, "", reason);
  }

  /// False: it makes no sense to go on.
  awaitable<bool> take(const register_entry& entry) {
    // The same row of the same register is the same request, however often it is read.
    const auto print = crypto::to_hex(session_.store().vault.fingerprint(
        fmt::format("{}\n{}\n{}", entry.line, actor_.unit(), entry.text)));
    v1::Command create;
    create.set_id("register-" + print);
    *create.mutable_actor() = actor_;
    *create.mutable_create() = entry.order;
    const auto made = co_await run_patiently(session_, std::move(create), print);
    if (!made) co_return false;
    if (!*made) co_return give_up(entry.line, made->error());
    const auto& no = (*made)->answer.ticket_no();
    ++((*made)->replayed ? repeated_ : created_);
    if (!entry.answer.empty()) {
      v1::Command answer;
      answer.set_id("register-answer-" + print);
      answer.set_ticket_no(no);
      answer.mutable_answer_directly()->set_answer(entry.answer);
      *answer.mutable_actor() = actor_;
      const auto filed = co_await run_patiently(session_, std::move(answer), print);
      if (!filed) co_return false;
      if (!*filed) co_return give_up(entry.line, filed->error());
      ++answered_;
    }
    outcomes_.add(entry.line, no, entry.answer.empty() ? "已受理" : "已答复，待质检");
    if ((created_ + repeated_) % progress_every == 0) {
      fmt::print(stderr, "已登记 {} 行\n", created_ + repeated_);
    }
    co_return true;
  }

  bool give_up(std::size_t line, const store::refusal& refused) {
    report(line, words_of(refused));
    if (!refused.rejection) failed_ = true;
    return refused.rejection.has_value();
  }

  tool_session& session_;
  const register_options& options_;
  outcome_file outcomes_;
  v1::Actor actor_;
  std::size_t created_ = 0;
  std::size_t repeated_ = 0;
  std::size_t answered_ = 0;
  std::size_t bad_ = 0;
  bool failed_ = false;
};

awaitable<int> run(tool_session& session, const register_options& options) {
  register_importer work(session, options);
  co_return co_await work.run();
}

}  // namespace

int import_register(const command_places& where, const register_options& options) {
  return tool_session::run(
      where, true, [&options](tool_session& session) { return program::run(session, options); });
}

}  // namespace hotline::program
