#include <algorithm>

#include "common/domain/civil.hpp"
#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain::moves {
namespace {

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

const v1::Clock* main_clock(const v1::Ticket& t, std::int32_t assignment) {
  for (const auto& c : t.clocks()) {
    const bool main = c.kind() == v1::CLOCK_KIND_HANDLE && c.assignment() == assignment;
    if (main && c.state() == v1::CLOCK_STATE_RUNNING) return &c;
  }
  return nullptr;
}

/// Who grants: the union above the handler; a second extension of a county goes to the province.
std::string extension_decider(const move& m, const v1::Assignment& mine) {
  const auto& rule = m.policy().extension(m.urgency());
  if (mine.extensions() > 0 && rule.second_by_province())
    return std::string(m.org().province_desk());
  return std::string(reviewer_of(m.org(), mine.unit()));
}

refusal check_days(const move& m, const v1::Assignment& mine, const v1::Clock& clock,
                   std::int32_t days) {
  const auto& rule = m.policy().extension(m.urgency());
  const bool first = mine.extensions() == 0;
  if ((first && days > rule.first_days_max()) ||
      mine.extended_days() + days > rule.total_days_max()) {
    return reject(v1::REJECT_CODE_EXTENSION_TOO_LONG, "extension.days", "days");
  }
  const auto& calendar = m.land().calendar_of(mine.unit());
  const auto due = calendar.add_working_days(from_unix_ms(clock.due_at()), days);
  const auto cap = main_cap_at(m, limit_of(clock), mine.unit());
  if (cap != 0 && to_unix_ms(due) > cap) {
    return reject(v1::REJECT_CODE_EXTENSION_TOO_LONG, "extension.total-cap", "days");
  }
  return std::nullopt;
}

/// Grants working days to an assignment's main clock and to those above it, whose part it is.
void extend_chain(move& m, std::int32_t assignment, std::int32_t days) {
  std::int32_t id = assignment;
  while (id != 0) {
    if (auto* clock = m.edit_clock(v1::CLOCK_KIND_HANDLE, id)) {
      const auto cap = main_cap_at(m, limit_of(*clock), clock->unit());
      clock->set_cap_at(cap);
      extend_clock(*clock, days, m.urgency(), m.land(), m.now());
    }
    std::int32_t parent = 0;
    for (const auto& a : m.ticket().assignments()) {
      if (a.id() == id) parent = a.parent();
    }
    id = parent;
  }
}

refusal check_suspension(const move& m, const v1::RequestSuspension& words) {
  const auto& rule = m.policy().suspension(m.urgency());
  if (!rule.allowed()) {
    return reject(v1::REJECT_CODE_SUSPENSION_NOT_ALLOWED, "suspension.urgency");
  }
  if (words.reason() == v1::SUSPENSION_REASON_UNSPECIFIED) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "suspension.reason", "reason");
  }
  if (auto no = need(words.evidence(), "suspension.evidence", "evidence")) return no;
  if (words.review_date().empty()) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "suspension.review-date", "review_date");
  }
  const auto today = std::chrono::sys_days(civil_date(m.now()));
  const auto days = (std::chrono::sys_days(*parse_date(words.review_date())) - today).count();
  if (days < 1) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "suspension.review-date-ahead", "review_date");
  }
  const auto spent = m.ticket().suspended_ms() / day_ms;
  if (days > rule.single_days_max() || spent + days > rule.total_days_max()) {
    return reject(v1::REJECT_CODE_SUSPENSION_TOO_LONG, "suspension.days", "review_date");
  }
  return std::nullopt;
}

}  // namespace

refusal request_extension(move& m) {
  const auto& words = m.command().request_extension();
  const auto* mine = current_assignment(m.ticket());
  const auto* clock = main_clock(m.ticket(), mine->id());
  const auto& rule = m.policy().extension(m.urgency());
  if (rule.count_max() == 0 || !clock) {
    return reject(v1::REJECT_CODE_EXTENSION_NOT_ALLOWED, "extension.urgency");
  }
  if (mine->extensions() >= rule.count_max()) {
    return reject(v1::REJECT_CODE_EXTENSION_TOO_MANY, "extension.count");
  }
  if (open_request(m.ticket(), v1::REQUEST_KIND_EXTENSION)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "extension.once");
  }
  if (auto no = need(words.reason(), "extension.reason", "reason")) return no;
  if (words.days() < 1) return reject(v1::REJECT_CODE_FIELD_REQUIRED, "extension.days", "days");
  if (auto no = check_days(m, *mine, *clock, words.days())) return no;
  if (words.new_grade() != v1::GRADE_UNSPECIFIED && words.new_grade() <= m.ticket().grade()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "extension.raises-grade", "new_grade");
  }
  auto last = from_unix_ms(clock->due_at());
  if (const auto before = parse_limit(rule.ask_before_due()); before) {
    const auto& calendar = m.land().calendar_of(mine->unit());
    last = before->unit == limit_unit::working_days
               ? calendar.subtract_working_days(last, before->amount)
               : calendar.subtract_working_ms(last, std::chrono::hours(before->amount));
  }
  if (m.now() > last) return reject(v1::REJECT_CODE_EXTENSION_TOO_LATE, "extension.ask-before-due");

  m.event(v1::EVENT_KIND_EXTENSION_ASKED);
  auto& r = ask(m, v1::REQUEST_KIND_EXTENSION, extension_decider(m, *mine),
                v1::CLOCK_KIND_EXTENSION_DECISION);
  r.set_days(words.days());
  r.set_reason(words.reason());
  r.set_new_grade(words.new_grade());
  return std::nullopt;
}

