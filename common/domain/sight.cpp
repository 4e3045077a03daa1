#include "common/domain/sight.hpp"

#include <algorithm>

#include "common/domain/derive.hpp"

namespace hotline::domain {
namespace {

using extent = sight::extent;

constexpr sight nothing{extent::none, 0};
constexpr sight everything{extent::whole, 0};

/// An assignment that went to somebody else: the unit's part ended before the ticket did.
bool is_lost(const v1::Assignment& a) {
  return a.state() == v1::ASSIGNMENT_STATE_RETURNED || a.state() == v1::ASSIGNMENT_STATE_MOVED;
}

bool is_timed(const v1::Clock& c) {
  return c.state() == v1::CLOCK_STATE_RUNNING || c.state() == v1::CLOCK_STATE_PAUSED;
}

sight until(std::int64_t at) { return at == 0 ? nothing : sight{extent::past, at}; }

/// By the parts of the actor's unit and, unless it is accused, of those below it.
sight by_parts(const organisation& org, const v1::Actor& actor, const v1::Ticket& t, bool accused) {
  const auto& unit = actor.unit();
  const auto reaches = [&](std::string_view part) {
    return part == unit || (!accused && org.is_in_subtree(part, unit));
  };
  if (reaches(t.desk()) || (!t.escalated_to().empty() && reaches(t.escalated_to()))) {
    return everything;
  }
  std::int64_t lost_at = 0;
  for (const auto& a : t.assignments()) {
    const bool counts = accused ? is_open(a) : !is_lost(a);
    if (!counts && accused) continue;
    if (!reaches(a.unit())) continue;
    if (counts) return everything;
    lost_at = std::max(lost_at, a.ended_at());
  }
  // Who has to act before a clock runs out must see on what.
  if (std::ranges::any_of(t.clocks(),
                          [&](const v1::Clock& c) { return is_timed(c) && reaches(c.unit()); })) {
    return everything;
  }
  return until(lost_at);
}

/// Officer: one's own work, or what nobody of the unit has signed yet. Lead: all of the unit's.
bool handles_here(const v1::Actor& actor, const v1::Ticket& t) {
  return std::ranges::any_of(t.assignments(), [&](const v1::Assignment& a) {
    if (is_lost(a) || a.unit() != actor.unit()) return false;
    return actor.role() == v1::ROLE_LEAD || a.officer().empty() || a.officer() == actor.user();
  });
}

/// 敏感: the unit alone is not enough (Intake.sensitivity).
bool may_read_sensitive(const v1::Actor& actor, const v1::Ticket& t) {
  switch (actor.role()) {
    case v1::ROLE_OFFICER:
    case v1::ROLE_LEAD: return handles_here(actor, t);
    case v1::ROLE_DISPATCHER:
    case v1::ROLE_SUPERVISOR:
    case v1::ROLE_AUDITOR: return true;  // an auditor sees the record, not the words
    default: return false;
  }
}

/// What was lost is lost altogether to a partner that is accused, as it is to a union.
sight of_partner(const v1::Actor& actor, const v1::Ticket& t, bool accused) {
  if (t.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE) return nothing;
  const auto& unit = actor.unit();
  if (t.intake().external_partner() == unit) return everything;
  std::int64_t lost_at = 0;
  for (const auto& given : t.transfers()) {
    if (given.partner() != unit) continue;
    if (given.answered_at() == 0) return everything;
    lost_at = std::max(lost_at, given.answered_at());
  }
  for (const auto& a : t.assignments()) {
    if (a.unit() != unit) continue;
    if (accused ? is_open(a) : !is_lost(a)) return everything;
    lost_at = std::max(lost_at, a.ended_at());
  }
  return accused ? nothing : until(lost_at);
}

/// A partner stands below the union that deals with it, and is no part of it.
bool belongs_to(const organisation& org, std::string_view unit, std::string_view about) {
  if (unit == about) return true;
  return org.level(unit) != v1::Unit::PARTNER && org.is_in_subtree(unit, about);
}

}  // namespace

bool works_on_tickets(v1::Role role) {
  switch (role) {
    case v1::ROLE_OPERATOR:
    case v1::ROLE_DISPATCHER:
    case v1::ROLE_OFFICER:
    case v1::ROLE_LEAD:
    case v1::ROLE_SUPERVISOR: return true;
    default: return false;
  }
}

bool is_accused(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket) {
  const auto& about = ticket.intake().matter().complained_unit();
  if (about.empty() || actor.role() == v1::ROLE_SYSTEM) return false;
  const auto accused = [&](std::string_view unit) { return belongs_to(org, unit, about); };
  if (!accused(actor.unit()) && std::ranges::none_of(actor.other_units(), accused)) return false;
  const bool desk = (actor.role() == v1::ROLE_OPERATOR || actor.role() == v1::ROLE_DISPATCHER) &&
                    actor.unit() == ticket.desk();
  return !(desk && about == org.province_desk());
}

bool took_call(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket) {
  return !actor.user().empty() && ticket.created_by() == actor.user() &&
         works_on_tickets(actor.role()) && org.desk_of(actor.unit()) == ticket.desk();
}

bool is_named_handler(const v1::Actor& actor, const v1::Ticket& ticket) {
  if (actor.role() != v1::ROLE_OFFICER && actor.role() != v1::ROLE_LEAD) return false;
  const auto* handler = current_assignment(ticket);
  return handler != nullptr && !actor.user().empty() && handler->officer() == actor.user() &&
         handler->unit() == actor.unit();
}

bool sees_instant(const sight& seen, std::int64_t at) {
  switch (seen.how) {
    case extent::none: return false;
    case extent::past: return at <= seen.until_at;
    case extent::whole: return true;
  }
  return false;
}

sight sight_of(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket) {
  if (actor.role() == v1::ROLE_SYSTEM) return everything;
  if (actor.user().empty() || !org.contains(actor.unit())) return nothing;
  const bool accused = is_accused(org, actor, ticket);
  if (actor.role() == v1::ROLE_PARTNER) return of_partner(actor, ticket, accused);
  if (!works_on_tickets(actor.role()) && actor.role() != v1::ROLE_AUDITOR) return nothing;
  if (!accused && took_call(org, actor, ticket)) return everything;
  if (ticket.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE &&
      !may_read_sensitive(actor, ticket)) {
    return nothing;
  }
  return by_parts(org, actor, ticket, accused);
}

}  // namespace hotline::domain
