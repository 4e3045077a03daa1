#include "common/exchange/compare.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "common/domain/merging.hpp"

namespace hotline::exchange {
namespace {

/// What both sides say about one number; nullptr where a side says nothing.
struct pairing {
  const listed_ticket* theirs = nullptr;
  const our_ticket* ours = nullptr;
};

bool exists(const our_ticket* ours) {
  return ours != nullptr && ours->state != v1::STATE_UNSPECIFIED;
}

/// Their code for a state of ours; several states may share one, and one state may have several.
std::string_view first_word(const v1::Partner& partner, v1::State state) {
  const auto& words = partner.states();
  const auto found = std::ranges::find(words, state, &v1::StateWord::state);
  return found == words.end() ? std::string_view() : std::string_view(found->theirs());
}

/// Our state as they know it: to them nothing is merged (并单).
v1::State seen_state(const our_ticket& ours) {
  return domain::state_for_others(ours.state, ours.has_ended);
}

bool is_word_for(const v1::Partner& partner, std::string_view word, v1::State state) {
  return std::ranges::any_of(partner.states(), [&](const v1::StateWord& one) {
    return one.state() == state && one.theirs() == word;
  });
}

bool same_state(const v1::Partner& partner, const std::string& their_word, const our_ticket& ours) {
  if (their_word.empty() || ours.withheld || their_word == ours.told_word) return true;
  const v1::State seen = seen_state(ours);
  return first_word(partner, seen).empty() || is_word_for(partner, their_word, seen);
}

using pairings = std::map<std::string_view, pairing>;

/// Our numbers of what they list, by whatever number of theirs.
std::set<std::string_view> listed_tickets(const pairings& pairs) {
  std::set<std::string_view> numbers;
  for (const auto& [external_no, pair] : pairs) {
    if (pair.theirs == nullptr || !exists(pair.ours) || pair.ours->ticket_no.empty()) continue;
    numbers.insert(pair.ours->ticket_no);
  }
  return numbers;
}

/// Nothing where both sides agree. What neither lists nor should be listed is agreed, too.
std::optional<v1::DifferenceKind> judge(const v1::Partner& partner, const pairing& pair,
                                        const std::set<std::string_view>& listed) {
  const our_ticket* ours = pair.ours;
  if (!exists(ours)) {
    if (ours != nullptr && ours->unsettled) return v1::DIFFERENCE_KIND_WAITING_HERE;
    if (pair.theirs != nullptr) return v1::DIFFERENCE_KIND_MISSING_HERE;
    return std::nullopt;
  }
  const bool same = pair.theirs != nullptr ? same_state(partner, pair.theirs->state, *ours)
                                           : !ours->expected || listed.contains(ours->ticket_no);
  if (same) return std::nullopt;
  if (ours->unsettled) return v1::DIFFERENCE_KIND_WAITING_HERE;
  if (ours->unsent) return v1::DIFFERENCE_KIND_WAITING_THERE;
  return pair.theirs != nullptr ? v1::DIFFERENCE_KIND_STATE : v1::DIFFERENCE_KIND_MISSING_THERE;
}

v1::PartnerDifference describe(const v1::Partner& partner, std::string_view external_no,
                               const pairing& pair, v1::DifferenceKind kind) {
  v1::PartnerDifference difference;
  difference.set_kind(kind);
  difference.set_external_no(std::string(external_no));
  if (pair.ours != nullptr) {
    difference.set_ticket_no(pair.ours->ticket_no);
    difference.set_our_state(pair.ours->state);
    difference.set_our_word(std::string(first_word(partner, seen_state(*pair.ours))));
  }
  if (pair.theirs != nullptr) difference.set_their_word(pair.theirs->state);
  return difference;
}

/// Their code for our state: the one they use where they have several.
std::string_view our_word(const v1::Partner& partner, const pairing& pair) {
  const v1::State seen = seen_state(*pair.ours);
  if (pair.theirs != nullptr && is_word_for(partner, pair.theirs->state, seen))
    return pair.theirs->state;
  return first_word(partner, seen);
}

/// How many tickets each side has by their codes.
class state_counter {
 public:
  void add(const v1::Partner& partner, const pairing& pair) {
    if (pair.theirs != nullptr) ++by_word_[pair.theirs->state].theirs;
    if (!exists(pair.ours) || (pair.theirs == nullptr && !pair.ours->expected)) return;
    numbers& of = by_word_[our_word(partner, pair)];
    ++of.ours;
    of.states.insert(pair.ours->state);
  }

  std::vector<v1::StateCount> counts() const {
    std::vector<v1::StateCount> list;
    for (const auto& [word, of] : by_word_) {
      v1::StateCount& made = list.emplace_back();
      made.set_word(std::string(word));
      made.set_theirs(of.theirs);
      made.set_ours(of.ours);
      for (const v1::State state : of.states) made.add_our_states(state);
    }
    return list;
  }

 private:
  struct numbers {
    int theirs = 0;
    int ours = 0;
    std::set<v1::State> states;
  };
  std::map<std::string_view, numbers> by_word_;
};

}  // namespace

comparison compare(const v1::Partner& partner, std::span<const listed_ticket> theirs,
                   std::span<const our_ticket> ours) {
  pairings pairs;
  for (const listed_ticket& one : theirs) pairs[one.external_no].theirs = &one;
  for (const our_ticket& one : ours) pairs[one.external_no].ours = &one;
  const auto listed = listed_tickets(pairs);
  comparison made;
  state_counter states;
  for (const auto& [external_no, pair] : pairs) {
    states.add(partner, pair);
    const auto kind = judge(partner, pair, listed);
    if (kind) {
      made.differences.push_back(describe(partner, external_no, pair, *kind));
    } else {
      ++made.agreed;
    }
  }
  made.states = states.counts();
  return made;
}

std::vector<v1::DifferenceCount> count_kinds(std::span<const v1::PartnerDifference> differences) {
  std::map<v1::DifferenceKind, int> found;
  for (const v1::PartnerDifference& one : differences) ++found[one.kind()];
  std::vector<v1::DifferenceCount> counts;
  for (const auto& [kind, count] : found) {
    auto& made = counts.emplace_back();
    made.set_kind(kind);
    made.set_count(count);
  }
  return counts;
}

}  // namespace hotline::exchange
