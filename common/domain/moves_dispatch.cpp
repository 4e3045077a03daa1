#include <algorithm>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain::moves {
namespace {

bool returned_before(const v1::Ticket& t, std::string_view unit) {
  return std::ranges::find(t.returned_by(), unit) != t.returned_by().end();
}

/// Once a ticket has gone to and fro as often as the policy bears, or comes back to a unit that
/// returned it, it is designated (指定办理): that unit cannot return it again.
bool must_designate(const move& m, std::string_view unit) {
  return returned_before(m.ticket(), unit) ||
         m.ticket().returns() >= std::max(m.policy().sla().ping_pong_max(), 1);
}

refusal check_co_units(const move& m, const v1::Dispatch& order) {
  for (int i = 0; i < order.co_units_size(); ++i) {
    const auto& unit = order.co_units(i);
    const auto field = "co_units[" + std::to_string(i) + "]";
    const auto* found = m.org().find(unit);
    if (!found) return reject(v1::REJECT_CODE_UNIT_UNKNOWN, "dispatch.co-unit", field);
    if (found->inactive()) return reject(v1::REJECT_CODE_UNIT_INACTIVE, "dispatch.co-unit", field);
    const auto& earlier = order.co_units();
    const bool twice = std::find(earlier.begin(), earlier.begin() + i, unit) != earlier.begin() + i;
    if (unit == order.unit() || twice) {
      return reject(v1::REJECT_CODE_UNIT_DUPLICATE, "dispatch.co-unit", field);
    }
    const auto& complained = m.ticket().intake().matter().complained_unit();
    if (!complained.empty() && m.org().is_in_subtree(unit, complained)) {
      return reject(v1::REJECT_CODE_UNIT_COMPLAINED_ABOUT, "dispatch.co-unit", field);
    }
  }
  return std::nullopt;
}

/// Half of what is left of the unit's own limit: what a hand-down without a limit gets.
instant half_of_rest(const move& m, const v1::Clock& own, std::string_view unit) {
  const auto& calendar = m.land().calendar_of(unit);
  const auto kind = limit_of(own).unit;
  const auto left = remaining(from_unix_ms(own.due_at()), m.now(), kind, calendar);
  return domain::resume(m.now(), left / 2, kind, calendar);
}

/// Moves a clock, as it stands, from one assignment to another. Whether there was one.
bool carry_clock(move& m, v1::ClockKind kind, std::int32_t from, std::int32_t to,
                 std::string_view unit) {
  auto* old = m.edit_clock(kind, from);
  if (!old) return false;
  v1::Clock carried = *old;
  carried.set_assignment(to);
  // Its due instant was computed with the old unit's office hours; that must not change now.
  if (carried.calendar_unit().empty()) carried.set_calendar_unit(carried.unit());
  carried.set_unit(std::string(unit));
  *m.current_event().mutable_change()->add_clocks() = std::move(carried);
  return true;
}

/// The topmost assignment of the chain that lies at or below `unit`: what a superior that takes
/// over is answerable for is that part's limit, not the shorter one given further down.
v1::Assignment top_part_below(const move& m, const v1::Assignment& lower, std::string_view unit) {
  const v1::Assignment* top = &lower;
  for (const auto id : chain_from(m.ticket(), lower.id())) {
    const auto* a = find_assignment(m.ticket(), id);
    if (is_at_or_above(m.org(), unit, a->unit())) top = a;
  }
  return *top;
}

/// Everything a superior that takes over finds as the lower unit left it.
v1::Assignment& take_part(move& m, const v1::Assignment& lower, std::int32_t parent) {
  auto& mine = m.add_assignment();
  mine.set_unit(m.actor().unit());
  mine.set_sender_unit(m.actor().unit());
  mine.set_parent(parent);
  mine.set_role(v1::ASSIGNMENT_ROLE_MAIN);
  mine.set_state(v1::ASSIGNMENT_STATE_HANDLING);
  mine.set_officer(m.actor().user());
  mine.set_signed_at(m.now_ms());
  mine.set_contacted_at(lower.contacted_at());
  mine.set_reported_at(lower.reported_at());
  mine.set_on_behalf_of(lower.unit());
  mine.set_overdue(lower.overdue());
  mine.set_light(lower.light());
  mine.set_designated(true);
  return mine;
}

/// The clock does not restart: the superior takes over what is left of the limits.
void take_clocks(move& m, const v1::Assignment& lower, const v1::Assignment& top,
                 const v1::Assignment& mine) {
  carry_clock(m, v1::CLOCK_KIND_HANDLE, top.id(), mine.id(), mine.unit());
  carry_clock(m, v1::CLOCK_KIND_REWORK, lower.id(), mine.id(), mine.unit());
  carry_clock(m, v1::CLOCK_KIND_FIRST_REPORT, lower.id(), mine.id(), mine.unit());
  carry_clock(m, v1::CLOCK_KIND_FIRST_RESULT, lower.id(), mine.id(), mine.unit());
  const bool running = carry_clock(m, v1::CLOCK_KIND_CONTACT, lower.id(), mine.id(), mine.unit());
  if (!running && mine.contacted_at() == 0 && lower.state() == v1::ASSIGNMENT_STATE_WAITING) {
    m.start_step(v1::CLOCK_KIND_CONTACT, mine.id(), mine.unit());
  }
}

}  // namespace

