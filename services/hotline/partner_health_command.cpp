// `hotline partner health` and `hotline partner reconcile`.
#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/civil.hpp"
#include "common/store/exchange_ledger.hpp"
#include "services/hotline/console_deed.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/partner_command.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/transfer_thread.hpp"
#include "services/hotline/user_office.hpp"
#include "services/hotline/words.hpp"
#include "services/transfer/reconcilers.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::string_view nothing = "·";

std::string_view word(v1::DifferenceKind kind) {
  switch (kind) {
    case v1::DIFFERENCE_KIND_MISSING_HERE: return "对方有我方无";
    case v1::DIFFERENCE_KIND_MISSING_THERE: return "我方有对方无";
    case v1::DIFFERENCE_KIND_STATE: return "状态不一致";
    case v1::DIFFERENCE_KIND_WAITING_HERE: return "我方待处理";
    case v1::DIFFERENCE_KIND_WAITING_THERE: return "待告知对方";
    default: return "不明";
  }
}

std::string_view word(v1::DifferenceRepair repair) {
  switch (repair) {
    case v1::DIFFERENCE_REPAIR_RESENT: return "已重发";
    case v1::DIFFERENCE_REPAIR_PULLED: return "已重取";
    default: return {};
  }
}

std::string count_text(std::int64_t count, std::int64_t since, instant now) {
  if (count == 0) return std::string(nothing);
  return fmt::format("{}（{}）", count, span_text(now - from_unix_ms(since)));
}

std::string compared_text(const v1::ReconciliationReport& report) {
  if (report.day().empty()) return std::string(nothing);
  if (!report.failure().empty()) return report.day() + " 未成";
  int differences = 0;
  for (const auto& kind : report.counts()) differences += kind.count();
  return fmt::format("{} {}", report.day(),
                     differences == 0 ? "一致" : fmt::format("{} 处差异", differences));
}

awaitable<int> show_health(tool_session& session) {
  const instant now = session.now().now();
  text_table table({"名称", "最近收到", "最近送达", "最近失败", "连续失败", "熔断", "待告知",
                    "待处理", "待取附件", "待核对", "死信", "最近对账"});
  std::vector<std::string> not_pulled;
  for (const auto& partner : session.ready().partners.all()) {
    store::exchange_ledger ledger(session.store().redis, std::string(partner.name()),
                                  session.data_set());
    const auto health = co_await ledger.health();
    if (!health) co_return complain(health.error());
    table.add({std::string(partner.name()), civil_text(health->last_received_at()),
               civil_text(health->last_sent_at()), civil_text(health->last_failure_at()),
               std::to_string(health->failures_in_row()),
               health->breaker_until_at() > 0 ? "断开" : std::string(nothing),
               count_text(health->unsent(), health->unsent_since_at(), now),
               count_text(health->unsettled(), health->unsettled_since_at(), now),
               count_text(health->fetches(), health->fetches_since_at(), now),
               std::to_string(health->reviews()), std::to_string(health->dead_letters()),
               compared_text(health->last_reconciliation())});
    if (health->pull_failures() > 0) {
      not_pulled.push_back(
          fmt::format("{} 轮询失败 {} 次，最近成功 {}：{}", partner.name(), health->pull_failures(),
                      civil_text(health->last_pulled_at()), health->pull_failure()));
    }
  }
  fmt::print("{}", table.to_text());
  for (const auto& words : not_pulled) fmt::print(stderr, "hotline: {}\n", words);
  for (const auto& warning : exchange::partner_warnings(session.ready().config)) {
    fmt::print(stderr, "hotline: {}\n", warning);
  }
  co_return exit_ok;
}

std::string states_text(const v1::StateCount& of) {
  std::string text;
  for (const int state : of.our_states()) {
    if (!text.empty()) text += ' ';
    text += program::word(static_cast<v1::State>(state));
  }
  return text.empty() ? std::string(nothing) : text;
}

void print_report(const v1::ReconciliationReport& report) {
  if (!report.failure().empty() && report.listed() == 0) {
    fmt::print("{} 未能对账：{}\n", report.day(), report.failure());
    return;
  }
  if (!report.failure().empty()) fmt::print("{}\n", report.failure());
  text_table table({"差异", "对方工单号", "我方工单号", "我方状态", "对方状态", "处理"});
  for (const auto& one : report.differences()) {
    table.add({std::string(word(one.kind())), one.external_no(), one.ticket_no(), one.our_word(),
               one.their_word(), std::string(word(one.repair()))});
  }
  if (!report.differences().empty()) fmt::print("{}\n", table.to_text());
  text_table states({"对方状态", "我方状态", "对方件数", "我方件数"});
  for (const auto& one : report.states()) {
    states.add({one.word().empty() ? std::string(nothing) : one.word(), states_text(one),
                std::to_string(one.theirs()), std::to_string(one.ours())});
  }
  if (!report.states().empty()) fmt::print("{}\n", states.to_text());
  fmt::print("{} 对方 {} 件，我方 {} 件，一致 {} 件，重发 {} 件\n", report.day(), report.listed(),
             report.exchanged(), report.agreed(), report.resent());
}

std::expected<std::chrono::year_month_day, int> day_of(const reconcile_options& options,
                                                       instant now) {
  const auto today = domain::civil_date(now);
  if (options.day.empty()) {
    return std::chrono::year_month_day(std::chrono::sys_days(today) - std::chrono::days(1));
  }
  const auto day = domain::parse_date(options.day);
  if (day && *day < today) return *day;
  fmt::print(stderr, "hotline: --day is written 2026-11-23 and is over\n");
  return std::unexpected(exit_usage);
}

console_deed deed_of(const reconcile_options& options, std::chrono::year_month_day day) {
  auto detail = fmt::format("day {}{}", domain::format_date(day), options.repair ? ", repair" : "");
  return {.action = "partner.reconcile", .object = options.partner, .detail = std::move(detail)};
}

awaitable<int> compare(tool_session& session, const reconcile_options& options) {
  const auto day = day_of(options, session.now().now());
  if (!day) co_return day.error();
  transfer::counters_by_partner counters;
  transfer::partner_links links(session.ready().partners, session.store(), session.access(),
                                counters);
  transfer::reconcilers all(
      {.context = session.context(),
       .links = links,
       .kit = session.store(),
       .access = session.access(),
       .secrets = partner_secrets(session.ready().settings().transfer(), session.data()),
       .log = logger(make_null_sink(), "reconcile")});
  auto* const one = all.find(options.partner);
  if (one == nullptr) {
    fmt::print(stderr, "没有启用的对接方 {}，或它没有对账清单\n", options.partner);
    co_return exit_found;
  }
  if (const auto adopted = co_await links.adopt(); !adopted) co_return complain(adopted.error());
  const auto recorded = co_await record_deed(session, deed_of(options, *day));
  if (!recorded) co_return complain(recorded.error());
  const auto report = co_await one->compare_now(*day, options.repair, {console_user(), {}});
  if (!report) co_return complain(report.error());
  print_report(*report);
  co_return report->failure().empty() && report->counts().empty() ? exit_ok : exit_found;
}

}  // namespace

int show_partner_health(const command_places& where) {
  return tool_session::run(where, false, show_health);
}

int reconcile_partner(const command_places& where, const reconcile_options& options) {
  return tool_session::run(where, false,
                           [&options](tool_session& session) { return compare(session, options); });
}

}  // namespace hotline::program
