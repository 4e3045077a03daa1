// Steps that several moves share.
#pragma once

#include "common/domain/move.hpp"
#include "common/domain/move_limits.hpp"

namespace hotline::domain {

/// The ticket is complete and waits for dispatch at its desk.
void await_dispatch(move& m);

/// How a new main assignment comes about.
struct assignment_order {
  std::string unit;
  std::string sender_unit;
  std::int32_t parent = 0;
  std::string advice;
  bool designated = false;
  std::optional<limit> allowed;  ///< nothing: by kind, grade and urgency
  std::int64_t cap_at = 0;       ///< never due later than this; 0 = the policy's cap
};

/// Puts the ticket into a unit's queue: assignment, sign and main clock, those of its urgency.
v1::Assignment& assign_main(move& m, const assignment_order& order);

/// Adds a co-handler with its own clock.
v1::Assignment& assign_co(move& m, std::string_view unit, std::string_view ask,
                          const limit& allowed, std::int64_t cap_at);

/// Gives the ticket another urgency in the open event: the clocks that depend on it count anew from
/// their own start, those it needs besides start now, those it does not need are cancelled.
void set_urgency(move& m, v1::Urgency next);

/// The matter is of another kind by the open event (limits_kind): its clocks get that kind's limits
/// from their own start.
void follow_kind(move& m);

/// 受理告知: whoever has a petition tells the petitioner of its receipt, unless somebody has.
void start_notice(move& m, const v1::Assignment& part);

/// Whether a unit may get the ticket: known, working, its duties cover the matter, and it is not
/// the one complained about.
refusal check_target(const move& m, std::string_view unit, std::string_view field);

/// 退回时限: what a partner sent may be returned to it until the end of its limit; then it counts
/// as accepted.
refusal check_return_to_partner(const move& m);

/// Ends one assignment, its clocks and its open requests.
void end_assignment(move& m, std::int32_t id, v1::AssignmentState as);

/// The review of what `assignment` replied starts at the unit that sent it, or the union above.
void await_review(move& m, const v1::Assignment& assignment);

/// After the last review: to the return visit, or closed where no visit is wanted or possible.
void await_visit_or_close(move& m);

/// 办结.
void close_ticket(move& m);

/// The transfer whose partner has the ticket; nullptr when no partner has it.
const v1::Transfer* open_transfer(const v1::Ticket& ticket);

/// Whether that partner waits for material from us (补充材料): its limit stands still.
bool awaits_supplement(const v1::Ticket& ticket);

/// In the open event somebody has added to the matter: what the partner has asked for is there, and
/// its limit goes on. What the partner itself adds is not that.
void supply_partner(move& m);

/// The open request of a kind; nullptr when there is none.
const v1::Request* open_request(const v1::Ticket& ticket, v1::RequestKind kind);

/// Opens a request with a decision clock at the decider.
v1::Request& ask(move& m, v1::RequestKind kind, std::string_view decider, v1::ClockKind clock);

/// Closes a request as decided and stops its clock.
void settle(move& m, const v1::Request& request, v1::ClockKind clock, bool granted);

/// Nothing when the actor's unit may decide this request (the decider, or a union above it).
refusal check_decider(const move& m, const v1::Request& request, std::string_view rule);

/// When the open event has ended the breach a superior was called for, its unit acts for itself
/// again: `escalated_to` is cleared.
void lower_escalation(move& m);

/// Closes the supervision orders to `unit`, which has no part any more; empty = all of them.
void close_supervisions(move& m, std::string_view unit);

/// The assignment a new one at `unit` reports to, starting the search at `parent`: those that are
/// not above `unit` have lost the ticket and end. 0 = none, it reports to the desk's side.
std::int32_t parent_above(move& m, std::int32_t parent, std::string_view unit);

/// The due instant of the main clock of an assignment that has handed down; 0 = it has none.
std::int64_t main_due_at(move& m, std::int32_t assignment);

/// An assignment of the ticket by its id; nullptr for 0.
const v1::Assignment* find_assignment(const v1::Ticket& ticket, std::int32_t id);

/// From an assignment up through those that have handed down.
std::vector<std::int32_t> chain_from(const v1::Ticket& ticket, std::int32_t assignment);

/// The open main assignment of a unit, handed down or not; nullptr when it has none.
const v1::Assignment* main_part_of(const v1::Ticket& ticket, std::string_view unit);

/// A 督办单 about to be opened.
struct supervision_order {
  v1::SupervisionOrigin origin;
  std::string by_unit;
  std::string unit;      ///< who must answer
  std::string order_no;  ///< empty: made from the ticket's number
  std::string text;
  limit allowed;
};

/// Opens a supervision order and starts its answer clock.
v1::Supervision& open_supervision(move& m, const supervision_order& order);

/// The policy's limit to answer an order.
limit supervision_limit(const move& m);

/// Reopens the handling at the unit of an assignment, as `as`: REWORK (重办), or HANDLING under an
/// order of supervision. The rework limit counts for both.
v1::Assignment& reopen_handling(move& m, const v1::Assignment& last, v1::State as);

/// The main assignment that handled last, open or not; nullptr when there was none.
const v1::Assignment* last_handler(const v1::Ticket& ticket);

}  // namespace hotline::domain
