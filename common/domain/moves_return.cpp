#include <algorithm>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain::moves {
namespace {

/// Who decides a return: the unit that handed down, else the desk that dispatched.
std::string decider_of(const move& m, const v1::Assignment& a) {
  const auto* above = find_assignment(m.ticket(), a.parent());
  return above ? above->unit() : m.ticket().desk();
}

refusal check_suggested(const move& m, const v1::Assignment& mine, const std::string& unit) {
  if (unit.empty()) return std::nullopt;
  if (!m.org().contains(unit)) {
    return reject(v1::REJECT_CODE_UNIT_UNKNOWN, "return.suggested-unit", "suggested_unit");
  }
  // What belongs below is handed down, not returned.
  if (m.org().is_in_subtree(unit, mine.unit())) {
    return reject(v1::REJECT_CODE_UNIT_OUTSIDE, "return.not-own-children", "suggested_unit");
  }
  const auto& before = m.ticket().returned_by();
  if (std::ranges::find(before, unit) != before.end()) {
    return reject(v1::REJECT_CODE_PING_PONG, "return.ping-pong", "suggested_unit");
  }
  return std::nullopt;
}

}  // namespace

refusal return_ticket(move& m) {
  const auto& words = m.command().return_ticket();
  const auto* mine = current_assignment(m.ticket());
  if (words.reason() == v1::RETURN_REASON_UNSPECIFIED) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "return.reason", "reason");
  }
  if (auto no = need(words.basis(), "return.basis", "basis")) return no;
  if (mine->designated()) return reject(v1::REJECT_CODE_DESIGNATED, "return.designated");
  if (open_request(m.ticket(), v1::REQUEST_KIND_RETURN)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "return.once");
  }
  if (auto no = check_suggested(m, *mine, words.suggested_unit())) return no;
  const auto kind = limits_kind(m.ticket().intake());
  if (const auto within = m.policy().return_limit(kind, m.urgency())) {
    const auto last =
        due_at(from_unix_ms(mine->dispatched_at()), *within, m.land().calendar_of(mine->unit()));
    if (m.now() > last) return reject(v1::REJECT_CODE_RETURN_TOO_LATE, "return.within-limit");
  }
  const auto decider = decider_of(m, *mine);
  m.event(v1::EVENT_KIND_RETURN_ASKED);
  auto& r = ask(m, v1::REQUEST_KIND_RETURN, decider, v1::CLOCK_KIND_RETURN_DECISION);
  r.set_reason(v1::ReturnReason_Name(words.reason()));
  r.set_suggested_unit(words.suggested_unit());
  // Nobody can sign it until this is decided: that is not the unit's delay.
  m.pause(v1::CLOCK_KIND_SIGN, mine->id());
  return std::nullopt;
}

refusal decide_return(move& m) {
  const auto& words = m.command().decide_return();
  const auto* request = open_request(m.ticket(), v1::REQUEST_KIND_RETURN);
  if (!request) return reject(v1::REJECT_CODE_NOTHING_OPEN, "return.decide");
  if (auto no = check_decider(m, *request, "return.decider")) return no;
  const v1::Assignment returned = *current_assignment(m.ticket());
  const bool redirected = words.uphold() && !words.unit().empty();
  if (redirected) {
    if (auto no = check_target(m, words.unit(), "unit")) return no;
    if (!is_at_or_above(m.org(), m.actor().unit(), words.unit())) {
      return reject(v1::REJECT_CODE_UNIT_OUTSIDE, "return.new-unit-below-decider", "unit");
    }
    if (main_part_of(m.ticket(), words.unit())) {
      return reject(v1::REJECT_CODE_UNIT_DUPLICATE, "return.another-unit", "unit");
    }
  }
  const v1::Request asked = *request;
  auto& change = m.event(v1::EVENT_KIND_RETURN_DECIDED);
  settle(m, asked, v1::CLOCK_KIND_RETURN_DECISION, words.uphold());
  if (!words.uphold()) {
    m.edit_assignment(returned.id()).set_designated(true);
    m.resume(v1::CLOCK_KIND_SIGN, returned.id());
    return std::nullopt;
  }
  end_assignment(m, returned.id(), v1::ASSIGNMENT_STATE_RETURNED);
  close_supervisions(m, returned.unit());
  change.set_returned_by(returned.unit());
  change.set_returns_added(1);
  change.set_escalated_to("");
  const bool designate =
      m.ticket().returns() + 1 >= std::max(m.policy().sla().ping_pong_max(), 1) ||
      std::ranges::find(m.ticket().returned_by(), words.unit()) != m.ticket().returned_by().end();
  if (redirected) {
    const auto parent = parent_above(m, returned.parent(), words.unit());
    assign_main(m, {.unit = words.unit(),
                    .sender_unit = m.actor().unit(),
                    .parent = parent,
                    .advice = words.remark(),
                    .designated = designate,
                    .allowed = std::nullopt,
                    .cap_at = main_due_at(m, parent)});
  } else if (returned.parent() != 0) {
    m.edit_assignment(returned.parent()).set_state(v1::ASSIGNMENT_STATE_HANDLING);
    m.state(v1::STATE_HANDLING);
  } else {
    // The dispatcher names unit and co-handlers anew.
    for (const auto& part : m.ticket().assignments()) {
      if (is_open(part) && part.id() != returned.id()) {
        end_assignment(m, part.id(), v1::ASSIGNMENT_STATE_MOVED);
      }
    }
    close_supervisions(m, "");
    await_dispatch(m);
  }
  return std::nullopt;
}

}  // namespace hotline::domain::moves