refusal decide_extension(move& m) {
  const auto& words = m.command().decide_extension();
  const auto* request = open_request(m.ticket(), v1::REQUEST_KIND_EXTENSION);
  if (!request) return reject(v1::REJECT_CODE_NOTHING_OPEN, "extension.decide");
  if (auto no = check_decider(m, *request, "extension.decider")) return no;
  if (words.days() > request->days()) {
    return reject(v1::REJECT_CODE_EXTENSION_TOO_LONG, "extension.not-more-than-asked", "days");
  }
  const v1::Request asked = *request;
  const auto days = words.days() > 0 ? words.days() : asked.days();
  auto& change = m.event(v1::EVENT_KIND_EXTENSION_DECIDED);
  settle(m, asked, v1::CLOCK_KIND_EXTENSION_DECISION, words.grant());
  if (!words.grant()) return std::nullopt;
  auto& r = m.edit_request(asked.id());
  r.set_days(days);
  auto& mine = m.edit_assignment(asked.assignment());
  mine.set_extensions(mine.extensions() + 1);
  mine.set_extended_days(mine.extended_days() + days);
  if (const auto* clock = main_clock(m.ticket(), asked.assignment());
      clock && from_unix_ms(clock->due_at()) > m.now()) {
    mine.set_light(v1::LIGHT_UNSPECIFIED);
  }
  if (asked.new_grade() != v1::GRADE_UNSPECIFIED) change.set_grade(asked.new_grade());
  change.set_extensions_added(1);
  extend_chain(m, asked.assignment(), days);
  return std::nullopt;
}

refusal request_suspension(move& m) {
  const auto& words = m.command().request_suspension();
  if (auto no = check_suspension(m, words)) return no;
  if (open_request(m.ticket(), v1::REQUEST_KIND_SUSPENSION)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "suspension.once");
  }
  // A ticket under 督办 is not put aside before the order is closed.
  const bool supervised = std::ranges::any_of(m.ticket().supervisions(), [](const auto& s) {
    return s.state() != v1::SUPERVISION_STATE_CLOSED;
  });
  if (supervised) return reject(v1::REJECT_CODE_SUPERVISION_OPEN, "suspension.not-supervised");
  const auto* mine = current_assignment(m.ticket());
  m.event(v1::EVENT_KIND_SUSPENSION_ASKED);
  auto& r = ask(m, v1::REQUEST_KIND_SUSPENSION, reviewer_of(m.org(), mine->unit()),
                v1::CLOCK_KIND_EXTENSION_DECISION);
  r.set_reason(v1::SuspensionReason_Name(words.reason()));
  r.set_until_date(words.review_date());
  return std::nullopt;
}

refusal decide_suspension(move& m) {
  const auto& words = m.command().decide_suspension();
  const auto* request = open_request(m.ticket(), v1::REQUEST_KIND_SUSPENSION);
  if (!request) return reject(v1::REJECT_CODE_NOTHING_OPEN, "suspension.decide");
  if (auto no = check_decider(m, *request, "suspension.decider")) return no;
  const v1::Request asked = *request;
  const auto until = std::chrono::sys_days(*parse_date(asked.until_date()));
  const auto days = (until - std::chrono::sys_days(civil_date(m.now()))).count();
  if (words.grant() && days < 1) {
    return reject(v1::REJECT_CODE_SUSPENSION_TOO_LONG, "suspension.review-date-passed");
  }
  auto& change = m.event(v1::EVENT_KIND_SUSPENSION_DECIDED);
  settle(m, asked, v1::CLOCK_KIND_EXTENSION_DECISION, words.grant());
  if (!words.grant()) return std::nullopt;
  change.set_suspended_at(m.now_ms());
  change.set_suspensions_added(1);
  change.set_state_before(m.ticket().state());
  m.state(v1::STATE_SUSPENDED);
  std::int32_t id = asked.assignment();
  std::string unit;
  while (id != 0) {
    m.pause_all_of(id);
    std::int32_t parent = 0;
    for (const auto& a : m.ticket().assignments()) {
      if (a.id() != id) continue;
      parent = a.parent();
      if (unit.empty()) unit = a.unit();
    }
    id = parent;
  }
  m.start({.kind = v1::CLOCK_KIND_SUSPENSION_REVIEW,
           .assignment = 0,
           .subject = asked.id(),
           .unit = unit,
           .allowed = {.amount = static_cast<std::int32_t>(days), .unit = limit_unit::days},
           .cap_at = 0,
           .calendar_unit = {}});
  return std::nullopt;
}

refusal resume(move& m) {
  auto& change = m.event(v1::EVENT_KIND_RESUMED);
  change.set_suspended_ms_added(m.now_ms() - m.ticket().suspended_at());
  change.set_suspended_at(0);
  m.state(m.ticket().state_before() == v1::STATE_UNSPECIFIED ? v1::STATE_HANDLING
                                                             : m.ticket().state_before());
  m.stop(v1::CLOCK_KIND_SUSPENSION_REVIEW);
  for (const auto& a : m.ticket().assignments()) {
    if (is_open(a)) m.resume_all_of(a.id());
  }
  return std::nullopt;
}

}  // namespace hotline::domain::moves
