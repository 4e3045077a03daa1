#include "common/domain/routing.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace hotline::domain {
namespace {

/// From this size a matter is collective (调解仲裁法 Art. 7: joint representation).
constexpr std::int32_t collective_people_min = 10;

/// Where the matter belongs, before any rule is asked.
struct matter_place {
  std::string_view unit;  ///< a union below the province; empty: none could be told
  bool sure = false;
  std::string reason;
};

const v1::Category* find_category(const v1::CategoryTree& tree, std::string_view code) {
  const auto& all = tree.categories();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const v1::Category& one) { return one.code() == code; });
  return found == all.end() ? nullptr : &*found;
}

bool has_capability(const v1::Unit& unit, std::string_view capability) {
  const auto& own = unit.capabilities();
  return !unit.inactive() && std::find(own.begin(), own.end(), capability) != own.end();
}

/// The nearest unit from `unit` upwards that has the capability, itself or in an office of its own.
std::string_view nearest_capable(const organisation& units, std::string_view unit,
                                 std::string_view capability) {
  for (; !unit.empty(); unit = units.parent(unit)) {
    if (has_capability(*units.find(unit), capability)) return unit;
    for (const std::string_view child : units.children(unit)) {
      const v1::Unit::Level level = units.level(child);
      const bool office = level == v1::Unit::DEPARTMENT || level == v1::Unit::TEAM;
      if (office && has_capability(*units.find(child), capability)) return child;
    }
  }
  return {};
}

std::string_view city_of(const organisation& units, std::string_view unit) {
  while (!unit.empty() && units.level(unit) != v1::Unit::CITY) unit = units.parent(unit);
  return unit;
}

/// The union a code stands for, if it is one below the province.
std::string_view union_below_province(const organisation& units, std::string_view code) {
  const std::string_view found = units.union_of(code);
  return found == units.province_desk() ? std::string_view() : found;
}

/// Several divisions fit: their city when it is the same for all.
matter_place place_of_candidates(const organisation& units, const region_match& match) {
  const std::string_view city = city_of(units, match.candidates.front());
  const bool one_city =
      std::all_of(match.candidates.begin(), match.candidates.end(),
                  [&](const std::string& code) { return city_of(units, code) == city; });
  return {
      .unit = one_city ? city : std::string_view(),
      .sure = false,
      .reason = fmt::format("“{}”可能是{}个地方，请核实", match.matched, match.candidates.size())};
}

std::optional<matter_place> place_in_text(const routing_basis& basis, std::string_view text,
                                          bool stated) {
  const region_match match = basis.regions.recognise(text);
  switch (match.certainty) {
    case region_certainty::certain:
    case region_certainty::likely:
      return matter_place{.unit = basis.units.union_of(match.code),
                          .sure = stated,
                          .reason = fmt::format("由“{}”识别地区", match.matched)};
    case region_certainty::ambiguous: return place_of_candidates(basis.units, match);
    case region_certainty::outside:
      return matter_place{
          .unit = {}, .sure = false, .reason = fmt::format("“{}”不在本省", match.matched)};
    case region_certainty::unknown: break;
  }
  return std::nullopt;
}

/// What was entered counts most, then what was said about the place, then where a partner sits,
/// then what the text lets one guess.
matter_place find_place(const v1::Intake& intake, const routing_basis& basis) {
  const organisation& units = basis.units;
  if (const std::string& region = intake.matter().region(); !region.empty()) {
    if (!units.contains(region))
      return {.unit = {}, .sure = false, .reason = fmt::format("地区代码{}不在本省", region)};
    if (const auto found = union_below_province(units, region); !found.empty())
      return {.unit = found, .sure = true, .reason = {}};
  }
  for (const std::string& text : {intake.matter().place(), intake.employer().address()})
    if (auto place = place_in_text(basis, text, true)) return *place;
  if (const auto found = union_below_province(units, intake.external_partner()); !found.empty())
    return {.unit = found, .sure = true, .reason = "按来件单位所在地"};
  for (const std::string& text :
       {intake.employer().name(), intake.title() + "\n" + intake.matter().content()})
    if (auto place = place_in_text(basis, text, false)) return *place;
  return {.unit = {}, .sure = false, .reason = "未说明事发地"};
}

