#include "common/domain/move_limits.hpp"

#include <algorithm>

#include "common/domain/clocks.hpp"

namespace hotline::domain {
namespace {

/// Of two limits the one that ends first.
limit shorter(const limit& a, const limit& b, instant from, const working_calendar& calendar) {
  return due_at(from, a, calendar) <= due_at(from, b, calendar) ? a : b;
}

/// When the matter reached the unions: a letter's own date, where it lay before it was registered.
instant received_at(const move& m) {
  const auto registered = m.ticket().created_at() != 0 ? m.ticket().created_at() : m.now_ms();
  return from_unix_ms(std::min(
      registered, m.intake().call().called_at() != 0 ? m.intake().call().called_at() : registered));
}

/// 自受理之日起: the law's clock does not ask who handles the matter.
std::int64_t statutory_end_at(const move& m, const limit& allowed, std::string_view unit,
                              std::int32_t granted_days) {
  v1::Clock whole;
  whole.set_unit(std::string(unit));
  whole.set_limit(format(allowed));
  whole.set_started_at(m.ticket().accepted_at() != 0 ? m.ticket().accepted_at() : m.now_ms());
  whole.set_extended_days(granted_days);
  return to_unix_ms(compute_due(whole, m.land()));
}

}  // namespace

std::int64_t earlier(std::int64_t a, std::int64_t b) {
  if (a == 0) return b;
  if (b == 0) return a;
  return std::min(a, b);
}

v1::Kind limits_kind(const v1::Intake& intake) {
  return intake.source() == v1::SOURCE_PETITION ? v1::KIND_PETITION : intake.matter().kind();
}

bool has_statutory_limit(const move& m) {
  const auto of_kind = m.policy().handle_limit(limits_kind(m.intake()), m.grade());
  return of_kind && of_kind->statutory;
}

limit handling_limit(const move& m, v1::Urgency urgency, std::string_view unit, instant from) {
  const auto kind = limits_kind(m.intake());
  const auto of_grade = m.policy().handle_limit(kind, m.grade());
  // Every kind has a limit (check_policies); a draft without a kind counts as a complaint.
  const auto table =
      of_grade ? *of_grade : *m.policy().handle_limit(v1::KIND_COMPLAINT, v1::GRADE_ORDINARY);
  const auto own = m.policy().step_limit(v1::CLOCK_KIND_HANDLE, urgency);
  return own ? shorter(*own, table, from, m.land().calendar_of(unit)) : table;
}

std::optional<limit> sign_limit(const move& m, v1::Urgency urgency, std::string_view unit,
                                instant from) {
  const auto by_urgency = m.policy().step_limit(v1::CLOCK_KIND_SIGN, urgency);
  const auto& first = m.policy().priority_sign_limit();
  if (!by_urgency || !first || !m.priority()) return by_urgency;
  return shorter(*by_urgency, *first, from, m.land().calendar_of(unit));
}

std::optional<limit> report_limit(const move& m, v1::Urgency urgency) {
  const auto own = m.policy().step_limit(v1::CLOCK_KIND_FIRST_REPORT, urgency);
  return own ? own : m.policy().notice_limit(limits_kind(m.intake()));
}

std::int64_t report_cap_at(const move& m, std::string_view unit) {
  const auto notice = m.policy().notice_limit(limits_kind(m.intake()));
  if (!notice) return 0;
  return to_unix_ms(due_at(received_at(m), *notice, m.land().calendar_of(unit)));
}

std::int64_t partner_cap_at(const move& m, std::string_view unit) {
  const auto due = m.partner_due_at();
  if (due == 0) return 0;
  const auto& margin = m.policy().partner_margin();
  const auto& calendar = m.land().calendar_of(unit);
  instant at = from_unix_ms(due);
  if (margin.unit == limit_unit::working_days) {
    at = calendar.subtract_working_days(at, margin.amount);
  } else {
    at -= due_at(at, margin, calendar) - at;
  }
  return std::max<std::int64_t>(to_unix_ms(at), 1);
}

std::int64_t main_cap_at(const move& m, const limit& allowed, std::string_view unit,
                         std::int32_t granted_days) {
  const auto partner = partner_cap_at(m, unit);
  if (allowed.statutory) return earlier(partner, statutory_end_at(m, allowed, unit, granted_days));
  // The days of a suspension do not count against the cap.
  const auto from = m.ticket().dispatched_at() != 0
                        ? m.ticket().dispatched_at() + m.ticket().suspended_ms()
                        : m.now_ms();
  const auto total =
      to_unix_ms(due_at(from_unix_ms(from), m.policy().total_cap(), m.land().calendar_of(unit)));
  return earlier(partner, total);
}

}  // namespace hotline::domain
