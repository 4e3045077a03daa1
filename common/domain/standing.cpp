#include "common/domain/standing.hpp"

#include <algorithm>

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

refusal check_standing(const move& m, standing needed) {
  const auto& unit = m.actor().unit();
  const auto& org = m.org();
  auto no = [] { return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "standing", "actor.unit"); };
  if (m.actor().role() == v1::ROLE_SYSTEM) return std::nullopt;
  const auto* handler = current_assignment(m.ticket());
  switch (needed) {
    case standing::anyone: return std::nullopt;
    case standing::desk:
      if (is_at_or_above(org, unit, m.ticket().desk())) return std::nullopt;
      return no();
    case standing::handler:
      if (!handler) return reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "standing.handler");
      if (unit == handler->unit()) return std::nullopt;
      return no();
    case standing::above_handler:
      if (!handler) return reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "standing.handler");
      if (is_above(org, unit, handler->unit())) return std::nullopt;
      return no();
    case standing::involved: {
      if (is_at_or_above(org, unit, m.ticket().desk())) return std::nullopt;
      const bool part = std::ranges::any_of(m.ticket().assignments(), [&](const v1::Assignment& a) {
        return is_at_or_above(org, unit, a.unit());
      });
      if (part) return std::nullopt;
      return no();
    }
  }
  return no();
}

}  // namespace hotline::domain
