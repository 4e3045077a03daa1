#include "services/gateway/live/topic.hpp"

#include "common/domain/permission.hpp"
#include "common/domain/ticket_no.hpp"

namespace hotline::gateway::live {
namespace {

std::string_view prefix_of(topic_kind kind) {
  switch (kind) {
    case topic_kind::board: return board_prefix;
    case topic_kind::unit: return "unit:";
    case topic_kind::queue: return "queue:";
    case topic_kind::ticket: return "ticket:";
    case topic_kind::mine: return "mine";
  }
  return {};
}

std::string join(topic_kind kind, std::string_view name) {
  std::string text(prefix_of(kind));
  return text.append(name);
}

}  // namespace

std::optional<topic> parse_topic(std::string_view text) {
  if (text == "mine") return topic{topic_kind::mine, {}};
  for (const auto kind : {topic_kind::board, topic_kind::unit, topic_kind::queue}) {
    if (!text.starts_with(prefix_of(kind))) continue;
    const auto code = text.substr(prefix_of(kind).size());
    if (!domain::is_unit_code(code)) return std::nullopt;
    return topic{kind, std::string(code)};
  }
  const auto ticket = prefix_of(topic_kind::ticket);
  if (!text.starts_with(ticket) || !domain::is_ticket_no(text.substr(ticket.size()))) {
    return std::nullopt;
  }
  return topic{topic_kind::ticket, std::string(text.substr(ticket.size()))};
}

std::string index_key(const topic& t, const v1::Actor& actor) {
  return t.kind == topic_kind::mine ? user_key(actor.user()) : join(t.kind, t.name);
}

std::string unit_key(topic_kind kind, std::string_view unit) { return join(kind, unit); }

std::string ticket_key(std::string_view no) { return join(topic_kind::ticket, no); }

std::string user_key(std::string_view user) {
  std::string key("mine:");
  return key.append(user);
}

bool may_watch_unit(const domain::organisation& org, const v1::Actor& actor,
                    std::string_view unit) {
  return domain::permit_unit(org, actor, domain::action::stream, unit) == domain::access::granted;
}

bool may_be_told(const domain::organisation& org, const v1::Actor& actor,
                 const v1::Ticket& ticket) {
  return domain::permit(org, actor, domain::action::stream, &ticket) == domain::access::granted;
}

}  // namespace hotline::gateway::live
