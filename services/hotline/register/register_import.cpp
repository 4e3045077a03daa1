// `hotline register`: the rows of a register become tickets; what was answered on the spot is filed
// as answered.
#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <variant>

#include "services/hotline/commands.hpp"
#include "services/hotline/console_deed.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/register/register_report.hpp"
#include "services/hotline/register/register_rows.hpp"
#include "services/hotline/register/registrar.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/user_office.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::size_t progress_every = 100;

/// A union, or a part of one, that works: partners hand in what is theirs by the exchange.
bool takes_calls(const v1::Unit* unit) {
  return unit && !unit->inactive() && unit->level() != v1::Unit::PARTNER;
}

/// The rows in their order: to be taken, or the words about what is wrong with them.
using row_work = std::map<std::size_t, std::variant<register_entry, std::string>>;

row_work work_of(register_list list) {
  row_work work;
  for (auto& entry : list.entries) {
    const auto line = entry.line;
    work.emplace(line, std::move(entry));
  }
  for (const auto& mistake : list.mistakes) {
    auto& row = work.try_emplace(mistake.line, std::string()).first->second;
    auto& words = std::get<std::string>(row);
    if (!words.empty()) words += "；";
    if (!mistake.column.empty()) words += mistake.column + ": ";
    words += mistake.reason;
  }
  return work;
}

class register_importer {
 public:
  register_importer(tool_session& session, const register_options& options)
      : session_(session), options_(options) {
    actor_.set_user(console_user());
    actor_.set_role(v1::ROLE_OPERATOR);
    actor_.set_unit(options.unit.empty() ? std::string(session.land().org.province_desk())
                                         : options.unit);
  }

  awaitable<int> run() {
    v1::Source source = v1::SOURCE_UNSPECIFIED;
    if (!v1::Source_Parse("SOURCE_" + options_.source, &source) ||
        source == v1::SOURCE_UNSPECIFIED) {
      co_return misused(fmt::format("没有来源 {}", options_.source));
    }
    const auto* unit = session_.land().org.find(actor_.unit());
    if (!takes_calls(unit)) {
      co_return misused(unit ? fmt::format("单位 {} 不受理来电：请用工会的单位代码", unit->code())
                             : fmt::format("没有单位 {}", actor_.unit()));
    }
    std::error_code unlike;
    if (std::filesystem::equivalent(options_.file, options_.report, unlike)) {
      co_return misused("--report 不能就是台账文件本身");
    }
    const auto rows = read_table(options_.file, csv_charset::utf8_or_gb18030);
    if (!rows) {
      fmt::print(stderr, "{}: {}\n", options_.file, rows.error().detail);
      co_return rows.error().code == errc::io_error ? exit_failed : exit_found;
    }
    auto list = read_register(*rows, {source, options_.series}, session_.land());
    auto report = register_report::open(options_.report);
    if (!report) co_return unwritable(report.error());
    co_return co_await take_all(std::move(list), *std::move(report));
  }

 private:
  static int misused(const std::string& why) {
    fmt::print(stderr, "hotline: {}\n", why);
    return exit_usage;
  }

  int unwritable(const failure& why) const {
    fmt::print(stderr, "{}: 报告写不了（{}）\n", options_.report, why.detail);
    return exit_failed;
  }

  awaitable<int> take_all(register_list list, register_report report) {
    say_ignored(list);
    const bool useless = list.rows == 0 && !list.mistakes.empty();
    const auto rows = list.rows;
    auto work = work_of(std::move(list));
    if (!useless) {
      const auto recorded = co_await record(rows);
      if (!recorded) co_return complain(recorded.error());
    }
    registrar clerk(session_, actor_);
    for (auto& [line, row] : work) {
      row_taken taken;
      if (auto* wrong = std::get_if<std::string>(&row)) {
        taken.outcome = {line, {}, row_end::wrong, std::move(*wrong)};
      } else if (broken_ || session_.stopping().raised()) {
        taken.outcome = {line, {}, row_end::waiting, "可用同一文件继续"};
      } else {
        taken = co_await clerk.take(std::get<register_entry>(std::move(row)));
      }
      tell(taken);
      // Without the report nobody would learn the numbers: no more tickets are made.
      if (auto ok = report.add(taken.outcome); !ok) co_return unwritable(ok.error());
    }
    if (useless) {
      fmt::print(stderr, "{}: 没有登记任何一行\n", options_.file);
      co_return exit_found;
    }
    co_return summary(rows);
  }

  void say_ignored(const register_list& list) const {
    if (list.ignored.empty()) return;
    std::string names;
    for (const auto& one : list.ignored) names += (names.empty() ? "" : "、") + one;
    fmt::print(stderr, "{}:{}: 这些列不认识，略去不读：{}\n", options_.file, list.heading_line,
               names);
  }

  /// On record before the first ticket is made.
  awaitable<result<void>> record(std::size_t rows) {
    console_deed deed;
    deed.action = "ticket.register";
    deed.object = options_.file;
    deed.detail = fmt::format("source={} series={} unit={} rows={}", options_.source,
                              options_.series, actor_.unit(), rows);
    co_return co_await record_deed(session_, std::move(deed));
  }

  void tell(const row_taken& taken) {
    const auto& outcome = taken.outcome;
    ++ends_[outcome.end];
    answered_ += taken.answered ? 1 : 0;
    if (outcome.end == row_end::wrong) {
      fmt::print(stderr, "{}:{}: {}\n", options_.file, outcome.line, outcome.words);
    }
    if (taken.why) broken_ = true;
    if (taken.why && taken.why->code != errc::cancelled) {
      fmt::print(stderr, "{}:{}: 没有办成（{}）\n", options_.file, outcome.line,
                 to_string(*taken.why));
    }
    if (outcome.end != row_end::made && outcome.end != row_end::known) return;
    const auto done = ends_[row_end::made] + ends_[row_end::known];
    if (done % progress_every == 0) fmt::print(stderr, "已登记 {} 行\n", done);
  }

  int summary(std::size_t rows) {
    const auto waiting = ends_[row_end::waiting];
    fmt::print("登记 {} 行：新建 {}，已有 {}，其中已答复 {}，有误 {}{}\n", rows,
               ends_[row_end::made], ends_[row_end::known], answered_, ends_[row_end::wrong],
               waiting == 0 ? "" : fmt::format("，未处理 {}（中断，可用同一文件继续）", waiting));
    if (waiting > 0) return exit_failed;
    return ends_[row_end::wrong] == 0 ? exit_ok : exit_found;
  }

  tool_session& session_;
  const register_options& options_;
  v1::Actor actor_;
  std::map<row_end, std::size_t> ends_;
  std::size_t answered_ = 0;
  bool broken_ = false;
};

awaitable<int> run(tool_session& session, const register_options& options) {
  register_importer work(session, options);
  co_return co_await work.run();
}

}  // namespace

int import_register(const command_places& where, const register_options& options) {
  return tool_session::run(
      where, false, [&options](tool_session& session) { return program::run(session, options); });
}

}  // namespace hotline::program