refusal dispatch(move& m) {
  const auto& order = m.command().dispatch();
  if (auto no = check_target(m, order.unit(), "unit")) return no;
  if (m.actor().role() != v1::ROLE_SYSTEM &&
      !is_at_or_above(m.org(), m.actor().unit(), order.unit())) {
    return reject(v1::REJECT_CODE_UNIT_OUTSIDE, "dispatch.own-subtree", "unit");
  }
  if (auto no = check_co_units(m, order)) return no;

  auto& change = m.event(v1::EVENT_KIND_DISPATCHED);
  // Left open it stays as it was found to be: a ticket that comes back has not become easier.
  change.set_grade(order.grade() == v1::GRADE_UNSPECIFIED ? m.grade() : order.grade());
  if (order.urgency() != v1::URGENCY_UNSPECIFIED) change.set_urgency(order.urgency());
  if (order.priority()) change.set_priority(true);
  if (!order.routing_rule().empty()) change.set_routing_rule(order.routing_rule());
  if (!order.triage_rule().empty()) change.set_triage_rule(order.triage_rule());
  *change.mutable_suggested_disposals() = order.disposals();
  m.stop(v1::CLOCK_KIND_DISPATCH);
  if (const auto* refusal_open = open_request(m.ticket(), v1::REQUEST_KIND_REFUSAL)) {
    m.edit_request(refusal_open->id()).set_state(v1::REQUEST_STATE_VOID);
  }
  const auto sender = m.actor().unit().empty() ? m.ticket().desk() : m.actor().unit();
  auto& main = assign_main(m, {.unit = order.unit(),
                               .sender_unit = sender,
                               .parent = 0,
                               .advice = order.advice(),
                               .designated = must_designate(m, order.unit()),
                               .allowed = std::nullopt,
                               .cap_at = 0});
  const auto opinion_limit = parse_limit(m.policy().sla().co_opinion_limit());
  const auto* clock = m.edit_clock(v1::CLOCK_KIND_HANDLE, main.id());
  const auto cap = clock ? clock->due_at() : 0;
  for (const auto& unit : order.co_units()) assign_co(m, unit, order.advice(), *opinion_limit, cap);
  return std::nullopt;
}

refusal sign(move& m) {
  const auto* a = current_assignment(m.ticket());
  if (!a || a->state() != v1::ASSIGNMENT_STATE_WAITING) {
    return reject(v1::REJECT_CODE_ALREADY_DONE, "sign.once");
  }
  if (open_request(m.ticket(), v1::REQUEST_KIND_RETURN)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "sign.not-while-returning");
  }
  m.event(v1::EVENT_KIND_SIGNED);
  auto& mine = m.edit_assignment(a->id());
  mine.set_state(v1::ASSIGNMENT_STATE_HANDLING);
  mine.set_officer(m.actor().user());
  mine.set_signed_at(m.now_ms());
  m.stop(v1::CLOCK_KIND_SIGN, a->id());
  if (m.urgency() == v1::URGENCY_NORMAL) {
    m.start_step(v1::CLOCK_KIND_CONTACT, a->id(), a->unit());
    m.start_step(v1::CLOCK_KIND_FIRST_REPORT, a->id(), a->unit());
  }
  m.state(v1::STATE_HANDLING);
  return std::nullopt;
}

