// Another urgency: what it does to the clocks that run, and the move that orders it.
#include <algorithm>
#include <tuple>
#include <vector>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain {
namespace {

bool waits(const v1::Ticket& t, std::int32_t assignment) {
  const auto* part = find_assignment(t, assignment);
  return part && part->state() == v1::ASSIGNMENT_STATE_WAITING;
}

/// Whether a clock's limit is one of those that the policy sets by urgency.
bool depends_on_urgency(v1::ClockKind kind) {
  switch (kind) {
    case v1::CLOCK_KIND_CO_OPINION:
    case v1::CLOCK_KIND_SUSPENSION_REVIEW:
    case v1::CLOCK_KIND_SUPERVISION_ANSWER:
    case v1::CLOCK_KIND_PARTNER_ANSWER:
    case v1::CLOCK_KIND_SUPPLEMENT:
    case v1::CLOCK_KIND_ARCHIVE: return false;
    default: return true;
  }
}

/// What the policy gives a clock at an urgency; nothing: there is no such clock then.
std::optional<limit> limit_at(const move& m, const v1::Clock& c, v1::Urgency urgency) {
  const auto from = from_unix_ms(c.started_at());
  // Before the signing nobody has to contact the worker of an ordinary ticket.
  const bool early = urgency == v1::URGENCY_NORMAL && waits(m.ticket(), c.assignment());
  switch (c.kind()) {
    case v1::CLOCK_KIND_HANDLE: return handling_limit(m, urgency, c.unit(), from);
    case v1::CLOCK_KIND_SIGN: return sign_limit(m, urgency, c.unit(), from);
    case v1::CLOCK_KIND_CONTACT:
      return early ? std::nullopt : m.policy().step_limit(c.kind(), urgency);
    case v1::CLOCK_KIND_FIRST_REPORT:
      return early ? m.policy().notice_limit(limits_kind(m.intake())) : report_limit(m, urgency);
    default: return m.policy().step_limit(c.kind(), urgency);
  }
}

/// The whole of a limit, in its own kind of time.
milliseconds span_of(const limit& l, instant from, const working_calendar& calendar) {
  return remaining(due_at(from, l, calendar), from, l.unit, calendar);
}

/// What a clock that has been paused is left under another limit: what it had used stays used.
milliseconds left_under(const move& m, const v1::Clock& c, const limit& next) {
  const auto& calendar =
      m.land().calendar_of(c.calendar_unit().empty() ? c.unit() : c.calendar_unit());
  const auto from = from_unix_ms(c.started_at());
  const auto old = limit_of(c);
  const auto whole = span_of(next, from, calendar);
  // Time of another kind cannot be compared: the limit counts anew from the resume.
  if (counts_office_time(old.unit) != counts_office_time(next.unit)) return whole;
  const auto used = span_of(old, from, calendar) - milliseconds(c.resumed_left_ms());
  return std::max(milliseconds(0), whole - used);
}

void set_limit(const move& m, v1::Clock& c, const limit& next) {
  if (c.resumed_at() != 0) c.set_resumed_left_ms(left_under(m, c, next).count());
  c.set_limit(format(next));
}

/// A handed-down part keeps a limit of its own, within that of the part above it.
void set_main_limit(move& m, v1::Clock& c, const limit& before, const limit& next) {
  const auto* part = find_assignment(m.ticket(), c.assignment());
  const auto above = part ? main_due_at(m, part->parent()) : 0;
  if (next.statutory && above == 0) {
    // A pause before the matter was known to be one of the law's counts for nothing.
    c.set_resumed_at(0);
    c.set_resumed_left_ms(0);
  }
  if (above == 0 || c.limit() == format(before)) set_limit(m, c, next);
  if (above != 0) {
    c.set_cap_at(earlier(c.cap_at(), above));
  } else if (c.resumed_at() == 0) {
    c.set_cap_at(main_cap_at(m, limit_of(c), c.unit(), c.extended_days()));
  }
}

void turn_off_light(move& m, const v1::Clock& c) {
  const auto* part = find_assignment(m.ticket(), c.assignment());
  if (part && is_open(*part)) m.edit_assignment(part->id()).set_light(v1::LIGHT_UNSPECIFIED);
}

void adjust(move& m, v1::Clock& c, v1::Urgency before, v1::Urgency next) {
  const auto allowed = limit_at(m, c, next);
  if (!allowed) {
    cancel_clock(c, m.now());
    return;
  }
  // A clock that stands still (待签收 while a return is decided) is left with what the other limit
  // leaves of it: it goes on and stops again at the same instant.
  const bool paused = c.state() == v1::CLOCK_STATE_PAUSED;
  if (paused) resume_clock(c, m.land(), m.now());
  const bool was_overdue = c.overdue();
  if (c.kind() == v1::CLOCK_KIND_HANDLE) {
    set_main_limit(m, c, *limit_at(m, c, before), *allowed);
  } else {
    set_limit(m, c, *allowed);
    if (c.kind() == v1::CLOCK_KIND_FIRST_REPORT) c.set_cap_at(report_cap_at(m, c.unit()));
  }
  recalculate_clock(c, next, m.land(), m.now());
  if (was_overdue && !c.overdue()) turn_off_light(m, c);
  if (paused) pause_clock(c, m.land(), m.now());
}

struct clock_name {
  v1::ClockKind kind;
  std::int32_t assignment;
  std::int32_t subject;
};

/// The clocks that go on: main clocks first, from the top down, because each bounds those below it.
std::vector<clock_name> clocks_to_adjust(const v1::Ticket& t) {
  std::vector<clock_name> names;
  for (const auto& c : t.clocks()) {
    const bool alive = c.state() == v1::CLOCK_STATE_RUNNING || c.state() == v1::CLOCK_STATE_PAUSED;
    if (alive) names.push_back({c.kind(), c.assignment(), c.subject()});
  }
  std::ranges::sort(names, {}, [](const clock_name& n) {
    return std::tuple(n.kind != v1::CLOCK_KIND_HANDLE, n.assignment, n.kind, n.subject);
  });
  return names;
}

/// Who has the ticket before its first reply; nullptr: nobody.
const v1::Assignment* first_handler(const v1::Ticket& t) {
  const auto* part = current_assignment(t);
  const bool at_work = part && (part->state() == v1::ASSIGNMENT_STATE_WAITING ||
                                part->state() == v1::ASSIGNMENT_STATE_HANDLING);
  const bool first = t.state() == v1::STATE_DISPATCHED || t.state() == v1::STATE_HANDLING ||
                     t.state() == v1::STATE_SUSPENDED;
  return at_work && first ? part : nullptr;
}

/// 紧急 and 特急 ask the handler for steps that ordinary tickets do without; they count from now.
void start_urgent_steps(move& m) {
  const auto* part = first_handler(m.ticket());
  if (!part) return;
  const auto start_missing = [&](v1::ClockKind kind) {
    if (!m.edit_clock(kind, part->id())) m.start_step(kind, part->id(), part->unit());
  };
  if (part->contacted_at() == 0) start_missing(v1::CLOCK_KIND_CONTACT);
  if (part->reported_at() == 0) start_missing(v1::CLOCK_KIND_FIRST_REPORT);
  start_missing(v1::CLOCK_KIND_FIRST_RESULT);
}

/// An opinion is due before the answer it is for.
void bound_opinions(move& m) {
  const auto* part = current_assignment(m.ticket());
  const auto due = part ? main_due_at(m, part->id()) : 0;
  if (due == 0) return;
  for (const auto& c : m.ticket().clocks()) {
    const bool runs = c.kind() == v1::CLOCK_KIND_CO_OPINION && c.state() == v1::CLOCK_STATE_RUNNING;
    if (!runs || c.due_at() <= due) continue;
    auto* bounded = m.edit_clock(c.kind(), c.assignment(), c.subject());
    bounded->set_cap_at(earlier(bounded->cap_at(), due));
    recalculate_clock(*bounded, m.urgency(), m.land(), m.now());
  }
}

void adjust_clocks(move& m, v1::Urgency before, v1::Urgency next) {
  for (const auto& name : clocks_to_adjust(m.ticket())) {
    if (!depends_on_urgency(name.kind)) continue;
    auto* clock = m.edit_clock(name.kind, name.assignment, name.subject);
    if (clock) adjust(m, *clock, before, next);
  }
}

}  // namespace

