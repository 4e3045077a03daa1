// What a configuration leaves unsaid.
#include <algorithm>
#include <array>
#include <initializer_list>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/domain/partner_terms.hpp"
#include "common/exchange/partner.hpp"

namespace hotline::exchange {
namespace {

using kind_list = std::initializer_list<v1::PartnerEventKind>;

std::string short_name(v1::PartnerEventKind kind) {
  constexpr std::string_view prefix = "PARTNER_EVENT_KIND_";
  return v1::PartnerEventKind_Name(kind).substr(prefix.size());
}

std::string short_name(v1::State state) {
  constexpr std::string_view prefix = "STATE_";
  return v1::State_Name(state).substr(prefix.size());
}

/// The event that tells a state, where it is one of its own.
struct telling_event {
  v1::State state;
  v1::PartnerEventKind kind;
};
constexpr std::array<telling_event, 5> telling_events{{
    {v1::STATE_ACCEPTED, v1::PARTNER_EVENT_KIND_ACCEPT},
    {v1::STATE_REJECTED, v1::PARTNER_EVENT_KIND_REFUSE},
    {v1::STATE_CLOSED, v1::PARTNER_EVENT_KIND_FINISH},
    {v1::STATE_TERMINATED, v1::PARTNER_EVENT_KIND_FINISH},
    {v1::STATE_WITHDRAWN, v1::PARTNER_EVENT_KIND_WITHDRAW},
}};

class gap_finder {
 public:
  explicit gap_finder(const v1::Partner& config) : config_(config) {}

  std::vector<std::string> run() && {
    if (!config_.has_outbound()) return {};
    states();
    const bool sends = says(v1::PARTNER_EVENT_KIND_CREATE);
    const bool takes = domain::is_told(config_, v1::PARTNER_EVENT_KIND_CREATE);
    if (sends)
      miss(untold({v1::PARTNER_EVENT_KIND_ACCEPT, v1::PARTNER_EVENT_KIND_REFUSE,
                   v1::PARTNER_EVENT_KIND_FINISH, v1::PARTNER_EVENT_KIND_WITHDRAW,
                   v1::PARTNER_EVENT_KIND_ATTACH}),
           "sends tickets and never hears {}");
    if (takes) {
      miss(unsaid({v1::PARTNER_EVENT_KIND_REFUSE, v1::PARTNER_EVENT_KIND_FINISH}),
           "is given tickets and has no word for {}: they would wait for ever");
      miss(untold({v1::PARTNER_EVENT_KIND_WITHDRAW, v1::PARTNER_EVENT_KIND_SUPPLEMENT,
                   v1::PARTNER_EVENT_KIND_ATTACH}),
           "is given tickets and never hears {}");
    } else {
      miss(said({v1::PARTNER_EVENT_KIND_ACCEPT, v1::PARTNER_EVENT_KIND_SIGN,
                 v1::PARTNER_EVENT_KIND_FINISH}),
           "has words for {} but is never told CREATE: nothing can be transferred to it");
    }
    const bool both_ways = config_.has_inbound() && config_.has_outbound();
    if (both_ways && !config_.inactive() && config_.reconciliation().list_url().empty())
      gaps_.push_back(
          fmt::format("partner {} has no reconciliation: what is lost on the way is never found",
                      config_.name()));
    return std::move(gaps_);
  }

 private:
  bool says(v1::PartnerEventKind kind) const {
    const auto& in = config_.inbound();
    if (config_.has_inbound() && in.event_path().empty())
      return kind == v1::PARTNER_EVENT_KIND_CREATE;
    return std::ranges::find(in.events(), kind, &v1::EventWord::kind) != in.events().end();
  }

  template <class Predicate>
  static std::vector<std::string> those(kind_list kinds, Predicate wanted) {
    std::vector<std::string> names;
    for (const auto kind : kinds)
      if (wanted(kind)) names.push_back(short_name(kind));
    return names;
  }
  std::vector<std::string> untold(kind_list kinds) const {
    return those(kinds, [&](auto kind) { return !domain::is_told(config_, kind); });
  }
  std::vector<std::string> unsaid(kind_list kinds) const {
    return those(kinds, [&](auto kind) { return !says(kind); });
  }
  std::vector<std::string> said(kind_list kinds) const {
    return those(kinds, [&](auto kind) { return says(kind); });
  }

  void miss(const std::vector<std::string>& names, fmt::format_string<std::string> sentence) {
    if (names.empty()) return;
    gaps_.push_back(fmt::format("partner {} ", config_.name()) +
                    fmt::format(sentence, fmt::format("{}", fmt::join(names, ", "))));
  }

  bool has_word(v1::State state) const {
    return std::ranges::find(config_.states(), state, &v1::StateWord::state) !=
           config_.states().end();
  }

  void states() {
    const auto& fields = config_.outbound().fields();
    const bool told = std::ranges::find(fields, "state", &v1::FieldMapping::ours) != fields.end();
    if (config_.states().empty() && !told) return;
    std::vector<std::string> silent;
    std::vector<std::string> wordless;
    for (const telling_event& one : telling_events)
      if (has_word(one.state) && !domain::is_told(config_, one.kind))
        silent.push_back(short_name(one.state));
    for (int number = v1::State_MIN; number <= v1::State_MAX; ++number) {
      if (!v1::State_IsValid(number) || number == v1::STATE_UNSPECIFIED) continue;
      const auto state = static_cast<v1::State>(number);
      if (!has_word(state)) wordless.push_back(short_name(state));
    }
    miss(silent, "has words for the states {} and is never told the event that says so");
    miss(wordless, "has no word for the states {}: what it hears then has no state");
    if (!told && !config_.has_reconciliation())
      gaps_.push_back(
          fmt::format("partner {} has words for states that no field tells it", config_.name()));
  }

  const v1::Partner& config_;
  std::vector<std::string> gaps_;
};

}  // namespace

std::vector<std::string> partner_gaps(const v1::Partner& config) {
  return gap_finder(config).run();
}

}  // namespace hotline::exchange
