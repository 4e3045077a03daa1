#include "common/domain/organisation.hpp"

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <string>

namespace hotline::domain {
namespace {

v1::OrganisationConfig parse(const std::string& text) {
  v1::OrganisationConfig config;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &config));
  return config;
}

constexpr auto small_province = R"(
  units { code: "370000" level: PROVINCE name: "山东省" desk: true }
  units { code: "370883" parent: "370800" level: COUNTY name: "邹城市" }
  units { code: "370800" parent: "370000" level: CITY name: "济宁市" desk: true }
  units { code: "370100" parent: "370000" level: CITY name: "济南市" }
  units { code: "370103" parent: "370100" level: COUNTY name: "市中区" }
  units { code: "370176" parent: "370100" level: ZONE name: "济南高新技术产业开发区" }
  units { code: "370100-d01" parent: "370100" level: DEPARTMENT name: "市总法律援助中心" }
  units { code: "370883-s01" parent: "370883" level: STREET name: "钢山街道" }
  units { code: "370883-s01-p01" parent: "370883-s01" level: POINT name: "某矿服务点" }
  units { code: "p-12345-370100" parent: "370100" level: PARTNER name: "济南12345" }
  units { code: "p-12348" parent: "370000" level: PARTNER name: "12348" }
  aliases { text: "邹县" code: "370883" kind: FORMER_NAME }
)";

organisation built(const v1::OrganisationConfig& config) {
  auto tree = build_organisation(config);
  REQUIRE_MESSAGE(tree.has_value(), (tree ? "" : tree.error().detail));
  return std::move(*tree);
}

bool mentions(const std::vector<config_mistake>& mistakes, std::string_view path,
              std::string_view words) {
  return std::any_of(mistakes.begin(), mistakes.end(), [&](const config_mistake& m) {
    return m.path == path && m.reason.find(words) != std::string::npos;
  });
}

using codes = std::vector<std::string_view>;

TEST_CASE("units are found by code, and an unknown code is a clear failure") {
  const organisation tree = built(parse(small_province));
  REQUIRE(tree.find("370883") != nullptr);
  CHECK(tree.find("370883")->name() == "邹城市");
  CHECK(tree.find("370999") == nullptr);
  const auto missing = tree.require("370999");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == errc::not_found);
  CHECK(missing.error().detail.find("370999") != std::string::npos);
  CHECK(tree.level("370176") == v1::Unit::ZONE);
  CHECK(tree.level("nowhere") == v1::Unit::LEVEL_UNSPECIFIED);
  CHECK(tree.province_desk() == "370000");
}

TEST_CASE("the tree is walked up and down, whatever the order of the configuration") {
  const organisation tree = built(parse(small_province));
  CHECK(tree.ancestors("370883-s01-p01") == codes{"370883-s01", "370883", "370800", "370000"});
  CHECK(tree.ancestors("370000").empty());
  CHECK(tree.children("370100") == codes{"370103", "370176", "370100-d01", "p-12345-370100"});
  CHECK(tree.children("370103").empty());
  CHECK(tree.subtree("370800").size() == 4);
  CHECK(tree.subtree("370000").size() == tree.units().size());
  CHECK(tree.subtree("nowhere").empty());
}

TEST_CASE("a subtree holds its root and all below, and nothing beside") {
  const organisation tree = built(parse(small_province));
  CHECK(tree.is_in_subtree("370883-s01-p01", "370800"));
  CHECK(tree.is_in_subtree("370800", "370800"));
  CHECK(tree.is_in_subtree("p-12345-370100", "370100"));
  CHECK_FALSE(tree.is_in_subtree("370800", "370883"));
  CHECK_FALSE(tree.is_in_subtree("370883", "370100"));
  CHECK_FALSE(tree.is_in_subtree("370999", "370000"));
  CHECK_FALSE(tree.is_in_subtree("370883", "370999"));
}

TEST_CASE("every pair of units agrees with the chain of parents") {
  const organisation tree = built(parse(small_province));
  for (const v1::Unit& unit : tree.units()) {
    const codes above = tree.ancestors(unit.code());
    for (const v1::Unit& root : tree.units()) {
      const bool expected = unit.code() == root.code() ||
                            std::find(above.begin(), above.end(), root.code()) != above.end();
      CHECK(tree.is_in_subtree(unit.code(), root.code()) == expected);
    }
  }
}

