#include <algorithm>

#include "common/domain/civil.hpp"
#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain::moves {
namespace {

/// A promise of longer than this is none.
constexpr std::chrono::years promise_max{5};

refusal check_promise_date(const move& m, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto today = civil_date(m.now());
  const std::chrono::sys_days promised = *parse_date(text);
  if (promised < std::chrono::sys_days(today)) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "reply.promise-ahead", "reply.promise_date");
  }
  if (promised > std::chrono::sys_days(today + promise_max)) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "reply.promise-within-years",
                  "reply.promise_date");
  }
  return std::nullopt;
}

refusal check_reply(const move& m, const v1::Reply& r) {
  if (r.result() == v1::RESULT_UNSPECIFIED) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "reply.result", "reply.result");
  }
  if (auto no = need(r.text(), "reply.text", "reply.text")) return no;
  if (r.result() == v1::RESULT_PROMISED && r.promise_date().empty()) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "reply.promise-date", "reply.promise_date");
  }
  const bool open_end = r.result() == v1::RESULT_UNSOLVED || r.result() == v1::RESULT_PARTLY_SOLVED;
  if (open_end) {
    if (auto no = need(r.unsolved_reason(), "reply.unsolved-reason", "reply.unsolved_reason")) {
      return no;
    }
  }
  if (r.amount_claimed_fen() != 0 && r.amount_paid_fen() > r.amount_claimed_fen()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "reply.paid-within-claimed",
                  "reply.amount_paid_fen");
  }
  if (r.amount_claimed_fen() != 0 && r.amount_promised_fen() > r.amount_claimed_fen()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "reply.promised-within-claimed",
                  "reply.amount_promised_fen");
  }
  return check_promise_date(m, r.promise_date());
}

/// A worker who wants an answer and can be reached has been reached before the reply is filed.
bool contact_needed(const v1::Ticket& t) {
  const auto& caller = t.intake().caller();
  return !caller.no_reply_wanted() && !caller.phone().empty();
}

/// Whether a co-handler's opinion has to come before the reply: not after its limit has passed, and
/// never from the unit on whose behalf a superior replies (上代下).
bool is_waited_for(const v1::Ticket& t, const v1::Assignment& part, const v1::Assignment& main) {
  if (part.role() != v1::ASSIGNMENT_ROLE_CO || !is_open(part)) return false;
  if (part.unit() == main.on_behalf_of()) return false;
  return std::ranges::any_of(t.clocks(), [&](const v1::Clock& c) {
    return c.kind() == v1::CLOCK_KIND_CO_OPINION && c.assignment() == part.id() &&
           c.state() == v1::CLOCK_STATE_RUNNING && !c.overdue();
  });
}

/// Co-handlers the reply did not wait for have not answered: a part without opinion, its clock
/// missed where it was due.
void end_silent_parts(move& m) {
  for (const auto& a : m.ticket().assignments()) {
    if (a.role() != v1::ASSIGNMENT_ROLE_CO || !is_open(a)) continue;
    const auto* clock = m.edit_clock(v1::CLOCK_KIND_CO_OPINION, a.id());
    if (clock && clock->overdue()) m.stop(v1::CLOCK_KIND_CO_OPINION, a.id());
    end_assignment(m, a.id(), v1::ASSIGNMENT_STATE_CANCELLED);
  }
}

/// What a reply answers by itself: every open supervision order about the ticket.
void answer_supervisions(move& m) {
  for (const auto& s : m.ticket().supervisions()) {
    if (s.state() != v1::SUPERVISION_STATE_OPEN) continue;
    auto& order = m.edit_supervision(s.id());
    order.set_state(v1::SUPERVISION_STATE_ANSWERED);
    order.set_answer("已办理反馈");
    order.set_answered_at(m.now_ms());
    m.stop(v1::CLOCK_KIND_SUPERVISION_ANSWER, 0, s.id());
  }
}

/// Ends the clocks of a handling that a reply completes, and voids what was still asked for it.
void complete_handling(move& m, std::int32_t assignment) {
  m.stop(v1::CLOCK_KIND_UNSPECIFIED, assignment);
  for (const auto& r : m.ticket().requests()) {
    if (r.state() == v1::REQUEST_STATE_OPEN && r.kind() != v1::REQUEST_KIND_EXCLUSION) {
      m.edit_request(r.id()).set_state(v1::REQUEST_STATE_VOID);
    }
  }
}

/// Whose review is awaited. A late one stays theirs when the breach has gone up to a superior.
std::string_view reviewer_now(const v1::Ticket& t, std::int32_t assignment) {
  for (const auto& c : t.clocks()) {
    const bool review = c.kind() == v1::CLOCK_KIND_REVIEW && c.assignment() == assignment;
    if (review && c.state() == v1::CLOCK_STATE_RUNNING) return c.unit();
  }
  return t.desk();
}

bool satisfied(const v1::Visit& v) {
  return v.solved() != v1::SOLVED_NO && v.satisfaction() != v1::SATISFACTION_BAD &&
         v.satisfaction() != v1::SATISFACTION_VERY_BAD;
}

