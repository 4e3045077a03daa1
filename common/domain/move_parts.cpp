#include "common/domain/move_parts.hpp"

#include <algorithm>
#include <ranges>

#include "common/domain/apply.hpp"
#include "common/domain/routing.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain {

void await_dispatch(move& m) {
  m.state(v1::STATE_ACCEPTED);
  const auto& desk =
      m.ticket().desk().empty() ? m.current_event().change().desk() : m.ticket().desk();
  m.start_step(v1::CLOCK_KIND_DISPATCH, 0, desk);
}

namespace {

/// 延期 of a legal limit is the matter's, not the unit's: who gets it next has what was granted,
/// and cannot have it again.
void take_over_extension(const move& m, v1::Assignment& a) {
  for (const auto& before : m.ticket().assignments()) {
    if (before.role() != v1::ASSIGNMENT_ROLE_MAIN) continue;
    a.set_extensions(std::max(a.extensions(), before.extensions()));
    a.set_extended_days(std::max(a.extended_days(), before.extended_days()));
  }
}

}  // namespace

void start_notice(move& m, const v1::Assignment& a) {
  const auto notice = m.policy().notice_limit(limits_kind(m.intake()));
  const bool told = std::ranges::any_of(
      m.ticket().assignments(), [](const v1::Assignment& part) { return part.reported_at() != 0; });
  if (!notice || told) return;
  if (auto* running = m.edit_clock(v1::CLOCK_KIND_FIRST_REPORT, a.id())) {
    running->set_cap_at(report_cap_at(m, a.unit()));
    recalculate_clock(*running, m.urgency(), m.land(), m.now());
    return;
  }
  m.start({.kind = v1::CLOCK_KIND_FIRST_REPORT,
           .assignment = a.id(),
           .subject = 0,
           .unit = a.unit(),
           .allowed = *notice,
           .cap_at = report_cap_at(m, a.unit()),
           .calendar_unit = {}});
}

v1::Assignment& assign_main(move& m, const assignment_order& order) {
  auto& change = *m.current_event().mutable_change();
  // A unit is main or co-handler, not both.
  for (const auto& part : m.ticket().assignments()) {
    const bool co = part.role() == v1::ASSIGNMENT_ROLE_CO && is_open(part);
    if (co && part.unit() == order.unit) {
      end_assignment(m, part.id(), v1::ASSIGNMENT_STATE_MOVED);
    }
  }
  auto& a = m.add_assignment();
  a.set_unit(order.unit);
  a.set_sender_unit(order.sender_unit);
  a.set_parent(order.parent);
  a.set_role(v1::ASSIGNMENT_ROLE_MAIN);
  a.set_advice(order.advice);
  a.set_designated(order.designated);
  m.state(v1::STATE_DISPATCHED);
  if (m.ticket().dispatched_at() == 0) change.set_dispatched_at(m.now_ms());

  const auto allowed =
      order.allowed ? *order.allowed : handling_limit(m, m.urgency(), order.unit, m.now());
  if (allowed.statutory && order.parent == 0) take_over_extension(m, a);
  const auto cap =
      order.cap_at != 0 ? order.cap_at : main_cap_at(m, allowed, order.unit, a.extended_days());
  m.start({.kind = v1::CLOCK_KIND_HANDLE,
           .assignment = a.id(),
           .subject = 0,
           .unit = order.unit,
           .allowed = allowed,
           .cap_at = cap,
           .calendar_unit = {},
           .extended_days = a.extended_days()});
  if (const auto sign = sign_limit(m, m.urgency(), order.unit, m.now())) {
    m.start({.kind = v1::CLOCK_KIND_SIGN,
             .assignment = a.id(),
             .subject = 0,
             .unit = order.unit,
             .allowed = *sign,
             .cap_at = 0,
             .calendar_unit = {}});
  }
  if (m.urgency() != v1::URGENCY_NORMAL) {
    // 紧急 and 特急 count contact and report from the dispatch, not from the signing.
    m.start_step(v1::CLOCK_KIND_CONTACT, a.id(), order.unit);
    m.start_step(v1::CLOCK_KIND_FIRST_REPORT, a.id(), order.unit);
    m.start_step(v1::CLOCK_KIND_FIRST_RESULT, a.id(), order.unit);
  }
  start_notice(m, a);
  return a;
}

v1::Assignment& assign_co(move& m, std::string_view unit, std::string_view asked,
                          const limit& allowed, std::int64_t cap_at) {
  auto& a = m.add_assignment();
  a.set_unit(std::string(unit));
  a.set_sender_unit(m.actor().unit().empty() ? m.ticket().desk() : m.actor().unit());
  a.set_role(v1::ASSIGNMENT_ROLE_CO);
  a.set_state(v1::ASSIGNMENT_STATE_HANDLING);
  a.set_advice(std::string(asked));
  m.start({.kind = v1::CLOCK_KIND_CO_OPINION,
           .assignment = a.id(),
           .subject = 0,
           .unit = std::string(unit),
           .allowed = allowed,
           .cap_at = cap_at,
           .calendar_unit = {}});
  return a;
}

