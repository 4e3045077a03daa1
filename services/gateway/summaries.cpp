#include "services/gateway/summaries.hpp"

#include <algorithm>
#include <utility>

#include "common/domain/derive.hpp"
#include "common/domain/permission.hpp"
#include "common/domain/projection.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

line_view line_view_of(const domain::organisation& org, const v1::Actor& actor,
                       const v1::Ticket& ticket) {
  const domain::view seen = domain::view_of(org, actor, domain::action::list, ticket);
  // Titles are written like 某某反映…: where the caller is hidden a line has none.
  const bool hidden = seen.caller == domain::field_access::hidden;
  return {.whole = domain::sight_of(org, actor, ticket).how == domain::sight::extent::whole,
          .internal = seen.internal != domain::field_access::hidden,
          .words = hidden ? domain::field_access::hidden : seen.content};
}

v1::TicketSummary summarise(const domain::organisation& org, const v1::Actor& actor,
                            const v1::Ticket& ticket) {
  return summarise(ticket, line_view_of(org, actor, ticket));
}

v1::TicketSummary summarise(const v1::Ticket& ticket, const line_view& shown) {
  const v1::Intake& intake = ticket.intake();
  v1::TicketSummary line;
  line.set_no(ticket.no());
  line.set_title(domain::show_words(intake.title(), shown.words));
  line.set_created_at(ticket.created_at());
  line.set_category(intake.matter().category());
  line.set_region(intake.matter().region());
  if (!shown.whole) return line;
  line.set_state(ticket.state());
  line.set_urgency(ticket.urgency());
  line.set_priority(ticket.priority());
  line.set_version(ticket.version());
  if (!shown.internal) return line;
  line.set_unit(std::string(domain::accountable_unit(ticket)));
  if (const v1::Assignment* const handler = domain::current_assignment(ticket)) {
    line.set_handler_unit(handler->unit());
    line.set_light(handler->light());
  }
  if (const v1::Clock* const clock = domain::leading_clock(ticket)) {
    line.set_due_at(clock->due_at());
  }
  line.set_overdue(ticket.overdue());
  line.set_claimable(domain::is_open(ticket.state()) &&
                     domain::is_claimable(domain::queue_score(ticket)));
  return line;
}

awaitable<result<std::vector<v1::Ticket>>> load_members(const gateway_parts& parts,
                                                        std::vector<store::index_member> members) {
  std::vector<std::string> numbers;
  numbers.reserve(members.size());
  for (store::index_member& member : members) numbers.push_back(std::move(member.no));
  std::vector<v1::Ticket> tickets;
  if (numbers.empty()) co_return tickets;
  auto loaded = co_await parts.tickets.load_many(numbers);
  if (!loaded) co_return pass(loaded);
  for (std::size_t i = 0; i < loaded->size(); ++i) {
    auto& one = (*loaded)[i];
    if (!one) {
      parts.log.error("ticket={} is left out of a list: {}", numbers[i], to_string(one.error()));
    } else if (one->has_value()) {
      tickets.push_back(std::move(**one));
    }
  }
  co_return tickets;
}

awaitable<result<summary_page>> read_summaries(const gateway_parts& parts, listing what,
                                               std::optional<store::index_cursor> after,
                                               std::size_t limit) {
  summary_page out;
  const auto land = parts.province();
  std::size_t scanned = 0;
  for (;;) {
    const std::size_t wanted = std::min(limit - out.lines.size(), scanned_max - scanned);
    auto page = co_await parts.index.page(what.index, after, wanted, what.order);
    if (!page) co_return pass(page);
    scanned += page->members.size();
    const auto tickets = co_await load_members(parts, std::move(page->members));
    if (!tickets) co_return pass(tickets);
    for (const v1::Ticket& ticket : *tickets) {
      if (what.wanted(ticket)) out.lines.push_back(summarise(land->org, what.reader, ticket));
    }
    after = page->next;
    if (!after || (what.ends && what.ends(after->score))) co_return out;
    if (out.lines.size() >= limit || scanned >= scanned_max) break;
  }
  out.next_cursor = parts.cursors->seal(*after);
  co_return out;
}

reading<std::optional<store::index_cursor>> read_cursor(const gateway_parts& parts,
                                                        const net::request& request) {
  const std::string* const text = request.query_value("cursor");
  if (text == nullptr) return std::nullopt;
  auto cursor = parts.cursors->open(*text);
  if (!cursor) {
    return std::unexpected(bad_parameter("cursor", "cursor 无效，应原样取自上一页。",
                                         "The cursor is not one this API gave."));
  }
  return *std::move(cursor);
}

}  // namespace hotline::gateway
