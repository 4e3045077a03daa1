// `hotline ticket show`: the story of a ticket.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "common/domain/derive.hpp"
#include "common/domain/projection.hpp"
#include "common/domain/ticket_no.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/story_text.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::int64_t page_size = 1000;

void print_head(const v1::Ticket& ticket, const domain::organisation& org, instant now) {
  fmt::print("工单 {}  {}  第{}版\n", ticket.no(), word(ticket.state()), ticket.version());
  fmt::print("标题 {}\n", ticket.intake().title());
  fmt::print("紧急程度 {}{}{}\n", word(ticket.urgency()), ticket.priority() ? "  优先" : "",
             ticket.overdue() ? "  曾超期" : "");
  if (!ticket.routing_rule().empty()) fmt::print("派单规则 {}\n", ticket.routing_rule());
  if (!ticket.triage_rule().empty()) fmt::print("分流规则 {}\n", ticket.triage_rule());
  const auto unit = domain::accountable_unit(ticket);
  if (!unit.empty()) fmt::print("责任单位 {}（{}）\n", name_of(org, unit), unit);
  const auto* clock = domain::leading_clock(ticket);
  if (!clock) return;
  const auto due = from_unix_ms(clock->due_at());
  fmt::print("{}时限 {}，{} {}\n", word(clock->kind()), civil_text(clock->due_at()),
             due > now ? "还有" : "已超", span_text(due > now ? due - now : now - due));
}

awaitable<int> show(tool_session& session, std::string no) {
  auto& tickets = session.store().tickets;
  auto ticket = co_await tickets.load(no);
  if (!ticket) {
    fmt::print(stderr, "hotline: {}\n", ticket.error().detail);
    co_return ticket.error().code == errc::corrupt_data ? exit_found : exit_failed;
  }
  if (!*ticket) {
    fmt::print(stderr, "没有工单 {}\n", no);
    co_return exit_found;
  }
  const auto& org = session.land().org;
  // Who looks is not known here, so everything is masked.
  const auto shown = domain::masked_view();
  domain::project(**ticket, shown, domain::open_nothing);
  print_head(**ticket, org, session.now().now());
  text_table table({"时间", "事件", "谁", "单位", "内容", "时限"});
  for (std::int64_t first = 1;; first += page_size) {
    auto events = co_await tickets.history(no, first, page_size);
    if (!events) {
      fmt::print(stderr, "hotline: {}\n", events.error().detail);
      co_return exit_found;
    }
    for (auto& event : *events) {
      domain::project(event, shown, domain::open_nothing);
      const auto unit = event.has_rung() ? event.rung().unit() : event.actor().unit();
      table.add({civil_text(event.at()), std::string(word(event.kind())), who(event),
                 name_of(org, unit), told_of_change(event, org), due_of(event)});
    }
    if (std::ssize(*events) < page_size) break;
  }
  fmt::print("\n{}", table.to_text());
  co_return exit_ok;
}

}  // namespace

int show_ticket(const command_places& where, const std::string& no) {
  if (!domain::is_ticket_no(no)) {
    fmt::print(stderr, "'{}' 不是工单号（例 3708-20261123-00042）\n", no);
    return exit_usage;
  }
  return tool_session::run(where, false, [no](tool_session& session) { return show(session, no); });
}

}  // namespace hotline::program