refusal redispatch(move& m) {
  const auto& order = m.command().redispatch();
  const auto* old = current_assignment(m.ticket());
  if (!old) return reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "redispatch.handler");
  if (auto no = need(order.reason(), "redispatch.reason", "reason")) return no;
  if (auto no = check_target(m, order.unit(), "unit")) return no;
  if (order.unit() == old->unit()) {
    return reject(v1::REJECT_CODE_UNIT_DUPLICATE, "redispatch.another", "unit");
  }
  const bool same_level = same_rank(m.org().level(order.unit()), m.org().level(old->unit()));
  const bool below_actor =
      m.actor().role() == v1::ROLE_SYSTEM || is_above(m.org(), m.actor().unit(), order.unit());
  if (!same_level || !below_actor) {
    return reject(v1::REJECT_CODE_UNIT_OUTSIDE, "redispatch.same-level-below-actor", "unit");
  }
  const v1::Assignment gone = *old;
  auto& change = m.event(v1::EVENT_KIND_REDISPATCHED);
  end_assignment(m, gone.id(), v1::ASSIGNMENT_STATE_MOVED);
  close_supervisions(m, gone.unit());
  change.set_escalated_to("");
  // The new unit gets a clock of its own; the caller's does not start again: the total cap counts
  // from the first dispatch, and a handed-down part stays within its parent's limit.
  const auto parent = parent_above(m, gone.parent(), order.unit());
  assign_main(m, {.unit = order.unit(),
                  .sender_unit = m.actor().unit(),
                  .parent = parent,
                  .advice = order.reason(),
                  .designated = must_designate(m, order.unit()),
                  .allowed = std::nullopt,
                  .cap_at = main_due_at(m, parent)});
  return std::nullopt;
}

refusal hand_down(move& m) {
  const auto& order = m.command().hand_down();
  const auto* mine = current_assignment(m.ticket());
  if (!mine) return reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "hand-down.handler");
  if (auto no = check_target(m, order.unit(), "unit")) return no;
  if (!is_above(m.org(), mine->unit(), order.unit())) {
    return reject(v1::REJECT_CODE_UNIT_OUTSIDE, "hand-down.own-subtree", "unit");
  }
  const auto* own = m.ticket().clocks().empty() ? nullptr : [&]() -> const v1::Clock* {
    for (const auto& c : m.ticket().clocks()) {
      const bool main = c.kind() == v1::CLOCK_KIND_HANDLE && c.assignment() == mine->id();
      if (main && c.state() == v1::CLOCK_STATE_RUNNING) return &c;
    }
    return nullptr;
  }();
  if (!own) return reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "hand-down.main-clock");
  // What a superior is still asked about this part is decided, or its answer would meet another
  // one.
  const bool asking = std::ranges::any_of(m.ticket().requests(), [&](const v1::Request& r) {
    return r.state() == v1::REQUEST_STATE_OPEN && r.assignment() == mine->id();
  });
  if (asking) return reject(v1::REJECT_CODE_ALREADY_OPEN, "hand-down.not-while-asking");

  limit allowed = limit_of(*own);
  std::int64_t cap = to_unix_ms(half_of_rest(m, *own, mine->unit()));
  if (!order.limit().empty()) {
    allowed = *parse_limit(order.limit());
    const auto due = due_at(m.now(), allowed, m.land().calendar_of(order.unit()));
    if (to_unix_ms(due) > own->due_at()) {
      return reject(v1::REJECT_CODE_LIMIT_TOO_LONG, "hand-down.within-own-limit", "limit");
    }
    cap = own->due_at();
  }
  const v1::Assignment above = *mine;
  m.event(v1::EVENT_KIND_HANDED_DOWN);
  m.edit_assignment(above.id()).set_state(v1::ASSIGNMENT_STATE_HANDED_DOWN);
  assign_main(m, {.unit = order.unit(),
                  .sender_unit = above.unit(),
                  .parent = above.id(),
                  .advice = order.advice(),
                  .designated = must_designate(m, order.unit()),
                  .allowed = allowed,
                  .cap_at = cap});
  return std::nullopt;
}

