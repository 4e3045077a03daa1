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

footing find_standing(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket,
                      standing needed) {
  if (actor.role() == v1::ROLE_SYSTEM) return footing::stands;
  const auto& unit = actor.unit();
  const auto* handler = current_assignment(ticket);
  const auto stands_if = [](bool yes) { return yes ? footing::stands : footing::elsewhere; };
  switch (needed) {
    case standing::anyone: return footing::stands;
    case standing::desk: return stands_if(is_at_or_above(org, unit, ticket.desk()));
    case standing::handler:
      if (!handler) return footing::nobody_handles;
      return stands_if(unit == handler->unit());
    case standing::above_handler:
      if (!handler) return footing::nobody_handles;
      return stands_if(is_above(org, unit, handler->unit()));
    case standing::involved:
      return stands_if(is_at_or_above(org, unit, ticket.desk()) ||
                       std::ranges::any_of(ticket.assignments(), [&](const v1::Assignment& a) {
                         return is_at_or_above(org, unit, a.unit());
                       }));
  }
  return footing::elsewhere;
}

}  // namespace hotline::domain