template <class List, class Value>
bool empty_or_has(const List& list, const Value& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool is_key_person(const v1::Intake& intake) {
  return intake.matter().people() >= collective_people_min || intake.caller().hardship() ||
         intake.caller().migrant_worker();
}

bool holds(const v1::RoutingRule& rule, const v1::Intake& intake, v1::Urgency urgency,
           std::string_view place, const organisation& units) {
  const v1::Matter& matter = intake.matter();
  const bool category_fits =
      rule.categories().empty() ||
      std::any_of(rule.categories().begin(), rule.categories().end(),
                  [&](const auto& code) { return covers_category(code, matter.category()); });
  return category_fits && empty_or_has(rule.kinds(), matter.kind()) &&
         empty_or_has(rule.urgencies(), urgency) && empty_or_has(rule.sources(), intake.source()) &&
         (rule.region().empty() || units.is_in_subtree(place, rule.region())) &&
         (!rule.platform_worker() ||
          intake.caller().platform_work() != v1::PLATFORM_WORK_UNSPECIFIED) &&
         (!rule.key_person() || is_key_person(intake)) && matter.people() >= rule.people_min();
}

template <class List, class Value>
void add_once(List& list, const Value& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.emplace_back(value);
}

class proposer {
 public:
  proposer(const v1::Intake& intake, const routing_basis& basis)
      : intake_(intake), basis_(basis), units_(basis.units), place_(find_place(intake, basis)) {}

  route_proposal run(instant now) {
    propose_urgency_and_disposal(now);
    proposal_.region = place_.unit;
    proposal_.sure = true;
    if (!place_.reason.empty()) proposal_.reasons.push_back(place_.reason);
    const v1::RoutingRule* rule = apply_rules();
    if (const std::string& complained = intake_.matter().complained_unit(); !complained.empty())
      send_above(complained);
    else if (place_.unit.empty())
      send_to_desk();
    else
      send_by(rule);
    doubt_missing_facts();
    settle_unit();
    return std::move(proposal_);
  }

 private:
  void propose_urgency_and_disposal(instant now) {
    const urgency_proposal words = propose_urgency(intake_, now, basis_.policies.routing());
    proposal_.urgency = std::max({v1::URGENCY_NORMAL, intake_.urgency(), words.urgency});
    if (!words.reason.empty()) proposal_.reasons.push_back(words.reason);
    const v1::Kind kind = intake_.matter().kind();
    if (kind == v1::KIND_CONSULT || kind == v1::KIND_SUGGEST || kind == v1::KIND_PRAISE) return;
    if (const auto answer = triage(intake_.matter())) {
      proposal_.disposals.push_back(answer->disposal);
      proposal_.triage_rule = answer->rule;
    }
  }

  /// Adds what matching rules say, up to the first with a target, which is returned.
  const v1::RoutingRule* apply_rules() {
    std::vector<const v1::RoutingRule*> rules;
    for (const v1::RoutingRule& rule : basis_.policies.routing().rules()) rules.push_back(&rule);
    std::sort(rules.begin(), rules.end(),
              [](const auto* a, const auto* b) { return a->order() < b->order(); });
    for (const v1::RoutingRule* rule : rules) {
      if (!holds(*rule, intake_, proposal_.urgency, place_.unit, units_)) continue;
      apply(*rule);
      if (rule->target() != v1::ROUTE_TARGET_UNSPECIFIED) {
        proposal_.rule = rule->id();
        return rule;
      }
    }
    return nullptr;
  }

  void apply(const v1::RoutingRule& rule) {
    proposal_.grade = std::max(proposal_.grade, rule.grade());
    proposal_.urgency = std::max(proposal_.urgency, rule.urgency_at_least());
    proposal_.priority = proposal_.priority || rule.priority();
    for (const std::string& unit : rule.co_units()) add_once(proposal_.co_units, unit);
    for (const int disposal : rule.disposals())
      add_once(proposal_.disposals, static_cast<v1::Disposal>(disposal));
    if (!rule.reason().empty()) proposal_.reasons.push_back(rule.reason());
  }

  void send_to_desk() {
    proposal_.unit = units_.province_desk();
    proposal_.sure = false;
  }

  void doubt(std::string reason) {
    proposal_.sure = false;
    proposal_.reasons.push_back(std::move(reason));
  }

  /// A union never handles a complaint about itself.
  void send_above(std::string_view complained) {
    const std::string_view superior = units_.superior_of(complained);
    proposal_.unit = superior.empty() ? units_.province_desk() : superior;
    if (!units_.contains(complained)) {
      doubt(fmt::format("被投诉单位{}不在组织树中", complained));
    } else if (superior.empty()) {
      doubt("被投诉单位是省级工会，请转全国总工会");
    } else {
      proposal_.reasons.push_back(
          fmt::format("涉及{}，由其上级办理", units_.find(complained)->name()));
    }
    std::erase_if(proposal_.co_units,
                  [&](const std::string& unit) { return units_.is_in_subtree(unit, complained); });
  }

  void send_by(const v1::RoutingRule* rule) {
    if (!place_.sure) proposal_.sure = false;
    switch (rule ? rule->target() : v1::ROUTE_TARGET_PROVINCE_DESK) {
      case v1::ROUTE_TARGET_COUNTY: return send_to_capable(place_.unit);
      case v1::ROUTE_TARGET_CITY: return send_to_capable(city_of(units_, place_.unit));
      case v1::ROUTE_TARGET_UNIT: proposal_.unit = rule->unit(); return;
      case v1::ROUTE_TARGET_SUPERIOR_OF_COMPLAINED:
        proposal_.unit = units_.superior_of(place_.unit);
        return doubt("未写明被投诉单位，暂按事发地工会的上级");
      default: return send_to_desk();
    }
  }

  void send_to_capable(std::string_view unit) {
    proposal_.unit = unit;
    const std::string_view capability =
        needed_capability(basis_.policies.categories(), intake_.matter().category());
    if (capability.empty()) return;
    const std::string_view capable = nearest_capable(units_, unit, capability);
    if (capable.empty()) return doubt("没有单位承担此项职能");
    proposal_.unit = capable;
  }

  void doubt_missing_facts() {
    const v1::Matter& matter = intake_.matter();
    if (!find_category(basis_.policies.categories(), matter.category())) doubt("类别待定");
    if (matter.kind() == v1::KIND_UNSPECIFIED) doubt("诉求类型待定");
  }

  void settle_unit() {
    const std::string_view working = units_.nearest_active(proposal_.unit);
    if (working != proposal_.unit) {
      proposal_.reasons.push_back(fmt::format(
          "{}已停用，由{}办理", units_.find(proposal_.unit)->name(), units_.find(working)->name()));
      proposal_.unit = working;
    }
    std::vector<std::string> helpers;
    for (const std::string& unit : proposal_.co_units) {
      const std::string_view helper = units_.nearest_active(unit);
      if (helper != proposal_.unit) add_once(helpers, helper);
    }
    proposal_.co_units = std::move(helpers);
  }

  const v1::Intake& intake_;
  const routing_basis& basis_;
  const organisation& units_;
  const matter_place place_;
  route_proposal proposal_;
};

}  // namespace

