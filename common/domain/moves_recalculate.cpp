#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "common/domain/clocks.hpp"
#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"

namespace hotline::domain::moves {
namespace {

/// The limit the policy gives this clock today; nothing where a person may have ordered it. Only
/// the policy sets the limits of steps, and of a main clock that nobody handed down; the limits of
/// hand-downs, opinions, orders, transfers and pauses can be ordered and stand as they were
/// ordered.
std::optional<limit> limit_by_policy(const move& m, const v1::Clock& clock) {
  switch (clock.kind()) {
    case v1::CLOCK_KIND_HANDLE: {
      const auto* part = find_assignment(m.ticket(), clock.assignment());
      if (!part || part->parent() != 0) return std::nullopt;
      return handling_limit(m, m.urgency(), clock.unit(), from_unix_ms(clock.started_at()));
    }
    case v1::CLOCK_KIND_FIRST_REPORT: return report_limit(m, m.urgency());
    case v1::CLOCK_KIND_SIGN:
      return sign_limit(m, m.urgency(), clock.unit(), from_unix_ms(clock.started_at()));
    case v1::CLOCK_KIND_ARCHIVE: return m.policy().archive_after();
    case v1::CLOCK_KIND_ACCEPT:
    case v1::CLOCK_KIND_DISPATCH:
    case v1::CLOCK_KIND_CONTACT:
    case v1::CLOCK_KIND_FIRST_RESULT:
    case v1::CLOCK_KIND_REVIEW:
    case v1::CLOCK_KIND_VISIT:
    case v1::CLOCK_KIND_REWORK:
    case v1::CLOCK_KIND_RETURN_DECISION:
    case v1::CLOCK_KIND_EXTENSION_DECISION: return m.policy().step_limit(clock.kind(), m.urgency());
    default: return std::nullopt;
  }
}

/// Where the main clocks of handed-down parts were due and are due now, by assignment.
struct moved_due {
  std::int64_t before;
  std::int64_t after;
};
using moved_dues = std::map<std::int32_t, moved_due>;

/// The terms a clock is computed from, by today's policy. What was resumed counts what was left,
/// not its limit; a part that was handed down stays within the part above it.
void renew_terms(const move& m, v1::Clock& clock, const moved_dues& moved) {
  if (clock.resumed_at() == 0) {
    const auto allowed = limit_by_policy(m, clock);
    if (allowed) clock.set_limit(format(*allowed));
  }
  if (clock.kind() == v1::CLOCK_KIND_FIRST_REPORT && clock.resumed_at() == 0) {
    clock.set_cap_at(report_cap_at(m, clock.unit()));
  }
  if (clock.kind() != v1::CLOCK_KIND_HANDLE) return;
  const auto* part = find_assignment(m.ticket(), clock.assignment());
  if (part && part->parent() == 0 && clock.resumed_at() == 0) {
    const auto& office = clock.calendar_unit().empty() ? clock.unit() : clock.calendar_unit();
    clock.set_cap_at(main_cap_at(m, limit_of(clock), office, clock.extended_days()));
  }
  if (!part) return;
  const auto above = moved.find(part->parent());
  if (above == moved.end()) return;
  const auto [before, after] = above->second;
  const bool bound = clock.cap_at() == 0 || clock.cap_at() == before;
  clock.set_cap_at(bound ? after : std::min(clock.cap_at(), after));
}

std::vector<v1::Clock> recalculated(const move& m) {
  std::vector<v1::Clock> running;
  for (const auto& c : m.ticket().clocks()) {
    if (c.state() == v1::CLOCK_STATE_RUNNING) running.push_back(c);
  }
  // A part has a higher number than the one that handed down to it: from the top down.
  std::ranges::sort(running, {}, [](const v1::Clock& c) {
    return std::tuple(c.assignment(), c.kind(), c.subject());
  });
  moved_dues moved;
  std::vector<v1::Clock> changed;
  for (auto& clock : running) {
    const auto before = clock.due_at();
    const auto limit_before = clock.limit();
    renew_terms(m, clock, moved);
    const bool moves = recalculate_clock(clock, m.urgency(), m.land(), m.now());
    if (clock.kind() == v1::CLOCK_KIND_HANDLE) {
      moved[clock.assignment()] = {before, clock.due_at()};
    }
    if (moves || clock.limit() != limit_before) changed.push_back(std::move(clock));
  }
  return changed;
}

}  // namespace

refusal recalculate(move& m) {
  if (auto no = need(m.command().recalculate().reason(), "recalculate.reason", "reason")) return no;
  auto changed = recalculated(m);
  if (changed.empty()) return std::nullopt;
  m.event(v1::EVENT_KIND_RECALCULATED);
  for (auto& next : changed) {
    auto* clock = m.edit_clock(next.kind(), next.assignment(), next.subject());
    const auto* part = find_assignment(m.ticket(), next.assignment());
    const bool in_time_again = clock->overdue() && !next.overdue();
    *clock = std::move(next);
    // Late once stays late; the light only tells how things stand.
    if (in_time_again && part && part->unit() == clock->unit()) {
      m.edit_assignment(part->id()).set_light(v1::LIGHT_UNSPECIFIED);
    }
  }
  catch_up_moved(m);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
