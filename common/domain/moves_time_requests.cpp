#include <algorithm>
#include <vector>

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

/// The rule of a main clock: the law's for a statutory limit that has one, else its urgency's.
const extension_rule& rule_for(const move& m, const v1::Clock& clock) {
  const auto* by_law = m.policy().statutory_extension(limits_kind(m.ticket().intake()));
  const auto& by_urgency = m.policy().extension(m.urgency());
  const bool statutory = by_law && limit_of(clock).statutory && by_urgency.count_max() != 0;
  return statutory ? *by_law : by_urgency;
}

/// The assignments whose main clocks a grant moves: the handler's, and those above it as far as
/// their own limit would be exceeded. A part that is not moved bounds those that are.
std::vector<std::int32_t> moved_by(const move& m, const v1::Assignment& mine, std::int32_t days) {
  std::vector<std::int32_t> moved;
  std::int64_t due = 0;
  for (const auto id : chain_from(m.ticket(), mine.id())) {
    const auto* clock = main_clock(m.ticket(), id);
    if (!clock || (!moved.empty() && due <= clock->due_at())) break;
    due = to_unix_ms(due_when_extended(*clock, days, m.land()));
    moved.push_back(id);
  }
  return moved;
}

/// Who grants: the unit above the topmost clock that moves, so that nobody grants itself time; a
/// second extension goes to the province.
std::string extension_decider(const move& m, const v1::Assignment& top) {
  const auto& rule = rule_for(m, *main_clock(m.ticket(), top.id()));
  if (top.extensions() > 0 && rule.second_by_province()) {
    return std::string(m.org().province_desk());
  }
  const auto* above = find_assignment(m.ticket(), top.parent());
  return above ? above->unit() : std::string(reviewer_of(m.org(), top.unit()));
}

refusal check_days(const move& m, const v1::Assignment& part, std::int32_t days) {
  const auto& clock = *main_clock(m.ticket(), part.id());
  const auto& rule = rule_for(m, clock);
  if (part.extensions() >= rule.count_max()) {
    return reject(v1::REJECT_CODE_EXTENSION_TOO_MANY, "extension.count");
  }
  const bool first = part.extensions() == 0;
  if ((first && days > rule.first_days_max()) ||
      part.extended_days() + days > rule.total_days_max()) {
    return reject(v1::REJECT_CODE_EXTENSION_TOO_LONG, "extension.days", "days");
  }
  const auto cap = main_cap_at(m, limit_of(clock), part.unit(), clock.extended_days() + days);
  if (cap != 0 && to_unix_ms(due_when_extended(clock, days, m.land())) > cap) {
    return reject(v1::REJECT_CODE_EXTENSION_TOO_LONG, "extension.total-cap", "days");
  }
  return std::nullopt;
}

refusal check_asked_in_time(const move& m, const v1::Clock& clock) {
  auto last = from_unix_ms(clock.due_at());
  if (const auto before = parse_limit(rule_for(m, clock).ask_before_due()); before) {
    const auto& calendar = m.land().calendar_of(clock.unit());
    last = before->unit == limit_unit::working_days
               ? calendar.subtract_working_days(last, before->amount)
               : calendar.subtract_working_ms(last, std::chrono::hours(before->amount));
  }
  if (m.now() <= last) return std::nullopt;
  return reject(v1::REJECT_CODE_EXTENSION_TOO_LATE, "extension.ask-before-due");
}

/// Grants days to the parts that move, from the top down: each stays within the one above it.
void extend_chain(move& m, const std::vector<std::int32_t>& moved, std::int32_t days) {
  for (auto id = moved.rbegin(); id != moved.rend(); ++id) {
    auto& part = m.edit_assignment(*id);
    part.set_extensions(part.extensions() + 1);
    part.set_extended_days(part.extended_days() + days);
    auto* clock = m.edit_clock(v1::CLOCK_KIND_HANDLE, *id);
    const auto above = main_due_at(m, part.parent());
    // A shorter limit than the policy's (a hand-down's) moves as a whole.
    auto cap = main_cap_at(m, limit_of(*clock), clock->unit(), clock->extended_days() + days);
    const bool capped = clock->cap_at() != 0 && clock->due_at() == clock->cap_at();
    if (capped && part.parent() != 0) {
      cap = to_unix_ms(due_when_extended(*clock, days, m.land()));
    }
    clock->set_cap_at(above != 0 && (cap == 0 || above < cap) ? above : cap);
    extend_clock(*clock, days, m.urgency(), m.land(), m.now());
    if (clock->due_at() > m.now_ms()) part.set_light(v1::LIGHT_UNSPECIFIED);
  }
}

