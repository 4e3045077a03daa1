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

refusal transfer_out(move& m) {
  const auto& order = m.command().transfer_out();
  if (m.org().level(order.partner()) != v1::Unit::PARTNER) {
    return reject(v1::REJECT_CODE_UNIT_UNKNOWN, "transfer.partner", "partner");
  }
  if (order.partner() == m.ticket().intake().matter().complained_unit()) {
    return reject(v1::REJECT_CODE_UNIT_COMPLAINED_ABOUT, "transfer.not-complained-about",
                  "partner");
  }
  if (auto no = need(order.reason(), "transfer.reason", "reason")) return no;
  if (order.partner() == m.ticket().intake().external_partner()) {
    if (auto no = check_return_to_partner(m)) return no;
  }
  // 个人信息保护法: nothing personal goes to another body without the caller's consent.
  if (!m.ticket().intake().caller().consent_to_share()) {
    return reject(v1::REJECT_CODE_CONSENT_MISSING, "transfer.consent",
                  "intake.caller.consent_to_share");
  }
  const auto allowed =
      *parse_limit(order.limit().empty() ? m.policy().sla().partner_answer_limit() : order.limit());
  auto& change = m.event(v1::EVENT_KIND_TRANSFERRED);
  m.cancel_all_clocks();
  for (const auto& a : m.ticket().assignments()) {
    if (is_open(a)) end_assignment(m, a.id(), v1::ASSIGNMENT_STATE_MOVED);
  }
  close_supervisions(m, "");
  auto& t = m.add_transfer();
  t.set_partner(order.partner());
  t.set_reason(order.reason());
  t.set_external_no(order.external_no());
  t.set_from_state(m.ticket().state());
  change.set_escalated_to("");
  m.state(v1::STATE_TRANSFERRED);
  m.start({.kind = v1::CLOCK_KIND_PARTNER_ANSWER,
           .assignment = 0,
           .subject = t.id(),
           .unit = m.ticket().desk(),
           .allowed = allowed,
           .cap_at = 0,
           .calendar_unit = {}});
  return std::nullopt;
}

refusal record_partner_answer(move& m) {
  const auto& words = m.command().record_partner_answer();
  const auto& transfers = m.ticket().transfers();
  if (transfers.empty()) return reject(v1::REJECT_CODE_NOTHING_OPEN, "transfer.answer");
  const auto& open = *transfers.rbegin();
  if (m.actor().role() == v1::ROLE_PARTNER && m.actor().unit() != open.partner()) {
    return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "transfer.partner-answers", "actor.unit");
  }
  const bool ours = m.actor().role() != v1::ROLE_DISPATCHER ||
                    is_at_or_above(m.org(), m.actor().unit(), m.ticket().desk());
  if (!ours) return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "transfer.desk", "actor.unit");
  if (auto no = need(words.answer(), "transfer.answer", "answer")) return no;
  auto& change = m.event(v1::EVENT_KIND_PARTNER_ANSWERED);
  auto& t = m.edit_transfer(open.id());
  t.set_answered_at(m.now_ms());
  t.set_refused(words.refused());
  t.set_answer(words.answer());
  m.stop(v1::CLOCK_KIND_PARTNER_ANSWER, 0, t.id());
  if (words.refused()) {
    await_dispatch(m);
    return std::nullopt;
  }
  *change.mutable_reply() = words.result();
  if (change.reply().text().empty()) change.mutable_reply()->set_text(words.answer());
  change.mutable_reply()->set_replied_at(m.now_ms());
  if (m.ticket().replied_at() == 0) change.set_replied_at(m.now_ms());
  await_visit_or_close(m);
  return std::nullopt;
}

refusal archive(move& m) {
  m.event(v1::EVENT_KIND_ARCHIVED).set_drop_ended_clocks(true);
  m.cancel_all_clocks();
  m.state(v1::STATE_ARCHIVED);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