void set_urgency(move& m, v1::Urgency next) {
  const auto before = m.urgency();
  m.current_event().mutable_change()->set_urgency(next);
  adjust_clocks(m, before, next);
  if (next != v1::URGENCY_NORMAL) start_urgent_steps(m);
  bound_opinions(m);
}

void follow_kind(move& m) {
  adjust_clocks(m, m.urgency(), m.urgency());
  if (const auto* part = first_handler(m.ticket())) start_notice(m, *part);
  bound_opinions(m);
}

namespace moves {

refusal change_urgency(move& m) {
  const auto& words = m.command().change_urgency();
  const auto& unit = m.actor().unit();
  if (words.urgency() == v1::URGENCY_UNSPECIFIED) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "urgency.named", "urgency");
  }
  if (auto no = need(words.reason(), "urgency.reason", "reason")) return no;
  if (words.urgency() == m.urgency()) {
    return reject(v1::REJECT_CODE_ALREADY_DONE, "urgency.another", "urgency");
  }
  const auto* handler = current_assignment(m.ticket());
  const bool of_desk = is_at_or_above(m.org(), unit, m.ticket().desk());
  const bool of_handler = handler && is_at_or_above(m.org(), unit, handler->unit());
  if (!of_desk && !of_handler) {
    return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "urgency.desk-or-handler", "actor.unit");
  }
  // Nobody gives themselves more time.
  const bool own = handler && handler->unit() == unit;
  if (own && words.urgency() < m.urgency()) {
    return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "urgency.lowered-by-superior", "actor.unit");
  }
  m.event(v1::EVENT_KIND_URGENCY_CHANGED);
  set_urgency(m, words.urgency());
  return std::nullopt;
}

}  // namespace moves
}  // namespace hotline::domain