refusal check_return_to_partner(const move& m) {
  const auto until = m.ticket().intake().partner_return_until_at();
  if (until == 0 || m.now_ms() <= until) return std::nullopt;
  return reject(v1::REJECT_CODE_RETURN_TOO_LATE, "partner.return-limit");
}

refusal check_target(const move& m, std::string_view unit, std::string_view field) {
  if (unit.empty()) return reject(v1::REJECT_CODE_FIELD_REQUIRED, "target.named", field);
  const auto* u = m.org().find(unit);
  if (!u) return reject(v1::REJECT_CODE_UNIT_UNKNOWN, "target.known", field);
  if (u->inactive()) return reject(v1::REJECT_CODE_UNIT_INACTIVE, "target.active", field);
  if (u->level() == v1::Unit::PARTNER) {
    return reject(v1::REJECT_CODE_UNIT_CANNOT_HANDLE, "target.partner-by-transfer", field);
  }
  const auto& matter = m.ticket().intake().matter();
  // 对工会的投诉 goes to a superior: not to the unit, and not to anything below it.
  if (!matter.complained_unit().empty() && m.org().is_in_subtree(unit, matter.complained_unit())) {
    return reject(v1::REJECT_CODE_UNIT_COMPLAINED_ABOUT, "target.not-complained-about", field);
  }
  // An office has the duties it lists; a union has them all.
  const bool office = u->level() == v1::Unit::DEPARTMENT || u->level() == v1::Unit::TEAM;
  if (office) {
    const auto duty = needed_capability(m.policy().config().categories(), matter.category());
    const auto& has = u->capabilities();
    if (!duty.empty() && std::ranges::find(has, duty) == has.end()) {
      return reject(v1::REJECT_CODE_UNIT_CANNOT_HANDLE, "target.duties", field);
    }
  }
  return std::nullopt;
}

void end_assignment(move& m, std::int32_t id, v1::AssignmentState as) {
  auto& a = m.edit_assignment(id);
  a.set_state(as);
  a.set_ended_at(m.now_ms());
  for (const auto& r : m.ticket().requests()) {
    if (r.assignment() != id || r.state() != v1::REQUEST_STATE_OPEN) continue;
    auto& request = m.edit_request(r.id());
    if (request.state() == v1::REQUEST_STATE_OPEN) request.set_state(v1::REQUEST_STATE_VOID);
  }
  m.cancel(v1::CLOCK_KIND_UNSPECIFIED, id);
}

void await_review(move& m, const v1::Assignment& assignment) {
  std::string reviewer(reviewer_of(m.org(), assignment.unit()));
  for (const auto& a : m.ticket().assignments()) {
    if (a.id() == assignment.parent()) reviewer = a.unit();
  }
  m.state(v1::STATE_REPLIED);
  m.start_step(v1::CLOCK_KIND_REVIEW, assignment.id(), reviewer);
}

void close_ticket(move& m) {
  m.event(v1::EVENT_KIND_CLOSED).set_closed_at(m.now_ms());
  m.end_ticket(v1::STATE_CLOSED, v1::ASSIGNMENT_STATE_DONE);
}

void await_visit_or_close(move& m) {
  const auto& caller = m.ticket().intake().caller();
  if (caller.no_visit_wanted() || caller.phone().empty()) {
    close_ticket(m);
    return;
  }
  m.state(v1::STATE_REVIEWED);
  m.start_step(v1::CLOCK_KIND_VISIT, 0, m.ticket().desk());
}

const v1::Request* open_request(const v1::Ticket& ticket, v1::RequestKind kind) {
  for (const auto& r : ticket.requests()) {
    if (r.kind() == kind && r.state() == v1::REQUEST_STATE_OPEN) return &r;
  }
  return nullptr;
}

v1::Request& ask(move& m, v1::RequestKind kind, std::string_view decider, v1::ClockKind clock) {
  auto& r = m.add_request(kind);
  r.set_decider_unit(std::string(decider));
  const auto* handler = current_assignment(m.ticket());
  r.set_assignment(handler ? handler->id() : 0);
  m.start_step(clock, r.assignment(), decider, r.id());
  return r;
}

void settle(move& m, const v1::Request& request, v1::ClockKind clock, bool granted) {
  auto& r = m.edit_request(request.id());
  r.set_state(granted ? v1::REQUEST_STATE_GRANTED : v1::REQUEST_STATE_DENIED);
  r.set_decided_at(m.now_ms());
  m.stop(clock, request.assignment(), request.id());
}

refusal check_decider(const move& m, const v1::Request& request, std::string_view rule) {
  if (m.actor().role() == v1::ROLE_SYSTEM ||
      is_at_or_above(m.org(), m.actor().unit(), request.decider_unit())) {
    return std::nullopt;
  }
  return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, rule, "actor.unit");
}

