// What Redis keeps beside the ticket, computed from the ticket alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// A sorted-set entry. `key` is the name within the ticket's shard; the member is the ticket
/// number.
struct index_entry {
  std::string key;
  double score;

  bool operator==(const index_entry&) const = default;
};

inline constexpr std::string_view sensitive_prefix = "sensitive.";

/// All entries of a ticket, sorted by key, each key once. The keys:
///   all              every ticket; score: creation instant
///   timers           open and closing tickets; score: next instant at which a Tick has work
///   queue:<unit>     exactly one per open ticket, at the accountable unit; score: see queue_score
///   open:<unit>      every unit with an open part or duty; score: instant of its earliest due
///   light:<unit>     handlers' tickets that are not in time; score: light x 1e13 + due
///   supervised:<unit> handlers' tickets under 督办; score: opening instant
///   returned:<unit>  tickets that wait at this unit because they were returned (退单): it must
///                    decide on the return, dispatch anew, or go on itself; score: since when
///   closed:<unit>    closed, not yet archived, at the unit that handled last (else the desk);
///                    score: closing instant, + 1e13 when the unit was late
///   sensitive.<family>:<unit>  what a sensitive ticket has in queue, open, light, supervised,
///   returned
///                    and closed, once more: taken off the numbers of those who may not see it
///   sensitive:<unit> sensitive tickets of units with a part that is not lost; score: creation
///   complained:<unit> open and closed tickets about this union; score: creation instant
///   caller:<index>   the caller's tickets, by the blind index of the phone; score: creation
///   instant
std::vector<index_entry> derive(const v1::Ticket& ticket);

/// Whether somebody still has to act: not closed, archived, refused, withdrawn, merged, terminated.
bool is_open(v1::State state);

/// The one unit that must act now (责任单位); empty when the ticket is not open.
std::string_view accountable_unit(const v1::Ticket& ticket);

/// The handler's assignment: the last open MAIN one; nullptr when nobody handles.
const v1::Assignment* current_assignment(const v1::Ticket& ticket);

/// An assignment whose unit still has a part.
bool is_open(const v1::Assignment& assignment);

/// The unit a ticket waits at because it was returned, and since when: the decider while the return
/// is asked for; afterwards the desk that must dispatch anew, or the unit that got its work back.
struct return_wait {
  std::string_view unit;
  std::int64_t since_ms;
};
std::optional<return_wait> waits_returned(const v1::Ticket& ticket);

/// Whose result a closed ticket is, and whether that unit kept its limits (按期办结).
struct closing {
  std::string_view unit;
  bool on_time;
};
closing closing_of(const v1::Ticket& ticket);

/// The clock that matters to people now: the main one while it runs, else the earliest duty.
const v1::Clock* leading_clock(const v1::Ticket& ticket);

/// The next instant at which a Tick has work; nothing when no clock runs.
std::optional<instant> next_timer(const v1::Ticket& ticket);

/// Orders a queue: first by band, then by due. Breaches that came up from below (band -1), then
/// what waits to be signed (0 to 3: critical, urgent, priority, others), what waits for another
/// step (4 to 7 likewise), what somebody handles (8) or is suspended (9).
double queue_score(const v1::Ticket& ticket);

/// Whether an entry of a queue may be claimed (is waiting to be signed).
bool is_claimable(double queue_score);

/// Scores below this belong to tickets that wait (to be signed, dispatched, reviewed, visited …);
/// from it on somebody is at work.
inline constexpr double queue_taken_from = 8e13;
/// Width of a band, far above any instant in milliseconds (1e13 ms is the year 2286).
inline constexpr double score_band = 1e13;

}  // namespace hotline::domain