TEST_CASE("who may decide about a unit") {
  const organisation tree = built(parse(small_province));
  CHECK(tree.superior_of("370883") == "370800");
  CHECK(tree.superior_of("370800") == "370000");
  CHECK(tree.superior_of("370883-s01-p01") == "370883");  // a street station does not decide
  CHECK(tree.superior_of("370100-d01") == "370100");
  CHECK(tree.superior_of("p-12345-370100") == "370100");
  CHECK(tree.superior_of("370176") == "370100");
  CHECK(tree.superior_of("370000").empty());
  CHECK(tree.superior_of("370999").empty());
}

TEST_CASE("who may decide between two units") {
  const organisation tree = built(parse(small_province));
  CHECK(tree.common_superior("370103", "370176") == "370100");
  CHECK(tree.common_superior("370103", "370883") == "370000");
  CHECK(tree.common_superior("370800", "370883") == "370000");  // nobody judges his own matter
  CHECK(tree.common_superior("370883", "370883") == "370800");
  CHECK(tree.common_superior("370000", "370883") == "370000");
  CHECK(tree.common_superior("370883", "370000") == "370000");
  CHECK(tree.common_superior("370883", "370999").empty());
}

TEST_CASE("an inactive unit is replaced by its nearest working superior") {
  auto config = parse(small_province);
  for (auto& unit : *config.mutable_units())
    if (unit.code() == "370800" || unit.code() == "370883") unit.set_inactive(true);
  const organisation tree = built(config);
  CHECK(tree.nearest_active("370883") == "370000");
  CHECK(tree.nearest_active("370883-s01") == "370883-s01");
  CHECK(tree.superior_of("370883-s01") == "370000");
  CHECK(tree.nearest_active("370103") == "370103");
  CHECK(tree.nearest_active("370999").empty());
}

TEST_CASE("the union a unit belongs to") {
  const organisation tree = built(parse(small_province));
  CHECK(tree.union_of("370883-s01-p01") == "370883");
  CHECK(tree.union_of("370176") == "370176");
  CHECK(tree.union_of("p-12348") == "370000");
}

TEST_CASE("the shard is the first four digits of the city") {
  const organisation tree = built(parse(small_province));
  CHECK(tree.shard_of("370883-s01-p01") == "3708");
  CHECK(tree.shard_of("370800") == "3708");
  CHECK(tree.shard_of("p-12345-370100") == "3701");
  CHECK(tree.shard_of("370000") == "3700");
  CHECK(tree.shard_of("p-12348") == "3700");
  CHECK(tree.shard_of("who knows") == "3700");
  CHECK(tree.shards() == codes{"3700", "3701", "3708"});
}

TEST_CASE("the tree survives being moved") {
  organisation first = built(parse(small_province));
  const organisation tree = std::move(first);
  CHECK(tree.find("370883")->code() == "370883");
  CHECK(tree.shards() == codes{"3700", "3701", "3708"});
  CHECK(tree.ancestors("370883") == codes{"370800", "370000"});
}

struct broken {
  const char* what;
  const char* text;
  const char* path;
  const char* words;
};

