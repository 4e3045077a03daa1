// `hotline register`: the radio programme's register of answered questions.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

constexpr std::string_view register_rows =
    "时间,姓名,电话,地区,类别,诉求类型,诉求内容,答复,编号\n"
    "2026-11-18 10:05,张某,13805310001,济宁邹城,拖欠工资,咨询,拖欠工资三个月怎么办,可先投诉,FM-17\n"
    "2026-11-18 10:12,李某,13805310002,邹城市,年休假,投诉,不让休年休假,,FM-18\n"
    "2026-11-18 10:20,,123,,,,没有电话,,\n";

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The second field of a line of the report.
std::string ticket_in(const std::string& line) {
  const auto from = line.find(',') + 1;
  return line.substr(from, line.find(',', from) - from);
}

TEST_CASE("a register is read once, however often; what was answered waits for its check") {
  hotline_fixture f;
  {
    auto server = f.serve_live();
  }
  const auto file = f.data() + ".csv";
  const auto report = f.data() + ".report.csv";
  std::ofstream(file) << register_rows;
  const auto first = f.tool({"register", file, "--report", report});
  CHECK_MESSAGE(first.code == 1, first.output);
  CHECK(first.output.find(file + ":4: 电话") != std::string::npos);
  CHECK(first.output.find("新建 2，已有 0，其中已答复 1，有误 1") != std::string::npos);
  const auto again = f.tool({"register", file});
  CHECK_MESSAGE(again.output.find("新建 0，已有 2") != std::string::npos, again.output);

  const auto lines = lines_of(report);
  REQUIRE(lines.size() == 4);
  CHECK(lines[1].ends_with("已答复，待质检\""));
  CHECK(lines[2].ends_with("已受理\""));
  CHECK(lines[3] == "4,,\"电话: 不是电话号码\"");

  auto server = f.serve_live();
  f.use(server);
  const auto answered = f.ticket(ticket_in(lines[1]));
  CHECK(answered.at("state").as_string() == "STATE_ANSWERED");
  CHECK(answered.at("answer").as_string() == "可先投诉");
  CHECK(answered.at("intake").at("source").as_string() == "SOURCE_MEDIA");
  // The other goes its way like any ticket.
  f.eventually_state(ticket_in(lines[2]), "DISPATCHED");
  f.verify();
}

TEST_CASE("a file that is no register is refused as a whole") {
  hotline_fixture f;
  {
    auto server = f.serve_live();
  }
  const auto file = f.data() + ".csv";
  std::ofstream(file) << "姓名,备注\n张某,x\n";
  const auto refused = f.tool({"register", file});
  CHECK(refused.code == 1);
  CHECK(refused.output.find("1: 备注: 不认识的列") != std::string::npos);
  CHECK(refused.output.find("诉求内容: 缺少这一列") != std::string::npos);
  CHECK(f.tool({"register", file, "--source", "NOWHERE"}).code == 2);
  CHECK(f.tool({"register", f.data() + ".none.csv"}).code == 3);
}

}  // namespace
}  // namespace hotline::test
