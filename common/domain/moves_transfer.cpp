// 转出: a matter is handed over to a partner, which takes it on step by step and answers. Meanwhile
// the ticket stays here as a shadow, with the partner's limit and, where it asks for material or
// time, our own.
#include <algorithm>
#include <optional>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain {
namespace {

constexpr auto answer_clock = v1::CLOCK_KIND_PARTNER_ANSWER;
constexpr auto supplement_clock = v1::CLOCK_KIND_SUPPLEMENT;
constexpr auto decision_clock = v1::CLOCK_KIND_EXTENSION_DECISION;
constexpr auto extension_request = v1::REQUEST_KIND_PARTNER_EXTENSION;

/// Nobody has fixed a limit; this is to keep slips out.
constexpr std::int32_t extension_days_max = 366;

void start_clock_of(move& m, v1::ClockKind kind, std::int32_t transfer, const limit& allowed) {
  m.start({.kind = kind,
           .assignment = 0,
           .subject = transfer,
           .unit = m.ticket().desk(),
           .allowed = allowed,
           .cap_at = 0,
           .calendar_unit = {}});
}

limit limit_of_policy(const move& m) {
  return *parse_limit(m.policy().sla().partner_answer_limit());
}

/// Nothing: no partner is configured for the unit.
partner_terms terms_of(const move& m, std::string_view partner) {
  const partner_terms* known = m.land().partners.of_unit(partner);
  return known ? *known : partner_terms{};
}

/// A transfer nobody is told of would wait for an answer that cannot come.
refusal check_reached(const move& m, const v1::TransferOut& order) {
  if (order.by_hand()) return std::nullopt;
  const auto not_reached = [](std::string_view rule) {
    return reject(v1::REJECT_CODE_PARTNER_NOT_REACHED, rule, "partner");
  };
  const auto terms = terms_of(m, order.partner());
  if (!terms.is_active) return not_reached("transfer.partner-active");
  // A sensitive matter does not exist for partners (exchange_out).
  if (m.ticket().intake().sensitivity() == v1::SENSITIVITY_SENSITIVE) {
    return not_reached("transfer.not-sensitive");
  }
  const bool back = order.partner() == m.ticket().intake().external_partner();
  if (!(back ? terms.hears_refusals : terms.hears_creates)) {
    return not_reached("transfer.partner-is-told");
  }
  return std::nullopt;
}

refusal check_order(const move& m, const v1::TransferOut& order) {
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
  return check_reached(m, order);
}

/// The step before is done: its limit ends, or goes on where the next has none of its own.
void go_on(move& m, std::int32_t transfer, const std::optional<limit>& next) {
  m.cancel(supplement_clock, 0, transfer);
  if (next) {
    m.stop(answer_clock, 0, transfer);
    start_clock_of(m, answer_clock, transfer, *next);
  } else {
    m.resume(answer_clock, 0);
  }
}

refusal ask_for_time(move& m, const v1::RecordPartnerAnswer& words, const v1::Transfer& open) {
  if (open_request(m.ticket(), extension_request)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "transfer.extension-once", "step");
  }
  if (words.days() < 1) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "transfer.extension-days", "days");
  }
  if (words.days() > extension_days_max) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "transfer.extension-days", "days");
  }
  m.event(v1::EVENT_KIND_PARTNER_STEP);
  auto& r = ask(m, extension_request, m.ticket().desk(), decision_clock);
  r.set_from_unit(open.partner());
  r.set_days(words.days());
  r.set_reason(words.answer());
  return std::nullopt;
}

/// The partner's limit may be prolonged: the law's may not (法律援助法 Art. 43: 7 days).
refusal check_prolongable(const v1::Clock& clock) {
  if (!limit_of(clock).statutory) return std::nullopt;
  auto no = reject(v1::REJECT_CODE_EXTENSION_NOT_ALLOWED, "transfer.statutory", "grant");
  no.set_text("对方的这一时限是法定期限，不能延长。");
  no.set_text_en("This limit of the partner is the law's and cannot be extended.");
  return no;
}

/// One that stands still while material is wanted goes on standing.
void prolong(move& m, std::int32_t transfer, std::int32_t days) {
  auto& clock = *m.edit_clock(answer_clock, 0, transfer);
  const bool stands_still = clock.state() == v1::CLOCK_STATE_PAUSED;
  if (stands_still) resume_clock(clock, m.land(), m.now());
  extend_clock(clock, days, m.urgency(), m.land(), m.now());
  if (stands_still) pause_clock(clock, m.land(), m.now());
}

/// Overtaken by the answer.
void void_extension_request(move& m) {
  const auto* open = open_request(m.ticket(), extension_request);
  if (open == nullptr) return;
  m.cancel(decision_clock, 0, open->id());
  m.edit_request(open->id()).set_state(v1::REQUEST_STATE_VOID);
}

