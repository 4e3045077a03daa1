#include "common/domain/proposal.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "common/domain/routing.hpp"

namespace hotline::domain {
namespace {

bool was_returned_by(const v1::Ticket& ticket, std::string_view unit) {
  return std::ranges::find(ticket.returned_by(), unit) != ticket.returned_by().end();
}

/// The partner it was transferred to last has sent it back; nullptr when none has.
const v1::Transfer* sent_back(const v1::Ticket& ticket) {
  if (ticket.transfers().empty()) return nullptr;
  const v1::Transfer& last = *ticket.transfers().rbegin();
  return last.answered_at() != 0 && last.refused() ? &last : nullptr;
}

/// An operator proposes to refuse the matter: a supervisor decides about that first.
bool refusal_is_open(const v1::Ticket& ticket) {
  return std::ranges::any_of(ticket.requests(), [](const v1::Request& request) {
    return request.kind() == v1::REQUEST_KIND_REFUSAL && request.state() == v1::REQUEST_STATE_OPEN;
  });
}

/// Whether somebody has judged the matter less urgent than it was when it was taken down.
bool was_lowered(const v1::Ticket& ticket, const province& land) {
  const auto since = ticket.accepted_at() != 0 ? ticket.accepted_at() : ticket.created_at();
  const auto words =
      propose_urgency(ticket.intake(), from_unix_ms(since), land.policy.config().routing());
  return ticket.urgency() < std::max(ticket.intake().urgency(), words.urgency);
}

}  // namespace

v1::RouteProposal propose_dispatch(const v1::Ticket& ticket, const province& land, instant now) {
  auto route = propose_route(ticket.intake(), now, land.routing());
  std::erase_if(route.co_units,
                [&](const std::string& unit) { return was_returned_by(ticket, unit); });
  v1::RouteProposal proposal;
  proposal.set_ticket_no(ticket.no());
  proposal.set_version(ticket.version());
  proposal.set_sure(route.sure);
  proposal.set_unit(route.unit);
  const auto* unit = land.org.find(route.unit);
  if (unit) proposal.set_unit_name(unit->name());
  proposal.mutable_co_units()->Assign(route.co_units.begin(), route.co_units.end());
  proposal.set_grade(std::max(route.grade, ticket.grade()));
  proposal.set_urgency(was_lowered(ticket, land) ? ticket.urgency()
                                                 : std::max(route.urgency, ticket.urgency()));
  proposal.set_priority(route.priority || ticket.priority());
  for (const auto disposal : route.disposals) proposal.add_disposals(disposal);
  proposal.set_routing_rule(route.rule);
  proposal.set_triage_rule(route.triage_rule);
  for (auto& reason : route.reasons) proposal.add_reasons(std::move(reason));
  const auto doubt = [&](std::string reason) {
    proposal.set_sure(false);
    proposal.add_reasons(std::move(reason));
  };
  if (was_returned_by(ticket, route.unit)) {
    doubt(fmt::format("{}曾退回此件", proposal.unit_name()));
  }
  // A person took it away from the unions and has to say where it goes now.
  if (const auto* transfer = sent_back(ticket)) {
    const auto* partner = land.org.find(transfer->partner());
    doubt(fmt::format("{}退回转办件，由派单员决定去向", partner ? partner->name() : "对方"));
  }
  if (refusal_is_open(ticket)) doubt("不予受理待审批");
  return proposal;
}

}  // namespace hotline::domain
