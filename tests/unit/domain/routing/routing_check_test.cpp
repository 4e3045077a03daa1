#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/domain/routing/shipped.hpp"

namespace hotline::domain {
namespace {

constexpr auto catch_all =
    R"(routing { rules { id: "rest" order: 999 target: ROUTE_TARGET_COUNTY } }
                              categories { categories { code: "wages" name: "x" } })";

std::vector<config_mistake> check(const std::string& policies) {
  return check_routing(parsed<v1::Policies>(policies), shipped().units);
}

/// The mistakes of a good configuration with something added.
std::vector<config_mistake> check_with(const std::string& addition) {
  auto policies = parsed<v1::Policies>(catch_all);
  policies.MergeFrom(parsed<v1::Policies>(addition));
  return check_routing(policies, shipped().units);
}

bool reports(const std::vector<config_mistake>& mistakes, const std::string& path,
             const std::string& words) {
  return std::any_of(mistakes.begin(), mistakes.end(), [&](const config_mistake& m) {
    return m.path == path && m.reason.find(words) != std::string::npos;
  });
}

TEST_CASE("the shipped rules have no mistake") {
  CHECK(check_routing(shipped().policies, shipped().units).empty());
  CHECK(check(catch_all).empty());
}

struct mistake_case {
  std::string what;
  std::string text;
  std::string path;
  std::string words;
};

TEST_CASE("each mistake of a rule is named") {
  const std::vector<mistake_case> cases = {
      {"no id", R"(rules { order: 1 target: ROUTE_TARGET_CITY kinds: KIND_HELP })",
       "routing.rules[1].id", "needs an id"},
      {"same id", R"(rules { id: "rest" order: 1 target: ROUTE_TARGET_CITY kinds: KIND_HELP })",
       "routing.rules[1].id", "two routing rules"},
      {"same order", R"(rules { id: "a" order: 999 target: ROUTE_TARGET_CITY kinds: KIND_HELP })",
       "routing.rules[1].order", "same order"},
      {"no effect", R"(rules { id: "a" order: 1 kinds: KIND_HELP })", "routing.rules[1]",
       "neither a target nor any effect"},
      {"unknown category",
       R"(rules { id: "a" order: 1 target: ROUTE_TARGET_CITY categories: ["wages", "wage"] })",
       "routing.rules[1].categories[1]", "unknown category 'wage'"},
      {"unknown unit",
       R"(rules { id: "a" order: 1 kinds: KIND_HELP target: ROUTE_TARGET_UNIT unit: "379999" })",
       "routing.rules[1].unit", "unknown unit '379999'"},
      {"unit without target",
       R"(rules { id: "a" order: 1 kinds: KIND_HELP target: ROUTE_TARGET_CITY unit: "370100" })",
       "routing.rules[1].unit", "not ROUTE_TARGET_UNIT"},
      {"unknown region", R"(rules { id: "a" order: 1 target: ROUTE_TARGET_CITY region: "379999" })",
       "routing.rules[1].region", "unknown region"},
      {"region that is none",
       R"(rules { id: "a" order: 1 target: ROUTE_TARGET_CITY region: "p-12348" })",
       "routing.rules[1].region", "unknown region"},
      {"unknown helper", R"(rules { id: "a" order: 1 people_min: 3 co_units: "x" })",
       "routing.rules[1].co_units[0]", "unknown unit 'x'"},
      {"negative people", R"(rules { id: "a" order: 1 people_min: -1 priority: true })",
       "routing.rules[1].people_min", "negative"},
      {"behind the catch-all",
       R"(rules { id: "a" order: 1000 target: ROUTE_TARGET_CITY kinds: KIND_HELP })",
       "routing.rules[1].order", "never reached"},
      {"urgency without id", R"(urgency_rules { urgency: URGENCY_URGENT people_min: 1 })",
       "routing.urgency_rules[0].id", "needs an id"},
      {"urgency twice",
       R"(urgency_rules { id: "a" urgency: URGENCY_URGENT people_min: 1 }
          urgency_rules { id: "a" urgency: URGENCY_URGENT people_min: 1 })",
       "routing.urgency_rules[1].id", "two urgency rules"},
      {"urgency that raises nothing",
       R"(urgency_rules { id: "a" urgency: URGENCY_NORMAL people_min: 1 })",
       "routing.urgency_rules[0].urgency", "URGENCY_URGENT or"},
      {"urgency of everything", R"(urgency_rules { id: "a" urgency: URGENCY_URGENT })",
       "routing.urgency_rules[0]", "no condition"},
      {"empty word", R"(urgency_rules { id: "a" urgency: URGENCY_URGENT words: ["a", " "] })",
       "routing.urgency_rules[0].words[1]", "empty word"},
      {"word with a space", R"(urgency_rules { id: "a" urgency: URGENCY_URGENT words: "停 工" })",
       "routing.urgency_rules[0].words[0]", "'停工'"},
      {"unless that contains no word",
       R"(urgency_rules { id: "a" urgency: URGENCY_URGENT words: "停工" unless_words: "留薪" })",
       "routing.urgency_rules[0].unless_words[0]", "not longer"},
      {"unless that is the word itself",
       R"(urgency_rules { id: "a" urgency: URGENCY_URGENT words: "停工" unless_words: "停工" })",
       "routing.urgency_rules[0].unless_words[0]", "not longer"},
      {"empty unless",
       R"(urgency_rules { id: "a" urgency: URGENCY_URGENT words: "停工" unless_words: "" })",
       "routing.urgency_rules[0].unless_words[0]", "empty word"},
  };
  for (const mistake_case& one : cases) {
    CAPTURE(one.what);
    const auto mistakes = check_with("routing { " + one.text + " }");
    CHECK(reports(mistakes, one.path, one.words));
    CHECK(mistakes.size() == 1);
  }
}

TEST_CASE("something must catch what no rule does") {
  CHECK(reports(check(""), "routing.rules", "no other rule catches"));
  CHECK(reports(check(R"(routing { rules { id: "a" order: 1 kinds: KIND_HELP
                                           target: ROUTE_TARGET_CITY } })"),
                "routing.rules", "no other rule catches"));
}

TEST_CASE("a capability that no unit has is a mistake") {
  CHECK(reports(
      check_with(R"(categories { categories { code: "a" name: "a" capability: "flying" } })"),
      "categories.categories[1].capability", "'flying'"));
}

}  // namespace
}  // namespace hotline::domain
