// `hotline verify`.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

#include "common/store/exchange_check.hpp"
#include "common/store/people_check.hpp"
#include "common/store/verify.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

void show_progress(const store::verify_report& so_far) {
  fmt::print(stderr, "\r已查 {} 张工单，{} 个事件", so_far.tickets, so_far.events);
}

void print_report(const store::verify_report& report) {
  for (const auto& problem : report.problems) {
    fmt::print("{}{} {} {}\n", problem.repaired ? "[已修复] " : "", to_string(problem.kind),
               problem.ticket_no.empty() ? problem.key : problem.ticket_no, problem.text);
  }
  fmt::print("查 {} 张工单，{} 个事件，{} 个索引项，{} 条待发事件\n", report.tickets, report.events,
             report.entries, report.outbox_entries);
  std::int64_t total = 0;
  for (const auto& [kind, count] : report.counts) {
    fmt::print("  {} {}\n", to_string(kind), count);
    total += count;
  }
  if (report.clean()) {
    fmt::print("全部完好\n");
  } else {
    fmt::print("共 {} 处问题，已修复 {} 处\n", total, report.repaired);
  }
}

void print_exchange(const store::exchange_report& report) {
  for (const auto& problem : report.problems) {
    fmt::print("{}{} {} {}\n", problem.repaired ? "[已修复] " : "", to_string(problem.kind),
               problem.key, problem.text);
  }
  std::int64_t total = 0;
  for (const auto& [kind, count] : report.counts) total += count;
  fmt::print("查 {} 个对接方，{} 张往来工单，待办 {} 件，待告知 {} 件，待核对 {} 件{}\n",
             report.partners, report.tickets, report.items, report.messages, report.reviews,
             total == 0 ? "" : fmt::format("，{} 处问题，已修复 {} 处", total, report.repaired));
}

awaitable<result<bool>> verify_exchange(tool_session& session, bool repair) {
  store::exchange_vault vault(session.keys().source());
  store::exchange_check_options options;
  options.data_set = session.data_set();
  options.now = session.now().now();
  options.repair = repair;
  const auto report =
      co_await store::check_exchange(session.store().redis, vault, std::move(options));
  if (!report) co_return pass(report);
  print_exchange(*report);
  co_return report->clean();
}

awaitable<int> run(tool_session& session, bool repair) {
  store::verify_options options;
  options.repair = repair;
  const bool person = isatty(STDERR_FILENO) == 1;
  if (person) options.progress = show_progress;
  const auto report = co_await store::verify(session.store().redis, std::move(options));
  if (person) fmt::print(stderr, "\n");
  if (!report) {
    fmt::print(stderr, "hotline: {}\n", report.error().detail);
    co_return exit_failed;
  }
  print_report(*report);
  const auto people = co_await store::check_people(session.store().redis);
  if (!people) {
    fmt::print(stderr, "hotline: {}\n", people.error().detail);
    co_return exit_failed;
  }
  for (const auto& problem : people->problems) fmt::print("{}\n", problem);
  fmt::print("查 {} 个用户，{} 次登录，台账 {} 行{}\n", people->users, people->sessions,
             people->register_rows,
             people->problems.empty() ? "" : fmt::format("，{} 处问题", people->problems.size()));
  const auto exchange = co_await verify_exchange(session, repair);
  if (!exchange) {
    fmt::print(stderr, "hotline: {}\n", exchange.error().detail);
    co_return exit_failed;
  }
  co_return report->clean() && people->problems.empty() && *exchange ? exit_ok : exit_found;
}

}  // namespace

int verify(const command_places& where, bool repair) {
  return tool_session::run(where, false,
                           [repair](tool_session& session) { return run(session, repair); });
}

}  // namespace hotline::program
