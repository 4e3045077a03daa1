#include <algorithm>
#include <limits>

#include "common/domain/clocks.hpp"
#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"

namespace hotline::domain::moves {
namespace {

/// The running clock whose next milestone is due first; nullptr when none is due at `until`.
const v1::Clock* next_due(const v1::Ticket& t, std::int64_t until_ms) {
  const v1::Clock* first = nullptr;
  std::int64_t at = std::numeric_limits<std::int64_t>::max();
  for (const auto& c : t.clocks()) {
    if (c.state() != v1::CLOCK_STATE_RUNNING || c.milestones().empty()) continue;
    if (c.milestones(0).at() <= until_ms && c.milestones(0).at() < at) {
      first = &c;
      at = c.milestones(0).at();
    }
  }
  return first;
}

v1::EventKind kind_of(v1::Rung rung) {
  switch (rung) {
    case v1::RUNG_REMIND:
    case v1::RUNG_WARN: return v1::EVENT_KIND_DEADLINE_NEAR;
    case v1::RUNG_DUE: return v1::EVENT_KIND_DEADLINE_MISSED;
    default: return v1::EVENT_KIND_BREACH_LASTING;
  }
}

/// Whether a miss of this clock makes the part late for ever (it counts in 按期办结): what the
/// worker or the main unit waits for, not the steps on the way there.
bool times_result(v1::ClockKind kind) {
  switch (kind) {
    case v1::CLOCK_KIND_HANDLE:
    case v1::CLOCK_KIND_REWORK:
    case v1::CLOCK_KIND_FIRST_RESULT:
    case v1::CLOCK_KIND_CO_OPINION: return true;
    default: return false;
  }
}

/// Whether a miss of this clock makes the ticket late for ever: the handling, or what its desk lets
/// pass before anybody handles. A co-handler's or a superior's lateness is their own.
bool times_ticket(v1::ClockKind kind) {
  switch (kind) {
    case v1::CLOCK_KIND_ACCEPT:
    case v1::CLOCK_KIND_DISPATCH:
    case v1::CLOCK_KIND_HANDLE:
    case v1::CLOCK_KIND_REWORK:
    case v1::CLOCK_KIND_FIRST_RESULT: return true;
    default: return false;
  }
}

/// Lights the part of the unit that had to act. A review or a decision names the part it is about,
/// but is somebody else's to do: that one's lateness does not shine on the handler.
void light_up(move& m, const v1::Clock& clock, const ladder_rung* rule, v1::Rung rung) {
  for (const auto& a : m.ticket().assignments()) {
    if (a.id() != clock.assignment() || !is_open(a) || a.unit() != clock.unit()) continue;
    const auto light = rule ? rule->rule.light() : v1::LIGHT_UNSPECIFIED;
    const bool missed = rung == v1::RUNG_DUE && times_result(clock.kind());
    if (light <= a.light() && !(missed && !a.overdue())) return;
    auto& lit = m.edit_assignment(a.id());
    lit.set_light(std::max(light, a.light()));
    if (missed) lit.set_overdue(true);
    return;
  }
}

void reach_rung(move& m, const v1::Clock& due) {
  const auto rung = due.milestones(0).rung();
  const auto* rule = m.policy().rung(due.kind(), rung, m.urgency());
  auto& change = m.event(kind_of(rung));
  auto* clock = m.edit_clock(due.kind(), due.assignment(), due.subject());
  const auto fired = pop_milestone(*clock, m.land(), m.now());
  auto& reached = *m.current_event().mutable_rung();
  reached.set_clock(clock->kind());
  reached.set_assignment(clock->assignment());
  reached.set_rung(rung);
  reached.set_scheduled_at(fired.at());
  reached.set_unit(clock->unit());
  if (rule) {
    *reached.mutable_told() = rule->rule.told();
    reached.set_escalates(rule->rule.escalates());
    if (rule->rule.urge() != 0) change.set_urges_added(1);
    if (rule->rule.report()) change.set_reported(true);
  }
  const bool late = rung == v1::RUNG_DUE && times_ticket(clock->kind());
  if (late && !m.ticket().overdue()) change.set_overdue(true);
  light_up(m, *clock, rule, rung);
}

/// Lets everything happen that is due at `until` or before.
void run_due(move& m, std::int64_t until_ms) {
  while (const auto* due = next_due(m.ticket(), until_ms)) {
    const bool at_due = due->milestones(0).rung() == v1::RUNG_DUE;
    if (due->kind() == v1::CLOCK_KIND_ARCHIVE) {
      archive(m);
    } else if (due->kind() == v1::CLOCK_KIND_SUSPENSION_REVIEW && at_due) {
      // 挂起到期自动恢复: a pause ends by itself at its review date.
      resume(m);
    } else {
      const v1::Clock clock = *due;
      reach_rung(m, clock);
    }
    lower_escalation(m);
    m.finish();
  }
}

}  // namespace

refusal tick(move& m) {
  run_due(m, m.now_ms());
  return std::nullopt;
}

void catch_up(move& m) {
  // What is done at the due instant itself is done in time.
  run_due(m, m.now_ms() - 1);
}

void catch_up_moved(move& m) {
  lower_escalation(m);
  m.end_command();
  catch_up(m);
}

}  // namespace hotline::domain::moves
