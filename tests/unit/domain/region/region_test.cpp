#include "common/domain/region.hpp"

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "hotline/v1/config.pb.h"

namespace hotline::domain {
namespace {

using rc = region_certainty;

organisation shipped_province() {
  v1::HotlineConfig config;
  for (const auto& entry : std::filesystem::directory_iterator(HOTLINE_ORGANISATION_DIR)) {
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    v1::HotlineConfig part;
    REQUIRE(google::protobuf::TextFormat::ParseFromString(text.str(), &part));
    config.MergeFrom(part);
  }
  auto built = build_organisation(config.organisation());
  REQUIRE_MESSAGE(built.has_value(), (built ? "" : built.error().detail));
  return std::move(*built);
}

const organisation& province() {
  static const organisation units = shipped_province();
  return units;
}

const region_recogniser& recogniser() {
  static const region_recogniser one(province());
  return one;
}

region_match look(std::string_view text) { return recogniser().recognise(text); }

const v1::Unit& city_of(const v1::Unit& unit) {
  return unit.level() == v1::Unit::CITY ? unit : *province().find(unit.parent());
}

std::vector<const v1::Unit*> places(v1::Unit::Level level) {
  std::vector<const v1::Unit*> found;
  for (const v1::Unit& unit : province().units())
    if (unit.level() == level) found.push_back(&unit);
  return found;
}

/// Names that two divisions share: only the city said with them decides.
bool is_shared(const std::string& name) { return name == "市中区" || name == "市中"; }

TEST_CASE("the shipped province is complete") {
  CHECK(places(v1::Unit::CITY).size() == 16);
  CHECK(places(v1::Unit::COUNTY).size() == 136);
  CHECK(places(v1::Unit::ZONE).size() == 15);
  CHECK(province().shards().size() == 17);
}

TEST_CASE("every city is known by its official and its short name") {
  for (const v1::Unit* city : places(v1::Unit::CITY)) {
    CAPTURE(city->name());
    CHECK(look(city->name()).code == city->code());
    CHECK(look(city->name()).certainty == rc::certain);
    CHECK(look(city->short_name()).code == city->code());
    CHECK(look(city->short_name()).certainty == rc::likely);
    CHECK(look("山东省" + city->name()).code == city->code());
    CHECK(look("山东" + city->short_name()).code == city->code());
    CHECK(look(city->name() + "某公司").code == city->code());
  }
}

TEST_CASE("every county is known by its official and its short name") {
  for (const v1::Unit* county : places(v1::Unit::COUNTY)) {
    if (is_shared(county->name())) continue;
    CAPTURE(county->name());
    CHECK(look(county->name()).code == county->code());
    CHECK(look(county->name()).certainty == rc::certain);
    if (county->short_name().empty()) continue;  // 单县, 东营区
    CHECK(look(county->short_name()).code == county->code());
  }
}

TEST_CASE("every county is known behind its city, in every way of writing the two") {
  for (const v1::Unit* county : places(v1::Unit::COUNTY)) {
    const v1::Unit& city = city_of(*county);
    const std::string brief = county->short_name().empty() ? county->name() : county->short_name();
    for (const std::string& first : {city.name(), city.short_name()}) {
      for (const std::string& second : {county->name(), brief}) {
        for (const std::string& text :
             {first + second, "山东省" + first + second, first + " " + second + "，某小区",
              first + second + "总工会", "在" + first + second + "。"}) {
          // 济南市中，总工会 after a bare 市中 could be the city's: 济南市中心 looks the same.
          const bool blurred = first + second != city.short_name() + county->name() &&
                               brief.starts_with("市") && second == brief &&
                               first == city.short_name() && text.ends_with("总工会");
          if (blurred) continue;
          CAPTURE(text);
          const region_match match = look(text);
          CHECK(match.code == county->code());
          CHECK(match.certainty == rc::certain);
        }
      }
    }
  }
}

TEST_CASE("every zone is known by its name, and by its everyday name behind the city") {
  for (const v1::Unit* zone : places(v1::Unit::ZONE)) {
    const v1::Unit& city = city_of(*zone);
    CAPTURE(zone->name());
    CHECK(look(zone->name()).code == zone->code());
    CHECK(look(zone->name() + "某公司").code == zone->code());
    CHECK(look(city.name() + zone->short_name()).code == zone->code());
    CHECK(look(city.short_name() + zone->short_name()).code == zone->code());
  }
}

TEST_CASE("every former and everyday name leads to the division in force") {
  for (const v1::Alias& alias : province().aliases()) {
    CAPTURE(alias.text());
    CHECK(look(alias.text()).code == alias.code());
  }
}

struct expectation {
  std::string text;
  rc certainty;
  const char* code;
};

TEST_CASE("places as people write them") {
  const expectation cases[] = {
      {"济宁邹城", rc::certain, "370883"},
      {"山东省济南市市中区经七路", rc::certain, "370103"},
      {"济南市中区", rc::certain, "370103"},
      {"枣庄市中", rc::certain, "370402"},
      {"枣庄市市中区", rc::certain, "370402"},
      {"济南 市中区", rc::certain, "370103"},
      {"济　南　市　历　下　区", rc::certain, "370102"},
      {"胶南", rc::likely, "370211"},
      {"西海岸新区", rc::certain, "370211"},
      {"青岛西海岸", rc::certain, "370211"},
      {"济南高新区", rc::certain, "370176"},
      {"济南市高新区舜华路", rc::certain, "370176"},
      {"威海经区", rc::certain, "371072"},
      {"青岛高新区", rc::likely, "370200"},
      {"青岛市高新区", rc::certain, "370200"},
      {"莱芜市莱城区", rc::certain, "370116"},
      {"东营", rc::likely, "370500"},
      {"东营市", rc::certain, "370500"},
      {"东营区", rc::certain, "370502"},
      {"东营市东营区", rc::certain, "370502"},
      {"高青", rc::likely, "370322"},
      {"高青县城", rc::certain, "370322"},
      {"兰山", rc::likely, "371302"},
      {"东平", rc::likely, "370923"},
      {"东明", rc::likely, "371728"},
      {"台儿庄", rc::likely, "370405"},
      {"城阳", rc::likely, "370214"},
      {"单县", rc::certain, "371722"},
      {"我在单县打工", rc::certain, "371722"},
      {"潍坊寿光县", rc::certain, "370783"},
      {"青岛市南京路", rc::certain, "370200"},
      {"青岛市南", rc::certain, "370202"},
      {"青岛市市南香港中路", rc::certain, "370202"},
      {"济南市中心医院", rc::likely, "370100"},
      {"济南市历城区青岛路", rc::certain, "370112"},
      {"泰安泰山区", rc::certain, "370902"},
      {"市中区（济南）", rc::likely, "370103"},
      {"泰安阳光城", rc::likely, "370900"},
  };
  for (const expectation& one : cases) {
    CAPTURE(one.text);
    const region_match match = look(one.text);
    CHECK(match.code == one.code);
    CHECK(static_cast<int>(match.certainty) == static_cast<int>(one.certainty));
    CHECK(match.candidates.empty());
    CHECK_FALSE(match.matched.empty());
  }
}

TEST_CASE("a name that fits several divisions lists them all") {
  using codes = std::vector<std::string>;
  const std::map<std::string, codes> cases = {
      {"市中区", {"370103", "370402"}},         {"市中区经七路", {"370103", "370402"}},
      {"市中", {"370103", "370402"}},           {"山东省市中区", {"370103", "370402"}},
      {"历下区，历城区", {"370102", "370112"}}, {"济南市，青岛市", {"370100", "370200"}},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const region_match match = look(text);
    CHECK(static_cast<int>(match.certainty) == static_cast<int>(rc::ambiguous));
    CHECK(match.code.empty());
    CHECK(match.candidates == expected);
  }
  CHECK(look("高新区").candidates.size() == 6);
}

TEST_CASE("a place in another province is outside, even where a name is ours too") {
  for (const std::string text :
       {"辽宁省大连市", "河北省保定市", "大连", "北京市海淀区", "天津市河东区",
        "江苏省南京市栖霞区", "河南", "内蒙古自治区包头市", "江苏省南京市青岛路", "深圳", "香港"}) {
    CAPTURE(text);
    const region_match match = look(text);
    CHECK(static_cast<int>(match.certainty) == static_cast<int>(rc::outside));
    CHECK(match.code.empty());
  }
}

TEST_CASE("where a person or a firm comes from does not move the matter out of the province") {
  CHECK(look("来自江苏的务工人员在青岛").code == "370200");
  CHECK(look("河南籍工人在济宁邹城").code == "370883");
  CHECK(look("黄岛区，湖南某工程有限公司").code == "370211");
  CHECK(look("沂源县人，去过深圳，深圳很好").code == "370323");
  CHECK(look("历下区北京路").code == "370102");
}

TEST_CASE("words that only look like places are none") {
  for (const std::string text :
       {"", "山东省", "公司拖欠工资", "高密度聚乙烯", "日照时间太长", "惠民政策没有落实",
        "平原地区", "很简单县里不管", "城市中心", "全市中小学", "青岛路", "北京西路", "泰山石",
        "我是四川人", "栖霞区", "老家河南", "\xff\xfe\x80", "123", "Shandong"}) {
    CAPTURE(text);
    const region_match match = look(text);
    CHECK(static_cast<int>(match.certainty) == static_cast<int>(rc::unknown));
    CHECK(match.code.empty());
    CHECK(match.candidates.empty());
  }
}

TEST_CASE("full-width forms and white space do not matter") {
  CHECK(normalise_place("ＡＢ　１２ \t济\u200B南") == "AB12济南");
  CHECK(normalise_place("\xe6\xb5").empty());
  CHECK(look("　济南市　历下区 ").code == "370102");
}

TEST_CASE("only the beginning of an endless text is read, and quickly") {
  std::string text(region_recogniser::text_bytes_max, 'x');
  CHECK(look("济南" + text).code == "370100");
  CHECK(look(text + "济南").certainty == rc::unknown);
}

TEST_CASE("the recogniser does not need the organisation it was built from") {
  auto units = std::make_unique<organisation>(shipped_province());
  const region_recogniser own(*units);
  units.reset();
  CHECK(own.recognise("济宁邹城").code == "370883");
}

TEST_CASE("an inactive division is not recognised any more") {
  v1::OrganisationConfig config;
  for (const v1::Unit& unit : province().units()) *config.add_units() = unit;
  for (v1::Unit& unit : *config.mutable_units())
    if (unit.code() == "370402") unit.set_inactive(true);
  const auto units = build_organisation(config);
  REQUIRE(units.has_value());
  CHECK(region_recogniser(*units).recognise("市中区").code == "370103");
}

}  // namespace
}  // namespace hotline::domain
