#include <algorithm>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain::moves {
namespace {

/// Who handles has spoken to the worker: that ends the duty of those who handed down to it, too.
void contact_chain(move& m, std::int32_t assignment, std::int64_t contacted_at) {
  for (const auto id : chain_from(m.ticket(), assignment)) {
    auto& part = m.edit_assignment(id);
    if (part.contacted_at() == 0) part.set_contacted_at(contacted_at);
    m.stop(v1::CLOCK_KIND_CONTACT, id);
    auto* clock = m.edit_clock(v1::CLOCK_KIND_HANDLE, id);
    if (clock && clock->state() == v1::CLOCK_STATE_RUNNING) note_contact(*clock, m.land());
  }
}

/// The instant a co-handler's opinion is due at the latest: with the main clock, while that runs.
std::int64_t opinion_cap(const move& m, const v1::Assignment& handler) {
  for (const auto& c : m.ticket().clocks()) {
    const bool main = c.kind() == v1::CLOCK_KIND_HANDLE && c.assignment() == handler.id();
    if (main && c.state() == v1::CLOCK_STATE_RUNNING && c.due_at() > m.now_ms()) return c.due_at();
  }
  return 0;
}

/// Who is asked for an opinion, and how long, is for the main unit and its superiors to say.
refusal check_by_main(const move& m) {
  const auto* handler = current_assignment(m.ticket());
  if (!handler) return reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "co-handler.handler");
  const bool may = m.actor().role() == v1::ROLE_SYSTEM ||
                   is_at_or_above(m.org(), m.actor().unit(), handler->unit());
  if (may) return std::nullopt;
  return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "co-handler.by-main", "actor.unit");
}

const v1::Assignment* co_part_of(const v1::Ticket& t, std::string_view unit) {
  const v1::Assignment* found = nullptr;
  for (const auto& a : t.assignments()) {
    const bool co = a.role() == v1::ASSIGNMENT_ROLE_CO && is_open(a);
    if (co && a.unit() == unit) found = &a;
  }
  return found;
}

}  // namespace

refusal add_co_handler(move& m) {
  const auto& order = m.command().add_co_handler();
  if (auto no = check_by_main(m)) return no;
  const auto* handler = current_assignment(m.ticket());
  if (order.unit().empty()) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "co-handler.unit", "unit");
  }
  const auto* unit = m.org().find(order.unit());
  if (!unit) return reject(v1::REJECT_CODE_UNIT_UNKNOWN, "co-handler.unit", "unit");
  if (unit->inactive()) return reject(v1::REJECT_CODE_UNIT_INACTIVE, "co-handler.unit", "unit");
  const auto& complained = m.ticket().intake().matter().complained_unit();
  if (!complained.empty() && m.org().is_in_subtree(order.unit(), complained)) {
    return reject(v1::REJECT_CODE_UNIT_COMPLAINED_ABOUT, "co-handler.not-complained-about", "unit");
  }
  const bool takes_part = std::ranges::any_of(
      m.ticket().assignments(),
      [&](const v1::Assignment& a) { return is_open(a) && a.unit() == order.unit(); });
  if (takes_part) return reject(v1::REJECT_CODE_UNIT_DUPLICATE, "co-handler.once", "unit");
  const auto allowed =
      *parse_limit(order.limit().empty() ? m.policy().sla().co_opinion_limit() : order.limit());
  const auto cap = opinion_cap(m, *handler);
  const auto due = to_unix_ms(due_at(m.now(), allowed, m.land().calendar_of(order.unit())));
  if (!order.limit().empty() && cap != 0 && due > cap) {
    return reject(v1::REJECT_CODE_LIMIT_TOO_LONG, "co-handler.within-main-limit", "limit");
  }
  m.event(v1::EVENT_KIND_CO_HANDLER_ADDED);
  assign_co(m, order.unit(), order.ask(), allowed, cap);
  return std::nullopt;
}

refusal release_co_handler(move& m) {
  const auto& order = m.command().release_co_handler();
  if (auto no = check_by_main(m)) return no;
  if (auto no = need(order.unit(), "co-handler.unit", "unit")) return no;
  if (auto no = need(order.reason(), "co-handler.release-reason", "reason")) return no;
  const auto* part = co_part_of(m.ticket(), order.unit());
  if (!part) return reject(v1::REJECT_CODE_NOTHING_OPEN, "co-handler.open", "unit");
  m.event(v1::EVENT_KIND_CO_HANDLER_RELEASED);
  end_assignment(m, part->id(), v1::ASSIGNMENT_STATE_MOVED);
  close_supervisions(m, order.unit());
  return std::nullopt;
}

refusal give_opinion(move& m) {
  const auto& words = m.command().give_opinion();
  if (auto no = need(words.opinion(), "opinion.text", "opinion")) return no;
  const auto* mine = co_part_of(m.ticket(), m.actor().unit());
  if (!mine) return reject(v1::REJECT_CODE_NOTHING_OPEN, "opinion.co-handler");
  m.event(v1::EVENT_KIND_OPINION_GIVEN);
  auto& a = m.edit_assignment(mine->id());
  (words.declined() ? *a.mutable_decline_reason() : *a.mutable_opinion()) = words.opinion();
  a.set_officer(m.actor().user());
  a.set_state(v1::ASSIGNMENT_STATE_DONE);
  a.set_replied_at(m.now_ms());
  a.set_ended_at(m.now_ms());
  m.stop(v1::CLOCK_KIND_CO_OPINION, a.id());
  return std::nullopt;
}

refusal record_contact(move& m) {
  const auto& words = m.command().record_contact();
  const auto* mine = current_assignment(m.ticket());
  if (words.contacted_at() == 0) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "contact.time", "contacted_at");
  }
  if (words.contacted_at() > m.now_ms() || words.contacted_at() < m.ticket().created_at()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "contact.between-call-and-now", "contacted_at");
  }
  if (auto no = need(words.result(), "contact.result", "result")) return no;
  if (!words.number().empty() && !is_phone(words.number())) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "contact.number", "number");
  }
  auto& change = m.event(v1::EVENT_KIND_CONTACTED);
  auto& contact = *change.mutable_contact();
  contact.set_assignment(mine->id());
  contact.set_number(words.number());
  contact.set_contacted_at(words.contacted_at());
  contact.set_reached(words.reached());
  contact.set_result(words.result());
  contact.set_person(m.actor().user());
  if (words.reached() && mine->contacted_at() == 0) {
    contact_chain(m, mine->id(), words.contacted_at());
  }
  return std::nullopt;
}

refusal report_progress(move& m) {
  const auto& words = m.command().report_progress();
  if (auto no = need(words.text(), "progress.text", "text")) return no;
  const auto* mine = current_assignment(m.ticket());
  m.event(v1::EVENT_KIND_PROGRESS_REPORTED);
  for (const auto id : chain_from(m.ticket(), mine->id())) {
    auto& part = m.edit_assignment(id);
    if (part.reported_at() == 0) part.set_reported_at(m.now_ms());
    m.stop(v1::CLOCK_KIND_FIRST_REPORT, id);
    if (words.first_result()) m.stop(v1::CLOCK_KIND_FIRST_RESULT, id);
  }
  return std::nullopt;
}

}  // namespace hotline::domain::moves
