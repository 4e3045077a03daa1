// The rules of well-formed routing and urgency rules.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "common/domain/routing.hpp"

namespace hotline::domain {
namespace {

bool is_catch_all(const v1::RoutingRule& rule) {
  return rule.target() != v1::ROUTE_TARGET_UNSPECIFIED && rule.categories().empty() &&
         rule.kinds().empty() && rule.urgencies().empty() && rule.sources().empty() &&
         rule.region().empty() && !rule.platform_worker() && !rule.key_person() &&
         rule.people_min() <= 0;
}

bool has_effect(const v1::RoutingRule& rule) {
  return rule.target() != v1::ROUTE_TARGET_UNSPECIFIED || rule.priority() ||
         rule.grade() != v1::GRADE_UNSPECIFIED ||
         rule.urgency_at_least() != v1::URGENCY_UNSPECIFIED || !rule.co_units().empty() ||
         !rule.disposals().empty();
}

class checker {
 public:
  checker(const v1::Policies& policies, const organisation& units)
      : policies_(policies), routing_(policies.routing()), units_(units) {
    for (const v1::Category& one : policies.categories().categories())
      categories_.insert(one.code());
  }

  std::vector<config_mistake> run() {
    for (int i = 0; i < routing_.rules_size(); ++i) check_rule(i);
    check_reach();
    std::set<std::string> ids;
    for (int i = 0; i < routing_.urgency_rules_size(); ++i) check_urgency_rule(i, ids);
    check_capabilities();
    return std::move(mistakes_);
  }

 private:
  void report(std::string path, std::string reason) {
    mistakes_.push_back({std::move(path), std::move(reason)});
  }

  void check_rule(int i) {
    const v1::RoutingRule& rule = routing_.rules(i);
    const std::string path = fmt::format("routing.rules[{}]", i);
    if (rule.id().empty())
      report(path + ".id", "a routing rule needs an id");
    else if (!ids_.insert(rule.id()).second)
      report(path + ".id", fmt::format("there are two routing rules '{}'", rule.id()));
    if (const auto [other, fresh] = orders_.emplace(rule.order(), rule.id()); !fresh)
      report(path + ".order", fmt::format("rules '{}' and '{}' have the same order {}",
                                          other->second, rule.id(), rule.order()));
    if (!has_effect(rule))
      report(path, fmt::format("rule '{}' has neither a target nor any effect", rule.id()));
    if (rule.people_min() < 0) report(path + ".people_min", "people_min cannot be negative");
    for (int k = 0; k < rule.categories_size(); ++k)
      if (!categories_.contains(rule.categories(k)))
        report(fmt::format("{}.categories[{}]", path, k),
               fmt::format("rule '{}' names the unknown category '{}'", rule.id(),
                           rule.categories(k)));
    check_units(rule, path);
  }

  void check_units(const v1::RoutingRule& rule, const std::string& path) {
    const bool to_unit = rule.target() == v1::ROUTE_TARGET_UNIT;
    if (to_unit && !units_.contains(rule.unit()))
      report(path + ".unit",
             fmt::format("rule '{}' sends to the unknown unit '{}'", rule.id(), rule.unit()));
    if (!to_unit && !rule.unit().empty())
      report(
          path + ".unit",
          fmt::format("rule '{}' names a unit but its target is not ROUTE_TARGET_UNIT", rule.id()));
    if (!rule.region().empty() && !is_union(units_.level(rule.region())))
      report(path + ".region",
             fmt::format("rule '{}' names the unknown region '{}'", rule.id(), rule.region()));
    for (int k = 0; k < rule.co_units_size(); ++k)
      if (!units_.contains(rule.co_units(k)))
        report(fmt::format("{}.co_units[{}]", path, k),
               fmt::format("rule '{}' names the unknown unit '{}'", rule.id(), rule.co_units(k)));
  }

