#include "common/domain/clocks.hpp"

#include <algorithm>
#include <vector>

#include "common/base/assert.hpp"

namespace hotline::domain {
namespace {

const working_calendar& calendar_of(const v1::Clock& clock, const province& land) {
  return land.calendar_of(clock.calendar_unit().empty() ? clock.unit() : clock.calendar_unit());
}

constexpr std::uint32_t bit(v1::Rung rung) { return 1U << static_cast<unsigned>(rung); }

/// Rungs are numbered from 1: their bit 0 remembers that the worker has been contacted.
constexpr std::uint32_t contacted_bit = bit(v1::RUNG_UNSPECIFIED);

/// The instant at which `percent` of the limit is used up, in the limit's own kind of time.
instant at_percent(int percent, instant from, instant due, limit_unit unit,
                   const working_calendar& calendar) {
  const auto whole = remaining(due, from, unit, calendar);
  return resume(from, milliseconds(whole.count() * percent / 100), unit, calendar);
}

/// `distance` before due. A warning that would fall into the first fifth of the limit comes at four
/// fifths of it instead (the ladder's "1 wd, or 20 % of the limit, before due").
instant before_due(const limit& distance, instant from, instant due, limit_unit unit,
                   const working_calendar& calendar) {
  instant at = due;
  switch (distance.unit) {
    case limit_unit::minutes: at = due - std::chrono::minutes(distance.amount); break;
    case limit_unit::hours: at = due - std::chrono::hours(distance.amount); break;
    case limit_unit::days: at = due - std::chrono::days(distance.amount); break;
    case limit_unit::working_hours:
      at = calendar.subtract_working_ms(due, std::chrono::hours(distance.amount));
      break;
    case limit_unit::working_days: at = calendar.subtract_working_days(due, distance.amount); break;
  }
  if (at < at_percent(20, from, due, unit, calendar)) {
    return at_percent(80, from, due, unit, calendar);
  }
  return at;
}

/// `n wd` counted from a due instant. A due at 24:00 belongs to the day it ends, not to the next.
instant working_days_after(instant due, std::int32_t days, const working_calendar& calendar) {
  return calendar.add_working_days(due - milliseconds(1), days);
}

/// Where a due instant moves when days are granted, in the kind of days the limit is made of.
instant extended(instant due, std::int32_t days, const limit& l, const working_calendar& calendar) {
  if (l.unit == limit_unit::days) {
    return calendar.add_calendar_days(due - milliseconds(1), days, l.statutory);
  }
  return working_days_after(due, days, calendar);
}

/// A limit set by law that would end on a rest day after a pause ends with the next working day.
instant due_after_pause(const v1::Clock& clock, const limit& l, const working_calendar& calendar) {
  const auto due = resume(from_unix_ms(clock.resumed_at()), milliseconds(clock.resumed_left_ms()),
                          l.unit, calendar);
  if (l.unit != limit_unit::days || !l.statutory) return due;
  const auto day_before = due - milliseconds(1) - std::chrono::days(1);
  const auto rolled = calendar.add_calendar_days(day_before, 1, true);
  return rolled == calendar.add_calendar_days(day_before, 1, false) ? due : rolled;
}

instant rung_at(const ladder_rung& r, instant from, instant due, limit_unit unit,
                const working_calendar& calendar) {
  switch (r.from) {
    case ladder_rung::offset::percent:
      return at_percent(r.rule.percent_of_limit(), from, due, unit, calendar);
    case ladder_rung::offset::before_due: return before_due(r.distance, from, due, unit, calendar);
    case ladder_rung::offset::after_due:
      if (r.distance.amount == 0) return due;
      return r.distance.unit == limit_unit::working_days
                 ? working_days_after(due, r.distance.amount, calendar)
                 : due_at(due, r.distance, calendar);
  }
  return due;
}

instant started(const v1::Clock& clock) {
  return from_unix_ms(clock.resumed_at() != 0 ? clock.resumed_at() : clock.started_at());
}

/// Whether a rung has lost its reason: a warning after the fact (the cap of a clock may lie before
/// its start), or a reminder to contact a worker who has been contacted.
bool is_void(const ladder_rung& r, const v1::Clock& clock, instant at, instant due) {
  if (r.from != ladder_rung::offset::after_due && at >= due) return true;
  return r.rule.unless_contacted() && (clock.fired_rungs() & contacted_bit) != 0;
}

void sort_milestones(v1::Clock& clock) {
  std::ranges::sort(*clock.mutable_milestones(), {},
                    [](const v1::Milestone& m) { return std::pair(m.at(), m.rung()); });
}

void add_nag(v1::Clock& clock, const province& land, instant now) {
  auto* nag = clock.add_milestones();
  nag->set_rung(v1::RUNG_NAG);
  const auto at = due_at(now, land.policy.nag_every(), calendar_of(clock, land));
  // Beyond the end of the calendar every limit is over at once; a nag must not be.
  nag->set_at(to_unix_ms(at > now ? at : now + std::chrono::hours(24)));
}

/// Lays the rungs that have not fired, or lie ahead again, on the clock.
void lay_milestones(v1::Clock& clock, v1::Urgency urgency, const province& land, instant now) {
  const auto& calendar = calendar_of(clock, land);
  const auto unit = limit_of(clock).unit;
  const auto due = from_unix_ms(clock.due_at());
  const auto from = started(clock);
  std::vector<v1::Milestone> laid;
  auto lay = [&](v1::Rung rung, instant at) {
    const bool fired = (clock.fired_rungs() & bit(rung)) != 0;
    if (fired && at <= now) return;
    v1::Milestone m;
    m.set_rung(rung);
    // What a new limit puts into the past happens now, not before anybody could know.
    m.set_at(to_unix_ms(std::max(at, now)));
    laid.push_back(std::move(m));
    clock.set_fired_rungs(clock.fired_rungs() & ~bit(rung));
  };
  lay(v1::RUNG_DUE, due);
  for (const auto& r : land.policy.rungs(clock.kind())) {
    const auto& only = r.rule.urgencies();
    const bool meant = only.empty() || std::ranges::find(only, urgency) != only.end();
    if (!meant || r.rule.rung() == v1::RUNG_DUE) continue;
    const auto at = rung_at(r, from, due, unit, calendar);
    if (!is_void(r, clock, at, due)) lay(r.rule.rung(), at);
  }
  clock.clear_milestones();
  for (auto& m : laid) *clock.add_milestones() = std::move(m);
  sort_milestones(clock);
  // Every rung the urgency has was reached before the clock came to it.
  if (clock.milestones().empty()) add_nag(clock, land, now);
  if (due > now) clock.set_overdue(false);
}

void end_clock(v1::Clock& clock, v1::ClockState state, instant now) {
  clock.set_state(state);
  clock.set_ended_at(to_unix_ms(now));
  clock.clear_milestones();
}

}  // namespace

limit limit_of(const v1::Clock& clock) {
  auto l = parse_limit(clock.limit());
  HL_ASSERT(l.has_value(), "a clock's limit was written by start_clock");
  return *l;
}

instant compute_due(const v1::Clock& clock, const province& land) {
  const auto& calendar = calendar_of(clock, land);
  const auto allowed = limit_of(clock);
  instant due = clock.resumed_at() != 0
                    ? due_after_pause(clock, allowed, calendar)
                    : due_at(from_unix_ms(clock.started_at()), allowed, calendar);
  if (clock.extended_days() != 0) due = extended(due, clock.extended_days(), allowed, calendar);
  if (clock.cap_at() != 0) due = std::min(due, from_unix_ms(clock.cap_at()));
  // A cap that has passed makes a new clock due at once, not before it began.
  return std::max(due, started(clock));
}

v1::Clock start_clock(const clock_order& order, v1::Urgency urgency, bool contacted,
                      const province& land, instant now) {
  v1::Clock clock;
  clock.set_kind(order.kind);
  clock.set_assignment(order.assignment);
  clock.set_subject(order.subject);
  clock.set_unit(order.unit);
  clock.set_calendar_unit(order.calendar_unit);
  clock.set_state(v1::CLOCK_STATE_RUNNING);
  clock.set_limit(format(order.allowed));
  clock.set_started_at(to_unix_ms(now));
  clock.set_cap_at(order.cap_at);
  clock.set_extended_days(order.extended_days);
  const auto due = compute_due(clock, land);
  clock.set_due_at(to_unix_ms(due));
  clock.set_provisional(calendar_of(clock, land).provisional_between(now, due));
  if (contacted) clock.set_fired_rungs(contacted_bit);
  lay_milestones(clock, urgency, land, now);
  return clock;
}

void stop_clock(v1::Clock& clock, instant now) {
  const bool late = clock.overdue() ||
                    (clock.state() == v1::CLOCK_STATE_RUNNING && to_unix_ms(now) > clock.due_at());
  if (late) clock.set_overdue(true);
  end_clock(clock, late ? v1::CLOCK_STATE_MISSED : v1::CLOCK_STATE_MET, now);
}

void cancel_clock(v1::Clock& clock, instant now) {
  end_clock(clock, v1::CLOCK_STATE_CANCELLED, now);
}

void pause_clock(v1::Clock& clock, const province& land, instant now) {
  const auto& calendar = calendar_of(clock, land);
  const auto unit = limit_of(clock).unit;
  clock.set_state(v1::CLOCK_STATE_PAUSED);
  clock.set_due_remaining_ms(remaining(from_unix_ms(clock.due_at()), now, unit, calendar).count());
  clock.set_due_at(0);
  for (auto& m : *clock.mutable_milestones()) {
    m.set_remaining_ms(remaining(from_unix_ms(m.at()), now, unit, calendar).count());
    m.set_at(0);
  }
}

void resume_clock(v1::Clock& clock, const province& land, instant now) {
  const auto& calendar = calendar_of(clock, land);
  const auto unit = limit_of(clock).unit;
  clock.set_state(v1::CLOCK_STATE_RUNNING);
  clock.set_resumed_at(to_unix_ms(now));
  clock.set_resumed_left_ms(clock.due_remaining_ms());
  clock.set_extended_days(0);
  clock.set_due_remaining_ms(0);
  // What was left was within the cap; the cap itself would go on counting through the pause.
  clock.set_cap_at(0);
  const auto due = compute_due(clock, land);
  clock.set_due_at(to_unix_ms(due));
  clock.set_provisional(calendar.provisional_between(now, due));
  for (auto& m : *clock.mutable_milestones()) {
    m.set_at(to_unix_ms(resume(now, milliseconds(m.remaining_ms()), unit, calendar)));
    m.set_remaining_ms(0);
    if (m.rung() == v1::RUNG_DUE) m.set_at(clock.due_at());
  }
  sort_milestones(clock);
}

void note_contact(v1::Clock& clock, const province& land) {
  clock.set_fired_rungs(clock.fired_rungs() | contacted_bit);
  auto& list = *clock.mutable_milestones();
  list.erase(std::remove_if(list.begin(), list.end(),
                            [&](const v1::Milestone& m) {
                              const auto rungs = land.policy.rungs(clock.kind());
                              return std::ranges::any_of(rungs, [&](const ladder_rung& r) {
                                return r.rule.rung() == m.rung() && r.rule.unless_contacted();
                              });
                            }),
             list.end());
}

instant due_when_extended(const v1::Clock& clock, std::int32_t days, const province& land) {
  return extended(from_unix_ms(clock.due_at()), days, limit_of(clock), calendar_of(clock, land));
}

void extend_clock(v1::Clock& clock, std::int32_t days, v1::Urgency urgency, const province& land,
                  instant now) {
  clock.set_extended_days(clock.extended_days() + days);
  recalculate_clock(clock, urgency, land, now);
}

bool recalculate_clock(v1::Clock& clock, v1::Urgency urgency, const province& land, instant now) {
  if (clock.state() != v1::CLOCK_STATE_RUNNING) return false;
  const auto before = clock;
  const auto due = compute_due(clock, land);
  clock.set_due_at(to_unix_ms(due));
  clock.set_provisional(calendar_of(clock, land).provisional_between(started(clock), due));
  const bool nagging = clock.milestones_size() == 1 && clock.milestones(0).rung() == v1::RUNG_NAG;
  if (!(nagging && due <= now)) lay_milestones(clock, urgency, land, now);
  return before.due_at() != clock.due_at() || before.provisional() != clock.provisional() ||
         before.milestones_size() != clock.milestones_size() ||
         !std::ranges::equal(before.milestones(), clock.milestones(), {}, &v1::Milestone::at,
                             &v1::Milestone::at);
}

v1::Milestone pop_milestone(v1::Clock& clock, const province& land, instant now) {
  HL_ASSERT(!clock.milestones().empty(), "a clock without milestones has nothing to fire");
  const v1::Milestone fired = clock.milestones(0);
  clock.mutable_milestones()->erase(clock.milestones().begin());
  clock.set_fired_rungs(clock.fired_rungs() | bit(fired.rung()));
  if (fired.rung() == v1::RUNG_DUE) clock.set_overdue(true);
  if (clock.milestones().empty()) add_nag(clock, land, now);
  return fired;
}

}  // namespace hotline::domain
