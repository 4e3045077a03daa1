// Clocks: starting, stopping, pausing and moving them, and the rungs of the ladder on each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// What a new clock times.
struct clock_order {
  v1::ClockKind kind;
  std::int32_t assignment = 0;  ///< 0 = the ticket's own
  std::int32_t subject = 0;     ///< request, supervision or transfer it is about
  std::string unit;             ///< who must act
  limit allowed;
  std::int64_t cap_at = 0;         ///< never due later than this; 0 = no cap
  std::string calendar_unit;       ///< whose office hours count; empty = the unit's
  std::int32_t extended_days = 0;  ///< granted already, to who had the matter before
};

/// A running clock with its due instant and the milestones of the ladder at this urgency.
v1::Clock start_clock(const clock_order& order, v1::Urgency urgency, bool contacted,
                      const province& land, instant now);

/// Ends a clock: MET, or MISSED when it is overdue. A paused clock counts as it stood at the pause.
void stop_clock(v1::Clock& clock, instant now);
void cancel_clock(v1::Clock& clock, instant now);

/// Stores what remains until due and until each milestone, in the clock's own kind of time.
void pause_clock(v1::Clock& clock, const province& land, instant now);

/// Continues at `now` with exactly what remained.
void resume_clock(v1::Clock& clock, const province& land, instant now);

/// The worker has been contacted: reminders to do so are dropped for good.
void note_contact(v1::Clock& clock, const province& land);

/// Grants days on top (working days; calendar days where the limit counts those), within the
/// clock's cap; re-arms the rungs that lie ahead again.
void extend_clock(v1::Clock& clock, std::int32_t days, v1::Urgency urgency, const province& land,
                  instant now);

/// When the clock would come due with `days` more, no cap regarded.
instant due_when_extended(const v1::Clock& clock, std::int32_t days, const province& land);

/// Computes due and milestones again from what the clock started with, under today's calendar and
/// policy. Returns whether anything changed. Paused clocks keep what remains.
bool recalculate_clock(v1::Clock& clock, v1::Urgency urgency, const province& land, instant now);

/// Takes the first milestone off and notes that it fired. When it was the last of an overdue clock,
/// a RUNG_NAG follows, so that an open ticket never runs out of timers.
v1::Milestone pop_milestone(v1::Clock& clock, const province& land, instant now);

/// The due instant a clock's terms give.
instant compute_due(const v1::Clock& clock, const province& land);

/// The parsed limit of a clock; what start_clock wrote there always parses.
limit limit_of(const v1::Clock& clock);

}  // namespace hotline::domain
