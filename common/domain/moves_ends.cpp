#include <algorithm>
#include <array>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain::moves {

refusal request_termination(move& m) {
  const auto& words = m.command().request_termination();
  if (words.reason() == v1::TERMINATION_REASON_UNSPECIFIED) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "termination.reason", "reason");
  }
  if (auto no = need(words.explanation(), "termination.explanation", "explanation")) return no;
  if (open_request(m.ticket(), v1::REQUEST_KIND_TERMINATION)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "termination.once");
  }
  const bool late = std::ranges::any_of(m.ticket().clocks(), [&](const v1::Clock& c) {
    return c.kind() == v1::CLOCK_KIND_HANDLE && c.state() == v1::CLOCK_STATE_RUNNING &&
           c.assignment() == current_assignment(m.ticket())->id() && c.due_at() < m.now_ms();
  });
  if (late) {
    return reject(v1::REJECT_CODE_TERMINATION_TOO_LATE, "termination.before-due");
  }
  m.event(v1::EVENT_KIND_TERMINATION_ASKED);
  ask(m, v1::REQUEST_KIND_TERMINATION, m.ticket().desk(), v1::CLOCK_KIND_EXTENSION_DECISION)
      .set_reason(v1::TerminationReason_Name(words.reason()));
  return std::nullopt;
}

refusal decide_termination(move& m) {
  const auto& words = m.command().decide_termination();
  const auto* request = open_request(m.ticket(), v1::REQUEST_KIND_TERMINATION);
  if (!request) return reject(v1::REJECT_CODE_NOTHING_OPEN, "termination.decide");
  if (auto no = check_decider(m, *request, "termination.decider")) return no;
  const v1::Request asked = *request;
  auto& change = m.event(v1::EVENT_KIND_TERMINATION_DECIDED);
  settle(m, asked, v1::CLOCK_KIND_EXTENSION_DECISION, words.grant());
  if (!words.grant()) return std::nullopt;
  change.set_end_reason(asked.reason());
  change.set_closed_at(m.now_ms());
  m.end_ticket(v1::STATE_TERMINATED, v1::ASSIGNMENT_STATE_CANCELLED);
  return std::nullopt;
}

refusal request_exclusion(move& m) {
  const auto& words = m.command().request_exclusion();
  constexpr std::array marks = {"unreasonable", "appeal", "hard"};
  if (std::ranges::find(marks, words.mark()) == marks.end()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "exclusion.mark", "mark");
  }
  if (auto no = need(words.reason(), "exclusion.reason", "reason")) return no;
  if (open_request(m.ticket(), v1::REQUEST_KIND_EXCLUSION)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "exclusion.once");
  }
  const auto* handler = current_assignment(m.ticket());
  if (!handler) handler = last_handler(m.ticket());
  if (!handler || handler->unit() != m.actor().unit()) {
    return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "exclusion.handler", "actor.unit");
  }
  m.event(v1::EVENT_KIND_EXCLUSION_ASKED);
  auto& r = m.add_request(v1::REQUEST_KIND_EXCLUSION);
  r.set_decider_unit(m.ticket().desk());
  r.set_reason(words.mark());
  return std::nullopt;
}

refusal decide_exclusion(move& m) {
  const auto* request = open_request(m.ticket(), v1::REQUEST_KIND_EXCLUSION);
  if (!request) return reject(v1::REJECT_CODE_NOTHING_OPEN, "exclusion.decide");
  if (auto no = check_decider(m, *request, "exclusion.decider")) return no;
  const bool grant = m.command().decide_exclusion().grant();
  const v1::Request asked = *request;
  auto& change = m.event(v1::EVENT_KIND_EXCLUSION_DECIDED);
  auto& r = m.edit_request(asked.id());
  r.set_state(grant ? v1::REQUEST_STATE_GRANTED : v1::REQUEST_STATE_DENIED);
  r.set_decided_at(m.now_ms());
  if (grant) change.set_exclusion(asked.reason());
  return std::nullopt;
}

refusal withdraw(move& m) {
  const auto& words = m.command().withdraw();
  if (auto no = need(words.evidence(), "withdraw.evidence", "evidence")) return no;
  auto& change = m.event(v1::EVENT_KIND_WITHDRAWN);
  change.set_end_reason(m.actor().role() == v1::ROLE_PARTNER ? "partner" : "caller");
  change.set_closed_at(m.now_ms());
  m.end_ticket(v1::STATE_WITHDRAWN, v1::ASSIGNMENT_STATE_CANCELLED);
  return std::nullopt;
}

refusal archive(move& m) {
  m.event(v1::EVENT_KIND_ARCHIVED).set_drop_ended_clocks(true);
  m.cancel_all_clocks();
  m.state(v1::STATE_ARCHIVED);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