/// Sets a paused main clock going with what was left when it stopped: an earlier deadline of the
/// partner, set during the same suspension, takes nothing from a later one.
void go_on_for_now(const move& m, v1::Clock& clock) {
  const auto since = m.ticket().suspended_at();
  if (since != 0 && clock.resumed_at() >= since) {
    clock.set_due_remaining_ms(std::max(clock.due_remaining_ms(), clock.resumed_left_ms()));
  }
  resume_clock(clock, m.land(), m.now());
}

/// Lays new caps on the main clocks of a chain, from the top down. What was ordered below keeps its
/// own cap within the one above it; a resumed clock counts what was left, which only the partner's
/// deadline can still cut short. One that stands still goes on, is capped, and stops again at the
/// same instant.
void recap_chain(move& m, std::int32_t assignment) {
  const auto chain = chain_from(m.ticket(), assignment);
  std::vector<std::int32_t> paused_parts;
  for (auto id = chain.rbegin(); id != chain.rend(); ++id) {
    auto* clock = m.edit_clock(v1::CLOCK_KIND_HANDLE, *id);
    if (!clock) continue;
    const bool paused = clock->state() == v1::CLOCK_STATE_PAUSED;
    if (!paused && clock->state() != v1::CLOCK_STATE_RUNNING) continue;
    if (paused) {
      paused_parts.push_back(*id);
      go_on_for_now(m, *clock);
    }
    const auto above = main_due_at(m, find_assignment(m.ticket(), *id)->parent());
    // Looking at the clock above may have moved this one in the change.
    clock = m.edit_clock(v1::CLOCK_KIND_HANDLE, *id);
    if (above != 0) {
      clock->set_cap_at(clock->cap_at() == 0 ? above : std::min(clock->cap_at(), above));
    } else {
      clock->set_cap_at(clock->resumed_at() != 0 ? partner_cap_at(m, clock->unit())
                                                 : main_cap_at(m, limit_of(*clock), clock->unit(),
                                                               clock->extended_days()));
    }
    const bool was_late = clock->overdue();
    recalculate_clock(*clock, m.urgency(), m.land(), m.now());
    if (was_late && !clock->overdue()) m.edit_assignment(*id).set_light(v1::LIGHT_UNSPECIFIED);
  }
  // Only now: those below look at when those above are due.
  for (const auto id : paused_parts) {
    pause_clock(*m.edit_clock(v1::CLOCK_KIND_HANDLE, id), m.land(), m.now());
  }
}

/// The topmost part of the chain: whose superior may stop all the clocks of the chain.
const v1::Assignment& top_of_chain(const v1::Ticket& t, const v1::Assignment& mine) {
  return *find_assignment(t, chain_from(t, mine.id()).back());
}

/// The law knows no pause of its limits (信访工作条例 Art. 34).
refusal check_may_pause(const move& m) {
  if (!has_statutory_limit(m)) return std::nullopt;
  return reject(v1::REJECT_CODE_SUSPENSION_NOT_ALLOWED, "suspension.statutory");
}

refusal check_suspension(const move& m, const v1::RequestSuspension& words) {
  if (auto no = check_may_pause(m)) return no;
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
  const auto total_ms = m.ticket().suspended_ms() + days * day_ms;
  if (days > rule.single_days_max() || total_ms > rule.total_days_max() * day_ms) {
    return reject(v1::REJECT_CODE_SUSPENSION_TOO_LONG, "suspension.days", "review_date");
  }
  return std::nullopt;
}

}  // namespace