TEST_CASE("a configuration with a mistake is not built, and the mistake is named") {
  constexpr auto base = R"(units { code: "370000" level: PROVINCE name: "山东省" desk: true } )";
  const broken cases[] = {
      {"no code", R"(units { parent: "370000" level: CITY name: "x" })", "units[1].code",
       "not a unit code"},
      {"capitals", R"(units { code: "P-1" parent: "370000" level: PARTNER name: "x" })",
       "units[1].code", "not a unit code"},
      {"too long",
       R"(units { code: "p-1234567890123456789012345678901" parent: "370000" level: PARTNER name: "x" })",
       "units[1].code", "not a unit code"},
      {"twice", R"(units { code: "370000" level: PROVINCE name: "山东省" desk: true })",
       "units[1].code", "defined twice"},
      {"no name", R"(units { code: "370800" parent: "370000" level: CITY })", "units[1].name",
       "no name"},
      {"no level", R"(units { code: "370800" parent: "370000" name: "x" })", "units[1].level",
       "no level"},
      {"no parent", R"(units { code: "370800" level: CITY name: "x" })", "units[1].parent",
       "has no parent"},
      {"unknown parent", R"(units { code: "370801" parent: "370800" level: COUNTY name: "x" })",
       "units[1].parent", "does not exist"},
      {"its own parent", R"(units { code: "370800" parent: "370800" level: CITY name: "x" })",
       "units[1].parent", "cannot stand below"},
      {"county under province",
       R"(units { code: "370801" parent: "370000" level: COUNTY name: "x" })", "units[1].parent",
       "cannot stand below"},
      {"short division", R"(units { code: "3708" parent: "370000" level: CITY name: "x" })",
       "units[1].code", "six digits"},
      {"other province's city",
       R"(units { code: "210200" parent: "370000" level: CITY name: "x" })", "units[1].code",
       "first 2 digits differ"},
      {"city like a county", R"(units { code: "370883" parent: "370000" level: CITY name: "x" })",
       "units[1].code", "must end in 00"},
      {"county of another city",
       R"(units { code: "370800" parent: "370000" level: CITY name: "x" }
          units { code: "370103" parent: "370800" level: COUNTY name: "x" })",
       "units[2].code", "first 4 digits differ"},
      {"department elsewhere",
       R"(units { code: "370800-d01" parent: "370000" level: DEPARTMENT name: "x" })",
       "units[1].code", "must start with its parent's"},
      {"partner without p-",
       R"(units { code: "x-12348" parent: "370000" level: PARTNER name: "x" })", "units[1].code",
       "must start with 'p-'"},
      {"alias to nowhere", R"(aliases { text: "胶南市" code: "370211" })", "aliases[0].code",
       "unknown unit"},
      {"alias without text", R"(aliases { code: "370000" })", "aliases[0].text", "without text"},
      {"alias twice",
       R"(aliases { text: "a" code: "370000" } aliases { text: "a" code: "370000" })",
       "aliases[1].text", "given twice"},
      {"alias with two meanings",
       R"(units { code: "370800" parent: "370000" level: CITY name: "x" }
          aliases { text: "a" code: "370000" } aliases { text: "a" code: "370800" })",
       "aliases[1].text", "means both"},
      {"alias of a department",
       R"(units { code: "370000-d01" parent: "370000" level: DEPARTMENT name: "x" }
          aliases { text: "a" code: "370000-d01" })",
       "aliases[0].code", "not a place"},
  };
  for (const broken& one : cases) {
    CAPTURE(one.what);
    const auto config = parse(std::string(base) + one.text);
    const auto mistakes = check_organisation(config);
    CHECK(mentions(mistakes, one.path, one.words));
    const auto tree = build_organisation(config);
    REQUIRE_FALSE(tree.has_value());
    CHECK(tree.error().code == errc::misconfigured);
    CHECK(tree.error().detail.find(one.words) != std::string::npos);
  }
}

TEST_CASE("the province must be there, once, working, and a desk") {
  const auto reports = [](const char* text, const char* path, const char* words) {
    return mentions(check_organisation(parse(text)), path, words);
  };
  CHECK(reports("", "units", "no province"));
  CHECK(reports(R"(units { code: "370000" level: PROVINCE name: "x" })", "units[0].desk", "desk"));
  CHECK(reports(R"(units { code: "370000" level: PROVINCE name: "x" desk: true inactive: true })",
                "units[0].inactive", "last resort"));
  CHECK(reports(R"(units { code: "370000" level: PROVINCE name: "x" desk: true parent: "1" })",
                "units[0].parent", "cannot have a parent"));
  CHECK(reports(R"(units { code: "370000" level: PROVINCE name: "x" desk: true }
                   units { code: "210000" level: PROVINCE name: "y" desk: true })",
                "units[1].level", "second province"));
}

TEST_CASE("all mistakes are reported together") {
  const auto mistakes = check_organisation(parse(R"(
    units { code: "370000" level: PROVINCE name: "山东省" desk: true }
    units { code: "370801" parent: "370800" level: COUNTY name: "x" }
    units { code: "Q" parent: "370000" level: CITY name: "" }
    aliases { text: "胶南市" code: "370211" })"));
  CHECK(mistakes.size() == 5);  // parent; code twice over (form, digits); name; alias
}

}  // namespace
}  // namespace hotline::domain