/// Half-days since 1970: mornings are even.
std::int64_t half_day(std::int64_t unix_ms) {
  const auto t = from_unix_ms(unix_ms);
  const auto day = std::chrono::sys_days(civil_date(t)).time_since_epoch().count();
  return day * 2 + (civil_time_of_day(t) >= std::chrono::hours(12) ? 1 : 0);
}

/// The visits since the last review; earlier ones were about an earlier result.
std::vector<const v1::Visit*> visits_of_round(const v1::Ticket& t) {
  std::int64_t since = 0;
  for (const auto& c : t.clocks()) {
    const bool visit = c.kind() == v1::CLOCK_KIND_VISIT && c.state() == v1::CLOCK_STATE_RUNNING;
    if (visit) since = c.started_at();
  }
  std::vector<const v1::Visit*> round;
  for (const auto& v : t.visits()) {
    if (v.visited_at() >= since && v.caller_of().empty()) round.push_back(&v);
  }
  return round;
}

/// The ticket's own caller is asked once, before it is closed. Those of merged tickets (并单) are
/// called back as well, also afterwards; what they say is recorded and decides nothing by itself.
refusal check_whose_visit(const v1::Ticket& t, const v1::Visit& visit) {
  if (visit.caller_of().empty()) {
    if (t.state() == v1::STATE_REVIEWED) return std::nullopt;
    return reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "visit.once");
  }
  const auto& merged = t.merged_nos();
  if (std::ranges::find(merged, visit.caller_of()) != merged.end()) return std::nullopt;
  return reject(v1::REJECT_CODE_FIELD_INVALID, "visit.merged-caller", "visit.caller_of");
}

/// A citizen who rates by a channel has answered for themselves: there is nobody else to reach.
refusal check_own_rating(const move& m, const v1::Visit& visit) {
  if (m.actor().role() != v1::ROLE_CHANNEL) return std::nullopt;
  if (!visit.reached()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "visit.citizen-is-there", "visit.reached");
  }
  if (!visit.caller_of().empty()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "visit.own-caller", "visit.caller_of");
  }
  return std::nullopt;
}

void write_visit(move& m, const v1::Visit& given) {
  auto& visit = *m.event(v1::EVENT_KIND_VISITED).mutable_visit();
  visit = given;
  visit.set_visited_at(m.now_ms());
  visit.set_visitor(m.actor().user());
}

bool was_supervised_for_dissatisfaction(const v1::Ticket& t) {
  return std::ranges::any_of(t.supervisions(), [](const v1::Supervision& s) {
    return s.origin() == v1::SUPERVISION_ORIGIN_DISSATISFACTION;
  });
}

/// The reworks are used up: no further one, but 督办. The union above orders the handler, under a
/// red light from the start, to act and answer; its lead is told.
void supervise_dissatisfaction(move& m, const v1::Assignment& handler) {
  m.event(v1::EVENT_KIND_SUPERVISED);
  reopen_handling(m, handler, v1::STATE_HANDLING).set_light(v1::LIGHT_RED);
  open_supervision(m, {.origin = v1::SUPERVISION_ORIGIN_DISSATISFACTION,
                       .by_unit = std::string(reviewer_of(m.org(), handler.unit())),
                       .unit = handler.unit(),
                       .order_no = {},
                       .text = "回访不满意，重办次数已满，转督办",
                       .allowed = supervision_limit(m)});
  m.current_event().add_told("city_lead");
}

/// Not satisfied: rework while the policy allows one, then 督办 once, then the result stands.
void after_dissatisfaction(move& m) {
  const auto* last = last_handler(m.ticket());
  const bool may_rework = m.ticket().reworks() < m.policy().sla().reworks_max();
  if (!last || (!may_rework && was_supervised_for_dissatisfaction(m.ticket()))) {
    close_ticket(m);
    return;
  }
  const v1::Assignment handler = *last;
  if (!may_rework) return supervise_dissatisfaction(m, handler);
  m.event(v1::EVENT_KIND_REWORK_ORDERED).set_reworks_added(1);
  reopen_handling(m, handler, v1::STATE_REWORK);
}

}  // namespace

refusal reply(move& m) {
  const auto& given = m.command().reply().reply();
  const v1::Assignment mine = *current_assignment(m.ticket());
  if (m.policy().sla().lead_signs_replies() && m.actor().role() != v1::ROLE_LEAD) {
    return reject(v1::REJECT_CODE_ROLE_NOT_ALLOWED, "reply.lead-signs", "actor.role");
  }
  if (auto no = check_reply(m, given)) return no;
  if (contact_needed(m.ticket()) && mine.contacted_at() == 0) {
    return reject(v1::REJECT_CODE_CONTACT_MISSING, "reply.contact-first");
  }
  const bool waits = std::ranges::any_of(
      m.ticket().assignments(), [&](const auto& a) { return is_waited_for(m.ticket(), a, mine); });
  if (waits) return reject(v1::REJECT_CODE_CO_OPINION_OPEN, "reply.co-opinions");

  auto& change = m.event(v1::EVENT_KIND_REPLIED);
  *change.mutable_reply() = given;
  change.mutable_reply()->set_assignment(mine.id());
  change.mutable_reply()->set_replied_at(m.now_ms());
  change.mutable_reply()->set_filed_by(m.actor().user());
  if (m.ticket().replied_at() == 0) change.set_replied_at(m.now_ms());
  auto& a = m.edit_assignment(mine.id());
  a.set_state(v1::ASSIGNMENT_STATE_REPLIED);
  a.set_replied_at(m.now_ms());
  complete_handling(m, mine.id());
  end_silent_parts(m);
  answer_supervisions(m);
  change.set_escalated_to("");
  await_review(m, mine);
  return std::nullopt;
}

