// A register of the radio programme: one row for each matter.
#include "services/hotline/register/register_rows.hpp"

#include <doctest/doctest.h>

#include "common/base/rfc3339.hpp"
#include "common/runtime/config_loader.hpp"

namespace hotline::program {
namespace {

const domain::province& land() {
  static const domain::province built = [] {
    auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
    REQUIRE(config);
    auto made = domain::build_province(*config);
    REQUIRE(made);
    return *std::move(made);
  }();
  return built;
}

register_list read(std::string_view csv) {
  const auto rows = read_csv(csv);
  REQUIRE(rows);
  return read_register(*rows, v1::SOURCE_MEDIA, land());
}

std::string mistakes(const register_list& list) {
  std::string out;
  for (const auto& m : list.mistakes) out += std::to_string(m.line) + " " + m.column + "; ";
  return out;
}

std::string time_of(std::int64_t at) {
  std::string out;
  append_rfc3339(out, from_unix_ms(at));
  return out;
}

TEST_CASE("a row that was answered on the air") {
  const auto list = read(
      "时间,姓名,电话,地区,用人单位,类别,诉求类型,诉求内容,答复,人数,金额,农民工,编号\n"
      "2026-11-18 10:05,张某,13805310001,济宁邹城,某置业公司,拖欠工资,咨询,拖欠工资三个月怎么办,"
      "可先向劳动监察投诉,12,\"36,000.5\",是,FM-17\n");
  CHECK(mistakes(list).empty());
  REQUIRE(list.entries.size() == 1);
  const auto& entry = list.entries.front();
  CHECK(entry.line == 2);
  CHECK(entry.answer == "可先向劳动监察投诉");
  CHECK_FALSE(entry.order.draft());
  const auto& intake = entry.order.intake();
  CHECK(intake.source() == v1::SOURCE_MEDIA);
  CHECK(intake.external_no() == "FM-17");
  CHECK(time_of(intake.call().called_at()) == "2026-11-18T10:05:00.000+08:00");
  CHECK(intake.caller().phone() == "13805310001");
  CHECK(intake.caller().migrant_worker());
  CHECK(intake.employer().name() == "某置业公司");
  CHECK(intake.matter().kind() == v1::KIND_CONSULT);
  CHECK(intake.matter().category() == "wages.arrears");
  CHECK(intake.matter().region() == "370883");
  CHECK(intake.matter().place() == "济宁邹城");
  CHECK(intake.matter().people() == 12);
  CHECK(intake.matter().amount_claimed_fen() == 3'600'050);
}

TEST_CASE("what is missing makes a draft; a place that is not sure is left to the dispatcher") {
  const auto list = read("诉求内容,地区\n年休假怎么算,市中区\n");
  CHECK(mistakes(list).empty());
  REQUIRE(list.entries.size() == 1);
  CHECK(list.entries[0].order.draft());
  CHECK(list.entries[0].order.intake().matter().region().empty());
  CHECK(list.entries[0].order.intake().matter().place() == "市中区");
}

TEST_CASE("each mistake is told with its line and column, and the other rows stand") {
  const auto list = read(
      "诉求内容,电话,类别,诉求类型,时间,人数,金额,农民工,地区\n"
      ",13805310001,,,,,,,\n"
      "甲,123,,,,,,,\n"
      "甲,,没有的类别,,,,,,\n"
      "甲,,,闲聊,,,,,\n"
      "甲,,,,昨天,,,,\n"
      "甲,,,,,-3,,,\n"
      "甲,,,,,,1.234,,\n"
      "甲,,,,,,,也许,\n"
      "甲,,,,,,,,辽宁省大连市\n"
      "好的一行,,,,2026/11/18,,0.5,否,370883\n");
  CHECK(mistakes(list) ==
        "2 诉求内容; 3 电话; 4 类别; 5 诉求类型; 6 时间; 7 人数; 8 金额; 9 农民工; 10 地区; ");
  REQUIRE(list.entries.size() == 1);
  CHECK(list.entries[0].line == 11);
  CHECK(list.entries[0].order.intake().matter().amount_claimed_fen() == 50);
  CHECK(mistakes(read("内容\n甲\n")) == "1 内容; 1 诉求内容; ");
  CHECK(mistakes(read("诉求内容,诉求内容\n")) == "1 诉求内容; ");
}

TEST_CASE("times are read as offices write them") {
  const auto shown = [](std::string_view text) {
    const auto at = parse_civil_time(text);
    return at ? time_of(to_unix_ms(*at)) : std::string("no");
  };
  CHECK(shown("2026-11-18") == "2026-11-18T00:00:00.000+08:00");
  CHECK(shown("2026/11/18 9:05") == "2026-11-18T09:05:00.000+08:00");
  CHECK(shown("2026-11-18T09:05:30") == "2026-11-18T09:05:30.000+08:00");
  CHECK(shown("46344.5") == "2026-11-18T12:00:00.000+08:00");
  CHECK(shown("46344") == "2026-11-18T00:00:00.000+08:00");
  for (const auto* wrong : {"", "2026-11-18 24:00", "2026-11-18 9", "2026-02-30", "18.11.2026",
                            "2026-11-18 10:60", "2026-11-18 10:00x", "99999"}) {
    CAPTURE(wrong);
    CHECK(shown(wrong) == "no");
  }
}

}  // namespace
}  // namespace hotline::program