bool covers_category(std::string_view code, std::string_view category) {
  return category.starts_with(code) &&
         (category.size() == code.size() || category[code.size()] == '.');
}

std::string_view needed_capability(const v1::CategoryTree& tree, std::string_view code) {
  const v1::Category* category = find_category(tree, code);
  if (category && category->capability().empty() && !category->parent().empty())
    category = find_category(tree, category->parent());
  return category ? std::string_view(category->capability()) : std::string_view();
}

std::optional<triage_answer> triage(const v1::Matter& matter) {
  const auto facts = matter.facts_clear();
  const auto breach = matter.breach_clear();
  if (matter.complex() == v1::ANSWER_YES) return triage_answer{v1::DISPOSAL_JOINT, "triage.joint"};
  if (matter.aid_conditions_met() == v1::ANSWER_YES)
    return triage_answer{v1::DISPOSAL_LAWYER, "triage.lawyer"};
  if (facts == v1::ANSWER_YES && breach == v1::ANSWER_YES)
    return triage_answer{v1::DISPOSAL_CADRE_MEDIATION, "triage.cadre-mediation"};
  if (facts == v1::ANSWER_NO || breach == v1::ANSWER_NO)
    return triage_answer{v1::DISPOSAL_MODEL_WORKER_MEDIATION, "triage.model-worker-mediation"};
  return std::nullopt;
}

route_proposal propose_route(const v1::Intake& intake, instant now, const routing_basis& basis) {
  return proposer(intake, basis).run(now);
}

}  // namespace hotline::domain
