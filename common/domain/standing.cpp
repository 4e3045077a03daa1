#include "common/domain/standing.hpp"

#include <algorithm>

#include "common/domain/derive.hpp"

namespace hotline::domain {

bool is_at_or_above(const organisation& org, std::string_view unit, std::string_view other) {
  return org.is_in_subtree(other, unit);
}

bool is_above(const organisation& org, std::string_view unit, std::string_view other) {
  return unit != other && org.is_in_subtree(other, unit);
}

std::string_view reviewer_of(const organisation& org, std::string_view unit) {
  const auto superior = org.superior_of(unit);
  return superior.empty() ? org.province_desk() : superior;
}

namespace {

/// A partner stands nowhere in the tree: it has standing towards what it sent in, and as a party
/// also towards what is transferred to it and not answered yet.
bool partner_stands(const v1::Actor& actor, const v1::Ticket& ticket, standing needed) {
  if (ticket.intake().external_partner() == actor.unit()) return needed != standing::handler;
  return needed == standing::party &&
         std::ranges::any_of(ticket.transfers(), [&](const v1::Transfer& t) {
           return t.partner() == actor.unit() && t.answered_at() == 0;
         });
}

}  // namespace

footing find_standing(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket,
                      standing needed) {
  if (actor.role() == v1::ROLE_SYSTEM) return footing::stands;
  // A channel stands where the caller stands for whom it speaks.
  if (actor.role() == v1::ROLE_CHANNEL) return footing::stands;
  const auto& unit = actor.unit();
  const auto* handler = current_assignment(ticket);
  const bool needs_handler = needed == standing::handler || needed == standing::above_handler;
  if (!handler && needs_handler) return footing::nobody_handles;
  const auto stands_if = [](bool yes) { return yes ? footing::stands : footing::elsewhere; };
  if (actor.role() == v1::ROLE_PARTNER && needed != standing::anyone) {
    return stands_if(partner_stands(actor, ticket, needed));
  }
  switch (needed) {
    case standing::anyone: return footing::stands;
    case standing::desk: return stands_if(is_at_or_above(org, unit, ticket.desk()));
    case standing::handler: return stands_if(unit == handler->unit());
    case standing::above_handler: return stands_if(is_above(org, unit, handler->unit()));
    case standing::involved:
    case standing::party:
      return stands_if(is_at_or_above(org, unit, ticket.desk()) ||
                       std::ranges::any_of(ticket.assignments(), [&](const v1::Assignment& a) {
                         return is_at_or_above(org, unit, a.unit());
                       }));
  }
  return footing::elsewhere;
}

}  // namespace hotline::domain