refusal request_take_over(move& m) {
  const auto& words = m.command().request_take_over();
  if (auto no = need(words.reason(), "take-over.reason", "reason")) return no;
  if (open_request(m.ticket(), v1::REQUEST_KIND_TAKE_OVER)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "take-over.once");
  }
  const auto* mine = current_assignment(m.ticket());
  const std::string decider(m.org().superior_of(mine->unit()));
  if (decider.empty()) return reject(v1::REJECT_CODE_UNIT_OUTSIDE, "take-over.superior");
  m.event(v1::EVENT_KIND_TAKE_OVER_ASKED);
  ask(m, v1::REQUEST_KIND_TAKE_OVER, decider, v1::CLOCK_KIND_EXTENSION_DECISION)
      .set_reason(words.reason());
  return std::nullopt;
}

namespace {

/// 上代下: the actor's unit becomes the main unit, the one that handled its co-handler.
void take_handling_over(move& m, std::string_view reason) {
  const v1::Assignment lower = *current_assignment(m.ticket());
  auto& change = m.event(v1::EVENT_KIND_TAKEN_OVER);

  const auto top = top_part_below(m, lower, m.actor().unit());
  auto& mine = take_part(m, lower, top.parent());
  take_clocks(m, lower, top, mine);
  if (const auto* request = open_request(m.ticket(), v1::REQUEST_KIND_TAKE_OVER)) {
    settle(m, *request, v1::CLOCK_KIND_EXTENSION_DECISION, true);
  }
  for (const auto& a : m.ticket().assignments()) {
    const bool mains = a.role() == v1::ASSIGNMENT_ROLE_MAIN && is_open(a) &&
                       is_at_or_above(m.org(), m.actor().unit(), a.unit());
    const bool my_co = a.role() == v1::ASSIGNMENT_ROLE_CO && a.unit() == m.actor().unit();
    if (mains || (my_co && is_open(a))) end_assignment(m, a.id(), v1::ASSIGNMENT_STATE_MOVED);
  }
  for (const auto& order : m.ticket().supervisions()) {
    if (is_at_or_above(m.org(), m.actor().unit(), order.unit())) {
      close_supervisions(m, order.unit());
    }
  }
  assign_co(m, lower.unit(), reason, *parse_limit(m.policy().sla().co_opinion_limit()), 0);
  change.set_escalated_to("");
  const bool rework = m.ticket().state() == v1::STATE_REWORK;
  m.state(rework ? v1::STATE_REWORK : v1::STATE_HANDLING);
}

}  // namespace

refusal take_over(move& m) {
  const auto& words = m.command().take_over();
  if (auto no = need(words.reason(), "take-over.reason", "reason")) return no;
  take_handling_over(m, words.reason());
  return std::nullopt;
}

refusal decide_take_over(move& m) {
  const auto& words = m.command().decide_take_over();
  const auto* request = open_request(m.ticket(), v1::REQUEST_KIND_TAKE_OVER);
  if (!request) return reject(v1::REJECT_CODE_NOTHING_OPEN, "take-over.decide");
  if (auto no = check_decider(m, *request, "take-over.decider")) return no;
  const v1::Request asked = *request;
  if (words.grant()) {
    take_handling_over(m, asked.reason());
    return std::nullopt;
  }
  if (auto no = need(words.remark(), "take-over.remark", "remark")) return no;
  m.event(v1::EVENT_KIND_TAKE_OVER_DECIDED);
  settle(m, asked, v1::CLOCK_KIND_EXTENSION_DECISION, false);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
