// How faults are worded: a sentence in English and in Chinese for each, with a path and without.
#include "services/gateway/problems.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

namespace hotline::gateway {
namespace {

constexpr auto last_fault = static_cast<int>(json::fault_kind::forbidden_character);

/// "The field is unknown.": a subject, a verb, a full stop, and no second subject.
bool is_sentence(std::string_view text, std::string_view subject) {
  if (!text.starts_with(subject) || !text.ends_with('.')) return false;
  const auto rest = text.substr(subject.size());
  constexpr std::array verbs = {std::string_view(" is "), std::string_view(" must "),
                                std::string_view(" names "), std::string_view(" contains ")};
  return std::ranges::any_of(verbs, [&](std::string_view verb) { return rest.starts_with(verb); });
}

}  // namespace

TEST_CASE("every fault of a body reads well, with a path and without") {
  std::set<std::string> rules;
  for (int i = 0; i <= last_fault; ++i) {
    const auto kind = static_cast<json::fault_kind>(i);
    const auto of_field = problem_for_fault({kind, "intake.caller.phone", 7});
    const auto of_body = problem_for_fault({kind, "", 0});
    INFO(of_field.title_en);
    CHECK(is_sentence(of_field.title_en, "The field"));
    CHECK(is_sentence(of_body.title_en, "The body"));
    CHECK(of_field.title_zh.starts_with("字段内容有误："));
    CHECK(of_body.title_zh.starts_with("请求内容"));
    CHECK(of_field.title_zh.ends_with("。"));
    CHECK(of_field.field == "intake.caller.phone");
    CHECK(of_body.field.empty());
    rules.insert(of_field.rule);
  }
  CHECK(std::ssize(rules) == last_fault + 1);
}

TEST_CASE("a field that there is not is unknown") {
  const auto p = problem_for_fault({json::fault_kind::unknown_field, "intake.phone", 7});
  CHECK(p.title_en == "The field is unknown.");
  CHECK(p.title_zh == "字段内容有误：没有这个字段。");
}

}  // namespace hotline::gateway