  /// Some rule must catch what no other does, and none may stand behind it.
  void check_reach() {
    const auto& rules = routing_.rules();
    const auto first = std::min_element(rules.begin(), rules.end(),
                                        [](const v1::RoutingRule& a, const v1::RoutingRule& b) {
                                          if (is_catch_all(a) != is_catch_all(b))
                                            return is_catch_all(a);
                                          return a.order() < b.order();
                                        });
    if (first == rules.end() || !is_catch_all(*first))
      return report("routing.rules",
                    "one rule needs a target and no condition, for what no other rule catches");
    for (int i = 0; i < routing_.rules_size(); ++i)
      if (rules[i].order() > first->order())
        report(fmt::format("routing.rules[{}].order", i),
               fmt::format("rule '{}' is never reached: '{}' before it catches everything",
                           rules[i].id(), first->id()));
  }

  void check_urgency_rule(int i, std::set<std::string>& ids) {
    const v1::UrgencyRule& rule = routing_.urgency_rules(i);
    const std::string path = fmt::format("routing.urgency_rules[{}]", i);
    if (rule.id().empty())
      report(path + ".id", "an urgency rule needs an id");
    else if (!ids.insert(rule.id()).second)
      report(path + ".id", fmt::format("there are two urgency rules '{}'", rule.id()));
    if (rule.urgency() != v1::URGENCY_URGENT && rule.urgency() != v1::URGENCY_CRITICAL)
      report(
          path + ".urgency",
          fmt::format("urgency rule '{}' must say URGENCY_URGENT or URGENCY_CRITICAL", rule.id()));
    if (rule.people_min() < 0) report(path + ".people_min", "people_min cannot be negative");
    if (rule.legal_limit_days_below() < 0)
      report(path + ".legal_limit_days_below", "legal_limit_days_below cannot be negative");
    if (rule.words().empty() && rule.people_min() <= 0 && !rule.employer_absconded() &&
        !rule.media_attention() && rule.legal_limit_days_below() <= 0)
      report(path, fmt::format("urgency rule '{}' has no condition: everything would be urgent",
                               rule.id()));
    for (int k = 0; k < rule.words_size(); ++k)
      check_word(fmt::format("{}.words[{}]", path, k), rule.words(k));
    for (int k = 0; k < rule.unless_words_size(); ++k)
      check_unless_word(fmt::format("{}.unless_words[{}]", path, k), rule, rule.unless_words(k));
  }

  /// Words are compared as they stand here with a text that has lost its spaces and full-width
  /// forms.
  void check_word(std::string path, const std::string& word) {
    const std::string plain = normalise_place(word);
    if (plain.empty())
      report(std::move(path), "an empty word");
    else if (plain != word)
      report(std::move(path), fmt::format("write '{}' as it is compared: '{}'", word, plain));
  }

  void check_unless_word(std::string path, const v1::UrgencyRule& rule, const std::string& word) {
    const bool longer =
        std::any_of(rule.words().begin(), rule.words().end(), [&](const std::string& part) {
          return !part.empty() && part != word && word.find(part) != std::string::npos;
        });
    if (!longer && !normalise_place(word).empty())
      report(std::move(path), fmt::format("'{}' is not longer than a word of rule '{}' it contains",
                                          word, rule.id()));
    else
      check_word(std::move(path), word);
  }

  void check_capabilities() {
    std::set<std::string_view> offered;
    for (const v1::Unit& unit : units_.units())
      if (!unit.inactive()) offered.insert(unit.capabilities().begin(), unit.capabilities().end());
    for (int i = 0; i < policies_.categories().categories_size(); ++i) {
      const v1::Category& one = policies_.categories().categories(i);
      if (!one.capability().empty() && !offered.contains(one.capability()))
        report(fmt::format("categories.categories[{}].capability", i),
               fmt::format("no unit has the capability '{}' that category '{}' asks for",
                           one.capability(), one.code()));
    }
  }

  const v1::Policies& policies_;
  const v1::RoutingPolicy& routing_;
  const organisation& units_;
  std::set<std::string_view> categories_;
  std::set<std::string> ids_;
  std::map<std::int32_t, std::string> orders_;
  std::vector<config_mistake> mistakes_;
};

}  // namespace

std::vector<config_mistake> check_routing(const v1::Policies& policies, const organisation& units) {
  return checker(policies, units).run();
}

}  // namespace hotline::domain