v1::Supervision& open_supervision(move& m, const supervision_order& order) {
  auto& s = m.add_supervision();
  s.set_origin(order.origin);
  s.set_by_unit(order.by_unit);
  s.set_unit(order.unit);
  s.set_order_no(order.order_no.empty() ? "DB-" + m.ticket().no() + "-" + std::to_string(s.id())
                                        : order.order_no);
  s.set_text(order.text);
  m.start({.kind = v1::CLOCK_KIND_SUPERVISION_ANSWER,
           .assignment = 0,
           .subject = s.id(),
           .unit = order.unit,
           .allowed = order.allowed,
           .cap_at = 0,
           .calendar_unit = {}});
  return s;
}

limit supervision_limit(const move& m) {
  return *parse_limit(m.policy().sla().supervision_limit());
}

void close_supervisions(move& m, std::string_view unit) {
  for (const auto& s : m.ticket().supervisions()) {
    if (s.state() == v1::SUPERVISION_STATE_CLOSED) continue;
    if (!unit.empty() && s.unit() != unit) continue;
    auto& order = m.edit_supervision(s.id());
    order.set_state(v1::SUPERVISION_STATE_CLOSED);
    order.set_closed_at(m.now_ms());
    m.cancel(v1::CLOCK_KIND_SUPERVISION_ANSWER, 0, s.id());
  }
}

const v1::Assignment* find_assignment(const v1::Ticket& ticket, std::int32_t id) {
  const auto found = std::ranges::find(ticket.assignments(), id, &v1::Assignment::id);
  return found == ticket.assignments().end() ? nullptr : &*found;
}

std::vector<std::int32_t> chain_from(const v1::Ticket& ticket, std::int32_t assignment) {
  std::vector<std::int32_t> chain;
  for (const auto* a = find_assignment(ticket, assignment); a;
       a = find_assignment(ticket, a->parent())) {
    chain.push_back(a->id());
  }
  return chain;
}

const v1::Assignment* main_part_of(const v1::Ticket& ticket, std::string_view unit) {
  const auto found = std::ranges::find_if(ticket.assignments(), [&](const v1::Assignment& a) {
    return a.role() == v1::ASSIGNMENT_ROLE_MAIN && is_open(a) && a.unit() == unit;
  });
  return found == ticket.assignments().end() ? nullptr : &*found;
}

std::int32_t parent_above(move& m, std::int32_t parent, std::string_view unit) {
  const auto* above = find_assignment(m.ticket(), parent);
  while (above && !is_above(m.org(), above->unit(), unit)) {
    end_assignment(m, above->id(), v1::ASSIGNMENT_STATE_MOVED);
    above = find_assignment(m.ticket(), above->parent());
  }
  return above ? above->id() : 0;
}

std::int64_t main_due_at(move& m, std::int32_t assignment) {
  if (assignment == 0) return 0;
  const auto* clock = m.edit_clock(v1::CLOCK_KIND_HANDLE, assignment);
  return clock ? clock->due_at() : 0;
}

namespace {

/// Whether a clock that has gone up the ladder still stands.
bool breach_stands(const v1::Ticket& t, const policies& policy) {
  return std::ranges::any_of(t.clocks(), [&](const v1::Clock& c) {
    const bool alive = c.state() == v1::CLOCK_STATE_RUNNING || c.state() == v1::CLOCK_STATE_PAUSED;
    if (!alive || !c.overdue()) return false;
    return std::ranges::any_of(policy.rungs(c.kind()), [&](const ladder_rung& r) {
      const auto bit = 1U << static_cast<unsigned>(r.rule.rung());
      return r.rule.escalates() && (c.fired_rungs() & bit) != 0;
    });
  });
}

}  // namespace

void lower_escalation(move& m) {
  if (m.ticket().escalated_to().empty() || !m.has_open_event()) return;
  v1::Ticket after = m.ticket();
  apply(after, m.current_event());
  if (after.escalated_to().empty() || breach_stands(after, m.policy())) return;
  m.current_event().mutable_change()->set_escalated_to("");
}

const v1::Assignment* last_handler(const v1::Ticket& ticket) {
  const v1::Assignment* last = nullptr;
  for (const auto& a : ticket.assignments()) {
    if (a.role() == v1::ASSIGNMENT_ROLE_MAIN && a.replied_at() != 0) last = &a;
  }
  return last;
}

v1::Assignment& reopen_handling(move& m, const v1::Assignment& last, v1::State as) {
  m.cancel_all_clocks();
  auto& a = m.add_assignment();
  a.set_unit(last.unit());
  a.set_sender_unit(m.ticket().desk());
  a.set_role(v1::ASSIGNMENT_ROLE_MAIN);
  a.set_state(v1::ASSIGNMENT_STATE_HANDLING);
  a.set_officer(last.officer());
  a.set_signed_at(m.now_ms());
  a.set_contacted_at(last.contacted_at());
  a.set_designated(true);
  a.set_on_behalf_of(last.on_behalf_of());
  m.state(as);
  m.start_step(v1::CLOCK_KIND_REWORK, a.id(), a.unit());
  return a;
}

}  // namespace hotline::domain
