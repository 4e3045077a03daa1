// Urgency from words and numbers of a matter.
#include <algorithm>
#include <bitset>
#include <chrono>

#include <fmt/core.h>

#include "common/domain/civil.hpp"
#include "common/domain/region_text.hpp"
#include "common/domain/routing.hpp"

namespace hotline::domain {
namespace {

/// Which characters stand in a text, nearly: most words are told not to be there without a search.
class character_set {
 public:
  explicit character_set(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const auto length = character_bytes(text, at);
      seen_.set(slot(text.substr(at, length)));
      at += length;
    }
  }

  bool may_hold(std::string_view word) const {
    return !word.empty() && seen_.test(slot(word.substr(0, character_bytes(word, 0))));
  }

 private:
  static constexpr std::size_t slots = 4096;
  static std::size_t slot(std::string_view character) {
    std::size_t h = 0;
    for (const char c : character) h = h * 64 + static_cast<unsigned char>(c);
    return h % slots;
  }

  std::bitset<slots> seen_;
};

/// Whether the word that stands at `at` is there only as part of a longer one that does not count.
bool is_excused(const v1::UrgencyRule& rule, std::string_view text, std::string_view word,
                std::size_t at) {
  for (const std::string_view longer : rule.unless_words()) {
    for (auto in = longer.find(word); in != std::string_view::npos; in = longer.find(word, in + 1))
      if (in <= at && text.substr(at - in).starts_with(longer)) return true;
  }
  return false;
}

/// The first of the rule's words that stands in the text and counts; empty when none does.
std::string_view found_word(const v1::UrgencyRule& rule, std::string_view text,
                            const character_set& characters) {
  for (const std::string_view word : rule.words()) {
    if (!characters.may_hold(word)) continue;
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
      if (!is_excused(rule, text, word, at)) return word;
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
  const character_set characters(text);
  urgency_proposal proposal;
  for (const v1::UrgencyRule& rule : policy.urgency_rules()) {
    const bool raises = rule.urgency() > proposal.urgency;
    if (!raises && rule.told().empty()) continue;
    const std::string_view word = found_word(rule, text, characters);
    if (!holds(rule, intake.matter(), word, now)) continue;
    for (const auto& post : rule.told()) {
      if (std::ranges::find(proposal.told, post) == proposal.told.end()) {
        proposal.told.push_back(post);
      }
    }
    if (!raises) continue;
    proposal.urgency = rule.urgency();
    proposal.rule = rule.id();
    proposal.reason = word.empty() ? rule.reason() : fmt::format("{}（“{}”）", rule.reason(), word);
  }
  return proposal;
}

}  // namespace hotline::domain