refusal review(move& m) {
  const auto& words = m.command().review();
  const auto* replied = current_assignment(m.ticket());
  const auto reviewer = reviewer_now(m.ticket(), replied->id());
  if (m.actor().role() != v1::ROLE_SYSTEM && !is_at_or_above(m.org(), m.actor().unit(), reviewer)) {
    return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "review.reviewer", "actor.unit");
  }
  // Four eyes: who handled or filed it at the unit does not review it at the level above, by
  // whatever post.
  const auto& user = m.actor().user();
  const bool own = user == replied->officer() || user == m.ticket().reply().filed_by();
  if (!user.empty() && own) {
    return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "review.four-eyes", "actor.user");
  }
  if (!words.pass()) {
    if (auto no = need(words.remark(), "review.remark", "remark")) return no;
  }
  const v1::Assignment done = *replied;
  m.event(v1::EVENT_KIND_REVIEWED);
  m.stop(v1::CLOCK_KIND_REVIEW, done.id());
  auto& a = m.edit_assignment(done.id());
  if (!words.pass()) {
    a.set_state(v1::ASSIGNMENT_STATE_HANDLING);
    m.state(v1::STATE_REWORK);
    m.start_step(v1::CLOCK_KIND_REWORK, done.id(), done.unit());
    return std::nullopt;
  }
  a.set_state(v1::ASSIGNMENT_STATE_DONE);
  a.set_ended_at(m.now_ms());
  if (done.parent() != 0) {
    // The reply travels up step by step: it is now the parent's, and its reviewer's turn.
    auto& above = m.edit_assignment(done.parent());
    above.set_state(v1::ASSIGNMENT_STATE_REPLIED);
    above.set_replied_at(m.now_ms());
    m.stop(v1::CLOCK_KIND_UNSPECIFIED, above.id());
    await_review(m, above);
    return std::nullopt;
  }
  await_visit_or_close(m);
  return std::nullopt;
}

refusal record_visit(move& m) {
  const auto& given = m.command().record_visit().visit();
  if (auto no = check_own_rating(m, given)) return no;
  if (auto no = check_whose_visit(m.ticket(), given)) return no;
  if (given.reached() && given.solved() == v1::SOLVED_UNSPECIFIED) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "visit.solved", "visit.solved");
  }
  if (!given.reached() && (given.solved() != v1::SOLVED_UNSPECIFIED ||
                           given.satisfaction() != v1::SATISFACTION_UNSPECIFIED)) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "visit.answers-need-reaching", "visit.reached");
  }
  if (given.reached() && !satisfied(given)) {
    if (auto no = need(given.remark(), "visit.remark", "visit.remark")) return no;
  }
  if (!given.caller_of().empty()) {
    write_visit(m, given);
    return std::nullopt;
  }
  // While the visit is open, none of its tries has reached the worker.
  const auto tries = visits_of_round(m.ticket());
  if (!given.reached() && !tries.empty() &&
      half_day(tries.back()->visited_at()) == half_day(m.now_ms())) {
    return reject(v1::REJECT_CODE_VISIT_HALF_DAY, "visit.different-half-days");
  }
  write_visit(m, given);
  if (!given.reached()) {
    if (std::ssize(tries) + 1 >= m.policy().sla().visit_tries_max()) {
      m.stop(v1::CLOCK_KIND_VISIT);
      close_ticket(m);
    }
    return std::nullopt;
  }
  m.stop(v1::CLOCK_KIND_VISIT);
  if (satisfied(given)) {
    close_ticket(m);
  } else {
    m.finish();
    after_dissatisfaction(m);
  }
  return std::nullopt;
}

refusal order_rework(move& m) {
  const auto& words = m.command().rework();
  if (auto no = need(words.reason(), "rework.reason", "reason")) return no;
  if (m.ticket().reworks() >= m.policy().sla().reworks_max()) {
    return reject(v1::REJECT_CODE_REWORK_TOO_MANY, "rework.count");
  }
  const auto* last = last_handler(m.ticket());
  if (!last) return reject(v1::REJECT_CODE_NOTHING_OPEN, "rework.handler");
  const v1::Assignment handler = *last;
  auto& change = m.event(v1::EVENT_KIND_REWORK_ORDERED);
  change.set_reworks_added(1);
  if (m.ticket().closed_at() != 0) change.set_closed_at(0);
  reopen_handling(m, handler, v1::STATE_REWORK);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
