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

register_list read(std::string_view csv, const std::string& series = {}) {
  const auto rows = read_csv(csv);
  REQUIRE(rows);
  return read_register(*rows, {v1::SOURCE_MEDIA, series}, land());
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
  CHECK(entry.complete);
  CHECK(entry.order.draft());  // until it is answered: nobody may dispatch it
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

std::vector<std::string> identities(std::string_view csv) {
  std::vector<std::string> out;
  for (const auto& entry : read(csv).entries) out.push_back(entry.identity.row);
  return out;
}

TEST_CASE("a row is the same wherever it and its columns stand, and however it is typed") {
  const auto as_typed = identities(
      "时间,电话,诉求内容,金额\n"
      "2026-11-18 10:05,13805310001,欠薪  三个月,\"1,200\"\n"
      "2026-11-19 10:05,13805310002,年休假,\n");
  const auto sorted = identities(
      "十一月台账,,,,,\n"
      "序号,金额,诉求内容,时间,电话,备注\n"
      "1,,年休假,2026/11/19 10:05,13805310002,x\n"
      "2,1200.00,欠薪 三个月,2026/11/18 10:05,13805310001,y\n");
  REQUIRE(as_typed.size() == 2);
  REQUIRE(sorted.size() == 2);
  CHECK(as_typed[0] == sorted[1]);
  CHECK(as_typed[1] == sorted[0]);
}

TEST_CASE("equal rows of a file are several matters; their own number makes them one") {
  const auto equal = identities("诉求内容\n欠薪\n欠薪\n");
  REQUIRE(equal.size() == 2);
  CHECK(equal[0] != equal[1]);
  const auto list = read("编号,诉求内容,答复\nFM-1,欠薪,\nFM-1,欠薪,可投诉\n");
  REQUIRE(list.entries.size() == 2);
  CHECK(list.entries[0].identity.row == list.entries[1].identity.row);
  CHECK(list.entries[0].identity.said != list.entries[1].identity.said);
}

TEST_CASE("numbers that begin anew in another series are other rows; cells are what they are") {
  constexpr auto csv = "编号,诉求内容\n001,欠薪\n,工伤\n";
  const auto last_year = read(csv).entries;
  const auto this_year = read(csv, "2027").entries;
  CHECK(last_year.at(0).identity.row != this_year.at(0).identity.row);
  CHECK(this_year.at(0).identity.row == read(csv, "2027").entries.at(0).identity.row);
  CHECK(last_year.at(1).identity.row == this_year.at(1).identity.row);
}

TEST_CASE("a row that was answered since is known by what it was before") {
  const auto before = read("诉求内容,答复\n欠薪,\n").entries.at(0).identity;
  const auto after = read("诉求内容,答复\n欠薪,可投诉\n").entries.at(0).identity;
  CHECK(before.unanswered.empty());
  CHECK(after.row != before.row);
  CHECK(after.unanswered == before.row);
  // Two such rows: nobody can say which was which.
  CHECK(read("诉求内容,答复\n欠薪,一\n欠薪,二\n").entries.at(0).identity.unanswered.empty());
}

TEST_CASE(
    "titles and columns of their own are passed over; error cells are mistakes of their row") {
  const auto list = read("台账,,\n\n序号,诉求内容,备注\n1,欠薪,x\n");
  CHECK(mistakes(list).empty());
  CHECK(list.heading_line == 3);
  CHECK(list.ignored == std::vector<std::string>{"序号", "备注"});
  CHECK(list.rows == 1);
  table broken{{1, {"诉求内容", "电话", "备注"}, {}},
               {2, {"欠薪", "#N/A", "x"}, {1}},
               {3, {"欠薪", "", "#REF!"}, {2}}};
  const auto rows = read_register(broken, {v1::SOURCE_MEDIA}, land());
  CHECK(mistakes(rows) == "2 电话; ");
  CHECK(rows.rows == 2);
  REQUIRE(rows.entries.size() == 1);
  CHECK(heading_of_field("intake.external_no") == "编号");
  CHECK(heading_of_field("intake.title").empty());
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