refusal record_step(move& m, const v1::RecordPartnerAnswer& words, const v1::Transfer& open) {
  const auto step = words.step();
  if (words.refused() || words.has_result()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "transfer.step-or-answer", "step");
  }
  if (step == v1::PARTNER_STEP_EXTENSION_ASKED) return ask_for_time(m, words, open);
  const bool accepts = step == v1::PARTNER_STEP_ACCEPTED;
  const bool signs = step == v1::PARTNER_STEP_SIGNED;
  if (open.signed_at() != 0 ? accepts || signs : accepts && open.accepted_at() != 0) {
    return reject(v1::REJECT_CODE_ALREADY_DONE, "transfer.step-once", "step");
  }
  if (step == v1::PARTNER_STEP_SUPPLEMENT_ASKED && awaits_supplement(m.ticket())) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "transfer.supplement-once", "step");
  }
  const auto terms = terms_of(m, open.partner());
  const auto id = open.id();
  m.event(v1::EVENT_KIND_PARTNER_STEP);
  if (accepts) {
    m.edit_transfer(id).set_accepted_at(m.now_ms());
    go_on(m, id, terms.after_accept);
  } else if (signs) {
    m.edit_transfer(id).set_signed_at(m.now_ms());
    go_on(m, id, terms.after_sign);
  } else {
    m.pause(answer_clock, 0);
    start_clock_of(m, supplement_clock, id, terms.supplement.value_or(limit_of_policy(m)));
  }
  return std::nullopt;
}

void take_answer(move& m, const v1::RecordPartnerAnswer& words, std::int32_t transfer) {
  auto& change = m.event(v1::EVENT_KIND_PARTNER_ANSWERED);
  auto& t = m.edit_transfer(transfer);
  t.set_answered_at(m.now_ms());
  t.set_refused(words.refused());
  t.set_answer(words.answer());
  m.stop(answer_clock, 0, transfer);
  m.cancel(supplement_clock, 0, transfer);
  void_extension_request(m);
  if (words.refused()) return await_dispatch(m);
  *change.mutable_reply() = words.result();
  if (change.reply().text().empty()) change.mutable_reply()->set_text(words.answer());
  change.mutable_reply()->set_replied_at(m.now_ms());
  if (m.ticket().replied_at() == 0) change.set_replied_at(m.now_ms());
  await_visit_or_close(m);
}

}  // namespace

const v1::Transfer* open_transfer(const v1::Ticket& ticket) {
  if (ticket.state() != v1::STATE_TRANSFERRED || ticket.transfers().empty()) return nullptr;
  const v1::Transfer& last = *ticket.transfers().rbegin();
  return last.answered_at() == 0 ? &last : nullptr;
}

bool awaits_supplement(const v1::Ticket& ticket) {
  return std::ranges::any_of(ticket.clocks(), [](const v1::Clock& c) {
    return c.kind() == supplement_clock && c.state() == v1::CLOCK_STATE_RUNNING;
  });
}

void supply_partner(move& m) {
  const v1::Transfer* open = open_transfer(m.ticket());
  if (open == nullptr || !awaits_supplement(m.ticket())) return;
  if (m.actor().role() == v1::ROLE_PARTNER && m.actor().unit() == open->partner()) return;
  m.stop(supplement_clock, 0, open->id());
  m.resume(answer_clock, 0);
}

}  // namespace hotline::domain

namespace hotline::domain::moves {

refusal transfer_out(move& m) {
  const auto& order = m.command().transfer_out();
  if (auto no = check_order(m, order)) return no;
  const auto allowed = order.limit().empty()
                           ? terms_of(m, order.partner()).answer.value_or(limit_of_policy(m))
                           : *parse_limit(order.limit());
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
  t.set_by_hand(order.by_hand());
  t.set_from_state(m.ticket().state());
  change.set_escalated_to("");
  m.state(v1::STATE_TRANSFERRED);
  start_clock_of(m, answer_clock, t.id(), allowed);
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
  if (words.step() != v1::PARTNER_STEP_UNSPECIFIED) return record_step(m, words, open);
  take_answer(m, words, open.id());
  return std::nullopt;
}

refusal decide_partner_extension(move& m) {
  const auto& words = m.command().decide_partner_extension();
  const auto* open = open_transfer(m.ticket());
  const auto* request = open_request(m.ticket(), extension_request);
  if (!open || !request) {
    return reject(v1::REJECT_CODE_NOTHING_OPEN, "transfer.decide-extension");
  }
  if (words.days() > request->days()) {
    return reject(v1::REJECT_CODE_EXTENSION_TOO_LONG, "extension.not-more-than-asked", "days");
  }
  if (!words.grant()) {
    if (auto no = need(words.remark(), "transfer.extension-declined", "remark")) return no;
  }
  const v1::Request asked = *request;
  const auto transfer = open->id();
  if (words.grant()) {
    for (const auto& c : m.ticket().clocks()) {
      const bool meant =
          c.kind() == answer_clock && c.subject() == transfer &&
          (c.state() == v1::CLOCK_STATE_RUNNING || c.state() == v1::CLOCK_STATE_PAUSED);
      if (!meant) continue;
      if (auto no = check_prolongable(c)) return no;
    }
  }
  m.event(v1::EVENT_KIND_PARTNER_EXTENSION_DECIDED);
  settle(m, asked, decision_clock, words.grant());
  if (!words.grant()) return std::nullopt;
  const auto days = words.days() > 0 ? words.days() : asked.days();
  m.edit_request(asked.id()).set_days(days);
  prolong(m, transfer, days);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
