#include "services/gateway/viewing.hpp"

#include <utility>
#include <vector>

#include "common/domain/apply.hpp"
#include "common/domain/ticket_no.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

/// The ticket as it stood at an instant: the fold of its events up to then.
awaitable<result<v1::Ticket>> past_of(const gateway_parts& parts, v1::Ticket present,
                                      domain::sight seen) {
  const auto events = co_await parts.tickets.history(present.no(), 1, present.version());
  if (!events) co_return pass(events);
  v1::Ticket past;
  for (const v1::Event& event : *events) {
    if (!domain::sees_instant(seen, event.at())) break;
    domain::apply(past, event);
  }
  co_return past;
}

}  // namespace

reading<void> check_access(domain::access may) {
  switch (may) {
    case domain::access::granted: return {};
    case domain::access::unknown: return std::unexpected(not_found());
    case domain::access::role:
      return std::unexpected(
          forbidden("role", "当前角色无权执行此操作。", "This role may not do this."));
    case domain::access::unit:
    case domain::access::state: break;
  }
  return std::unexpected(forbidden("unit.subtree", "不能查看本单位范围以外的内容。",
                                   "The unit is not in the actor's part of the tree."));
}

reading<const v1::Unit*> find_unit(const domain::organisation& org, const v1::Actor& actor,
                                   domain::action what, std::string_view code) {
  const v1::Unit* const unit = org.find(code);
  if (unit == nullptr) return std::unexpected(not_found());
  auto may = check_access(domain::permit_unit(org, actor, what, code));
  if (!may) return std::unexpected(std::move(may.error()));
  return unit;
}

domain::token_opener opener_of(const gateway_parts& parts, std::string ticket_no) {
  return [&parts, no = std::move(ticket_no)](std::string_view path,
                                             std::string_view token) -> std::optional<std::string> {
    auto plain = parts.vault.open(no, path, token);
    if (plain) return *std::move(plain);
    parts.log.error("ticket={} has personal data that cannot be read: {}", no,
                    to_string(plain.error()));
    return std::nullopt;
  };
}

awaitable<reading<seen_ticket>> load_seen(const gateway_parts& parts, v1::Actor actor,
                                          domain::action what, std::string no) {
  if (!domain::is_ticket_no(no)) co_return std::unexpected(not_found());
  auto loaded = co_await parts.tickets.load(std::move(no));
  if (!loaded) co_return std::unexpected(net::problem_for(loaded.error()));
  if (!loaded->has_value()) co_return std::unexpected(not_found());
  v1::Ticket& present = **loaded;
  const auto land = parts.province();
  auto may = check_access(domain::permit(land->org, actor, what, &present));
  if (!may) co_return std::unexpected(std::move(may.error()));
  seen_ticket seen;
  seen.sight = domain::sight_of(land->org, actor, present);
  seen.view = domain::view_of(land->org, actor, what, present);
  if (seen.view.caller == domain::field_access::hidden) {
    domain::withhold(seen.view, present, opener_of(parts, present.no()));
  }
  if (seen.whole()) {
    seen.ticket = std::move(present);
    co_return seen;
  }
  auto past = co_await past_of(parts, std::move(present), seen.sight);
  if (!past) co_return std::unexpected(net::problem_for(past.error()));
  seen.ticket = *std::move(past);
  co_return seen;
}

}  // namespace hotline::gateway
