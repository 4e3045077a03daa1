// Urgency from words and numbers of a matter.
#include <chrono>

#include <fmt/core.h>

#include "common/domain/civil.hpp"
#include "common/domain/routing.hpp"

namespace hotline::domain {
namespace {

/// The first of the rule's words that stands in the text; empty when none does.
std::string found_word(const v1::UrgencyRule& rule, std::string_view text) {
  for (const std::string& word : rule.words()) {
    const std::string plain = normalise_place(word);
    if (!plain.empty() && text.find(plain) != std::string_view::npos) return plain;
  }
  return {};
}

/// Whether fewer than `days` civil days are left until the date. A date that has passed is lost
/// and no reason to hurry; nor is one that cannot be read.
bool falls_due_within(const std::string& date, std::int32_t days, instant now) {
  const auto due = parse_date(date);
  if (!due) return false;
  const auto left = (std::chrono::sys_days(*due) - std::chrono::sys_days(civil_date(now))).count();
  return left >= 0 && left < days;
}

/// Every condition the rule sets must hold.
bool holds(const v1::UrgencyRule& rule, const v1::Matter& matter, std::string_view word,
           instant now) {
  return (rule.words().empty() || !word.empty()) && matter.people() >= rule.people_min() &&
         (!rule.employer_absconded() || matter.employer_absconded()) &&
         (!rule.media_attention() || matter.media_attention()) &&
         (rule.legal_limit_days_below() == 0 ||
          falls_due_within(matter.legal_limit_date(), rule.legal_limit_days_below(), now));
}

}  // namespace

urgency_proposal propose_urgency(const v1::Intake& intake, instant now,
                                 const v1::RoutingPolicy& policy) {
  const std::string text = normalise_place(intake.title() + "\n" + intake.matter().content());
  urgency_proposal proposal;
  for (const v1::UrgencyRule& rule : policy.urgency_rules()) {
    if (rule.urgency() <= proposal.urgency) continue;
    const std::string word = found_word(rule, text);
    if (!holds(rule, intake.matter(), word, now)) continue;
    proposal = {
        .urgency = rule.urgency(),
        .rule = rule.id(),
        .reason = word.empty() ? rule.reason() : fmt::format("{}（“{}”）", rule.reason(), word)};
  }
  return proposal;
}

}  // namespace hotline::domain