refusal request_extension(move& m) {
  const auto& words = m.command().request_extension();
  const auto* mine = current_assignment(m.ticket());
  const auto* clock = main_clock(m.ticket(), mine->id());
  if (!clock || rule_for(m, *clock).count_max() == 0) {
    return reject(v1::REJECT_CODE_EXTENSION_NOT_ALLOWED, "extension.urgency");
  }
  if (mine->extensions() >= rule_for(m, *clock).count_max()) {
    return reject(v1::REJECT_CODE_EXTENSION_TOO_MANY, "extension.count");
  }
  if (open_request(m.ticket(), v1::REQUEST_KIND_EXTENSION)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "extension.once");
  }
  if (auto no = need(words.reason(), "extension.reason", "reason")) return no;
  if (words.days() < 1) return reject(v1::REJECT_CODE_FIELD_REQUIRED, "extension.days", "days");
  // 信访工作条例 Art. 34: the petitioner is told that it takes longer, and why.
  if (limit_of(*clock).statutory && !words.caller_told()) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "extension.caller-told", "caller_told");
  }
  const auto moved = moved_by(m, *mine, words.days());
  for (const auto id : moved) {
    if (auto no = check_days(m, *find_assignment(m.ticket(), id), words.days())) return no;
  }
  if (words.new_grade() != v1::GRADE_UNSPECIFIED && words.new_grade() <= m.ticket().grade()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "extension.raises-grade", "new_grade");
  }
  if (auto no = check_asked_in_time(m, *clock)) return no;

  m.event(v1::EVENT_KIND_EXTENSION_ASKED);
  const auto& top = *find_assignment(m.ticket(), moved.back());
  auto& r = ask(m, v1::REQUEST_KIND_EXTENSION, extension_decider(m, top),
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
  if (asked.new_grade() != v1::GRADE_UNSPECIFIED) change.set_grade(asked.new_grade());
  change.set_extensions_added(1);
  const auto& part = *find_assignment(m.ticket(), asked.assignment());
  extend_chain(m, moved_by(m, part, days), days);
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
  const auto decider = reviewer_of(m.org(), top_of_chain(m.ticket(), *mine).unit());
  auto& r = ask(m, v1::REQUEST_KIND_SUSPENSION, decider, v1::CLOCK_KIND_EXTENSION_DECISION);
  r.set_reason(v1::SuspensionReason_Name(words.reason()));
  r.set_until_date(words.review_date());
  return std::nullopt;
}

refusal decide_suspension(move& m) {
  const auto& words = m.command().decide_suspension();
  const auto* request = open_request(m.ticket(), v1::REQUEST_KIND_SUSPENSION);
  if (!request) return reject(v1::REJECT_CODE_NOTHING_OPEN, "suspension.decide");
  if (auto no = check_decider(m, *request, "suspension.decider")) return no;
  if (words.grant()) {
    if (auto no = check_may_pause(m)) return no;
  }
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
  const std::string unit = find_assignment(m.ticket(), asked.assignment())->unit();
  for (const auto id : chain_from(m.ticket(), asked.assignment())) m.pause_all_of(id);
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
  // A pause ends at its review date, however late somebody notices.
  auto since = m.now();
  for (const auto& c : m.ticket().clocks()) {
    const bool review = c.kind() == v1::CLOCK_KIND_SUSPENSION_REVIEW;
    if (review && c.state() == v1::CLOCK_STATE_RUNNING) {
      since = std::min(since, from_unix_ms(c.due_at()));
    }
  }
  auto& change = m.event(v1::EVENT_KIND_RESUMED);
  change.set_suspended_ms_added(to_unix_ms(since) - m.ticket().suspended_at());
  change.set_suspended_at(0);
  m.state(m.ticket().state_before() == v1::STATE_UNSPECIFIED ? v1::STATE_HANDLING
                                                             : m.ticket().state_before());
  m.cancel(v1::CLOCK_KIND_SUSPENSION_REVIEW);
  for (const auto& a : m.ticket().assignments()) {
    if (is_open(a)) m.resume_all_of(a.id(), since);
  }
  return std::nullopt;
}

refusal set_partner_due(move& m) {
  const auto& words = m.command().set_partner_due();
  if (auto no = need(words.reason(), "partner-due.reason", "reason")) return no;
  const auto due = words.partner_due_at();
  if (due == m.ticket().intake().partner_due_at()) return std::nullopt;
  if (due != 0 && due <= m.now_ms()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "partner-due.ahead", "partner_due_at");
  }
  if (due != 0 && !m.land().calendars.default_calendar().covers(from_unix_ms(due))) {
    return reject(v1::REJECT_CODE_CALENDAR_RANGE, "intake.partner-due", "partner_due_at");
  }
  m.event(v1::EVENT_KIND_PARTNER_DUE_CHANGED).set_partner_due_at(due);
  if (const auto* mine = current_assignment(m.ticket())) recap_chain(m, mine->id());
  catch_up_moved(m);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
