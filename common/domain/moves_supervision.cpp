#include <algorithm>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain::moves {
namespace {

/// The order a command means: the one named, or the only one in that state.
const v1::Supervision* find_supervision(const v1::Ticket& t, std::int32_t id,
                                        v1::SupervisionState state) {
  for (const auto& s : t.supervisions()) {
    if (s.state() == state && (id == 0 || s.id() == id)) return &s;
  }
  return nullptr;
}

/// The union directly below `top` on the way down to `unit`: who answers to `top` for it.
std::string next_below(const organisation& org, std::string_view top, std::string_view unit) {
  std::string_view below = unit;
  for (const auto above : org.ancestors(unit)) {
    if (above == top) break;
    below = above;
  }
  return std::string(below);
}

}  // namespace

refusal urge(move& m) {
  if (auto no = need(m.command().urge().text(), "urge.text", "text")) return no;
  m.event(v1::EVENT_KIND_URGED).set_urges_added(1);
  return std::nullopt;
}

refusal supervise(move& m) {
  const auto& order = m.command().supervise();
  if (auto no = need(order.order_no(), "supervise.order-no", "order_no")) return no;
  if (auto no = need(order.text(), "supervise.text", "text")) return no;
  const bool used = std::ranges::any_of(m.ticket().supervisions(), [&](const v1::Supervision& s) {
    return s.order_no() == order.order_no();
  });
  if (used) return reject(v1::REJECT_CODE_ALREADY_DONE, "supervise.order-no-once", "order_no");
  const std::string handler = current_assignment(m.ticket())->unit();
  const auto allowed = order.limit().empty() ? supervision_limit(m) : *parse_limit(order.limit());
  // A partner presses us; whether the answer will do is for the desk that deals with it to say.
  const bool by_partner = m.actor().role() == v1::ROLE_PARTNER;
  m.event(v1::EVENT_KIND_SUPERVISED);
  open_supervision(
      m, {.origin = by_partner ? v1::SUPERVISION_ORIGIN_PARTNER : v1::SUPERVISION_ORIGIN_PERSON,
          .by_unit = by_partner ? m.ticket().desk() : m.actor().unit(),
          .unit = handler,
          .order_no = order.order_no(),
          .text = order.text(),
          .allowed = allowed});
  return std::nullopt;
}

refusal answer_supervision(move& m) {
  const auto& words = m.command().answer_supervision();
  if (auto no = need(words.answer(), "supervision.answer", "answer")) return no;
  const auto* open = find_supervision(m.ticket(), words.supervision(), v1::SUPERVISION_STATE_OPEN);
  if (!open) return reject(v1::REJECT_CODE_NOTHING_OPEN, "supervision.open", "supervision");
  if (m.actor().unit() != open->unit()) {
    return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "supervision.answering-unit", "actor.unit");
  }
  m.event(v1::EVENT_KIND_SUPERVISION_ANSWERED);
  auto& s = m.edit_supervision(open->id());
  s.set_state(v1::SUPERVISION_STATE_ANSWERED);
  s.set_answer(words.answer());
  s.set_answered_at(m.now_ms());
  m.stop(v1::CLOCK_KIND_SUPERVISION_ANSWER, 0, s.id());
  return std::nullopt;
}

refusal close_supervision(move& m) {
  const auto& words = m.command().close_supervision();
  const auto* answered =
      find_supervision(m.ticket(), words.supervision(), v1::SUPERVISION_STATE_ANSWERED);
  if (!answered) return reject(v1::REJECT_CODE_NOTHING_OPEN, "supervision.answered", "supervision");
  if (!is_at_or_above(m.org(), m.actor().unit(), answered->by_unit())) {
    return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "supervision.supervising-unit", "actor.unit");
  }
  if (!words.accept()) {
    if (auto no = need(words.remark(), "supervision.remark", "remark")) return no;
  }
  auto& change = m.event(v1::EVENT_KIND_SUPERVISION_CLOSED);
  auto& s = m.edit_supervision(answered->id());
  if (!words.accept()) {
    s.set_state(v1::SUPERVISION_STATE_OPEN);
    m.start({.kind = v1::CLOCK_KIND_SUPERVISION_ANSWER,
             .assignment = 0,
             .subject = s.id(),
             .unit = s.unit(),
             .allowed = supervision_limit(m),
             .cap_at = 0,
             .calendar_unit = {}});
    return std::nullopt;
  }
  s.set_state(v1::SUPERVISION_STATE_CLOSED);
  s.set_closed_at(m.now_ms());
  if (m.ticket().escalated_to() == s.by_unit()) change.set_escalated_to("");
  return std::nullopt;
}

refusal escalate(move& m) {
  const auto& order = m.command().escalate();
  const auto* rule = m.policy().rung(order.clock(), order.rung(), m.urgency());
  const auto bit = 1U << static_cast<unsigned>(order.rung());
  const auto& clocks = m.ticket().clocks();
  const auto breach = std::ranges::find_if(clocks, [&](const v1::Clock& c) {
    return c.kind() == order.clock() && c.assignment() == order.assignment() && c.overdue() &&
           c.state() == v1::CLOCK_STATE_RUNNING && (c.fired_rungs() & bit) != 0;
  });
  if (!rule || !rule->rule.escalates() || breach == clocks.end()) {
    return reject(v1::REJECT_CODE_NOT_DUE, "escalate.rung-reached");
  }
  // Late is who had to act on this clock: the handler, one that handed down, a reviewer, a decider.
  const std::string late = breach->unit();
  const std::string target(rule->rule.to_province() ? m.org().province_desk()
                                                    : m.org().superior_of(late));
  // Nobody is above the province; and a second delivery of the same breach changes nothing.
  if (target.empty() || target == late) return std::nullopt;
  if (is_at_or_above(m.org(), m.ticket().escalated_to(), target)) return std::nullopt;

  auto& change = m.event(v1::EVENT_KIND_ESCALATED);
  change.set_escalated_to(target);
  change.set_escalated_rung(order.rung());
  auto& s = open_supervision(m, {.origin = v1::SUPERVISION_ORIGIN_LADDER,
                                 .by_unit = target,
                                 .unit = next_below(m.org(), target, late),
                                 .order_no = {},
                                 .text = "超期升级：" + late,
                                 .allowed = supervision_limit(m)});
  s.set_rung(order.rung());
  return std::nullopt;
}

}  // namespace hotline::domain::moves
