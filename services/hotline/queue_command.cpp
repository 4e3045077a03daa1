// `hotline queue`: what waits at a unit, in the order in which it should be done.
#include <fmt/core.h>

#include <cstdio>
#include <vector>

#include "common/domain/derive.hpp"
#include "common/domain/free_text.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::size_t lines_max = 200;

std::string left_until(std::int64_t due_ms, instant now) {
  if (due_ms == 0) return {};
  const auto due = from_unix_ms(due_ms);
  return due > now ? "还有 " + span_text(due - now) : "超 " + span_text(now - due);
}

v1::Light light_of(const v1::Ticket& ticket) {
  const auto* part = domain::current_assignment(ticket);
  return part ? part->light() : v1::LIGHT_UNSPECIFIED;
}

awaitable<int> show(tool_session& session, std::string code) {
  const auto* unit = session.land().org.find(code);
  if (!unit) {
    fmt::print(stderr, "没有单位 {}\n", code);
    co_return exit_found;
  }
  auto& store = session.store();
  const auto size = co_await store.queues.size(code);
  auto page = co_await store.queues.page(code, std::nullopt, lines_max);
  if (!size || !page) {
    const auto& why = size ? page.error() : size.error();
    fmt::print(stderr, "hotline: {}\n", why.detail);
    co_return exit_failed;
  }
  std::vector<std::string> numbers;
  for (const auto& member : page->members) numbers.push_back(member.no);
  const auto tickets = co_await store.tickets.load_many(numbers);
  if (!tickets) {
    fmt::print(stderr, "hotline: {}\n", tickets.error().detail);
    co_return exit_failed;
  }
  const auto now = session.now().now();
  text_table table({"工单", "状态", "紧急", "灯", "时限", "", "标题"});
  for (std::size_t i = 0; i < tickets->size(); ++i) {
    const auto& loaded = (*tickets)[i];
    if (!loaded || !*loaded) {
      table.add({numbers[i], "读不出", "", "", "", "", loaded ? "" : loaded.error().detail});
      continue;
    }
    const auto& ticket = **loaded;
    const auto* clock = domain::leading_clock(ticket);
    const auto due = clock ? clock->due_at() : 0;
    table.add({ticket.no(), std::string(word(ticket.state())), std::string(word(ticket.urgency())),
               std::string(word(light_of(ticket))), civil_text(due), left_until(due, now),
               domain::mask_free_text(ticket.intake().title())});
  }
  fmt::print("{}（{}）  共 {} 件，待签收 {} 件\n\n{}", unit->name(), code, size->total,
             size->claimable, table.to_text());
  if (page->next) fmt::print("……还有 {} 件\n", size->total - std::ssize(page->members));
  co_return exit_ok;
}

}  // namespace

int show_queue(const command_places& where, const std::string& unit) {
  return tool_session::run(where, false,
                           [unit](tool_session& session) { return show(session, unit); });
}

}  // namespace hotline::program
