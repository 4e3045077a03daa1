// `hotline register`: the radio programme's register of answered questions.
#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
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

/// A register whose rows are all different, each answered unless it is one of every `open`th.
std::string many_rows(int count, int open) {
  std::string text = "时间,姓名,电话,地区,类别,诉求类型,诉求内容,答复\n";
  for (int i = 0; i < count; ++i) {
    text += "2026-11-18 10:05,张某,138053" + std::to_string(10000 + i) +
            ",济宁邹城,拖欠工资,咨询,第" + std::to_string(i) + "个问题," +
            (i % open == open - 1 ? "" : "可先投诉") + "\n";
  }
  return text;
}

/// A data directory that nobody serves.
void serve_once(hotline_fixture& f) {
  auto server = f.serve_live();
  f.use(server);
  server.send_signal(SIGTERM);
  REQUIRE(server.wait_exit(start_limit) == 0);
}

bool says(const finished& done, const std::string& text) {
  return done.output.find(text) != std::string::npos;
}

TEST_CASE("a register is read once, however often; what was answered waits for its check") {
  hotline_fixture f;
  serve_once(f);
  const auto file = f.data() + ".csv";
  const auto report = f.data() + ".report.csv";
  std::ofstream(file) << register_rows;
  const auto first = f.tool({"register", file, "--report", report});
  CHECK_MESSAGE(first.code == 1, first.output);
  CHECK(first.output.find(file + ":4: 电话") != std::string::npos);
  CHECK(says(first, "登记 3 行：新建 2，已有 0，其中已答复 1，有误 1"));
  const auto lines = lines_of(report);
  const auto again = f.tool({"register", file, "--report", report});
  CHECK_MESSAGE(says(again, "登记 3 行：新建 0，已有 2，其中已答复 1，有误 1"), again.output);

  REQUIRE(lines.size() == 4);
  CHECK(lines[1].ends_with(",新建,\"已答复，待质检\""));
  CHECK(lines[2].ends_with(",新建,\"已受理\""));
  CHECK(lines[3] == "4,,有误,\"电话: 不是电话号码\"");
  const auto second = lines_of(report);
  REQUIRE(second.size() == 4);
  CHECK(second[1] == "2," + ticket_in(lines[1]) + ",已有,\"此前已登记\"");

  auto server = f.serve_live();
  f.use(server);
  const auto answered = f.ticket(ticket_in(lines[1]));
  CHECK(answered.at("state").as_string() == "STATE_ANSWERED");
  CHECK(answered.at("answer").as_string() == "可先投诉");
  CHECK(answered.at("intake").at("source").as_string() == "SOURCE_MEDIA");
  // The other goes its way like any ticket.
  f.eventually_state(ticket_in(lines[2]), "DISPATCHED");
  const auto record = f.tool({"audit", "list", "--action", "ticket.register"});
  CHECK_MESSAGE(says(record, file), record.output);
  f.verify();
}

TEST_CASE("a running hotline takes no answered row for a ticket to be dispatched") {
  hotline_fixture f;
  auto server = f.serve_live();
  f.use(server);
  const auto file = f.data() + ".csv";
  const auto report = f.data() + ".report.csv";
  std::ofstream(file) << many_rows(60, 6);
  const auto first = f.tool({"register", file, "--report", report});
  CHECK_MESSAGE(first.code == 0, first.output);
  CHECK_MESSAGE(says(first, "登记 60 行：新建 60，已有 0，其中已答复 50，有误 0"), first.output);
  const auto lines = lines_of(report);
  REQUIRE(lines.size() == 61);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    CAPTURE(lines[i]);
    const auto no = ticket_in(lines[i]);
    if (lines[i].ends_with("已受理\"")) {
      f.eventually_state(no, "DISPATCHED");
    } else {
      CHECK(f.ticket(no).at("state").as_string() == "STATE_ANSWERED");
      CHECK(f.count_in_story(no, "DISPATCHED") == 0);
    }
  }
  const auto again = f.tool({"register", file});
  CHECK_MESSAGE(says(again, "新建 0，已有 60，其中已答复 50，有误 0"), again.output);
  f.verify();
}

TEST_CASE("a run that is killed anywhere is healed by the same file") {
  hotline_fixture f;
  auto server = f.serve_live();
  f.use(server);
  const auto file = f.data() + ".csv";
  const auto report = f.data() + ".report.csv";
  constexpr int rows = 60;
  std::ofstream(file) << many_rows(rows, 6);
  for (std::size_t reached = 1; reached <= rows; reached += 5) {
    child_program run({HOTLINE_PROGRAM, "register", file, "--report", report, "--config",
                       HOTLINE_CONFIG_DIR, "--data", f.data()});
    f.eventually("the run is at row " + std::to_string(reached),
                 [&] { return lines_of(report).size() > reached || !run.running(); });
    run.send_signal(SIGKILL);
    run.wait_exit(std::chrono::seconds(30));
    // What was reported stays reported.
    CHECK(lines_of(report).size() > reached);
  }
  const auto whole = f.tool({"register", file, "--report", report});
  CHECK_MESSAGE(whole.code == 0, whole.output);
  CHECK_MESSAGE(says(whole, "其中已答复 50，有误 0"), whole.output);
  for (const auto& line : lines_of(report)) {
    if (!line.ends_with("已答复，待质检\"")) continue;
    CHECK(f.ticket(ticket_in(line)).at("state").as_string() == "STATE_ANSWERED");
  }
  const auto exported = f.tool({"export"});
  CHECK(std::ranges::count(exported.output, '\n') == rows);
  f.verify();
}

TEST_CASE("a run that is called off says what it has not done") {
  hotline_fixture f;
  auto server = f.serve_live();
  f.use(server);
  const auto file = f.data() + ".csv";
  const auto report = f.data() + ".report.csv";
  std::ofstream(file) << many_rows(400, 6);
  child_program run({HOTLINE_PROGRAM, "register", file, "--report", report, "--config",
                     HOTLINE_CONFIG_DIR, "--data", f.data()});
  f.eventually("the run has begun", [&] { return lines_of(report).size() > 5; });
  run.send_signal(SIGINT);
  CHECK(run.wait_exit(std::chrono::seconds(30)) == 3);
  CHECK_MESSAGE(run.output().find("，未处理 ") != std::string::npos, run.output());
  const auto lines = lines_of(report);
  REQUIRE(lines.size() == 401);
  CHECK(lines[1].find(",新建,") != std::string::npos);
  CHECK(lines[400] == "401,,未处理,\"可用同一文件继续\"");
}

TEST_CASE("a register that grows is read again days later, sorted and with other columns") {
  hotline_fixture f;
  auto server = f.serve();
  f.use(server);
  const auto file = f.data() + ".csv";
  const auto report = f.data() + ".report.csv";
  std::ofstream(file) << "时间,电话,诉求内容,答复,编号\n"
                         "2026-11-18 10:05,13805310001,拖欠工资,可先投诉,\n"
                         "2026-11-18 10:10,13805310002,年休假,,\n"
                         "2026-11-18 10:10,13805310002,年休假,,\n"
                         "2026-11-18 10:15,13805310003,工伤,,FM-18\n";
  CHECK(says(f.tool({"register", file, "--report", report}), "登记 4 行：新建 4，已有 0"));
  const auto before = lines_of(report);
  REQUIRE(before.size() == 5);
  CHECK(before[2].ends_with(",新建,\"待补充\""));
  CHECK(ticket_in(before[2]) != ticket_in(before[3]));

  f.set_clock("2026-11-28T09:00:00+08:00");
  std::ofstream(file) << "电台台账,,,,,,\n"
                         "序号,编号,诉求内容,答复,电话,时间,备注\n"
                         "1,,新的问题,,13805310009,2026-11-27 10:00,\n"
                         "2,FM-18,工伤,,13805310003,2026/11/18 10:15,已回电\n"
                         "3,,年休假,,13805310002,2026-11-18 10:10,\n"
                         "4,,拖欠工资,可先投诉,13805310001,2026-11-18 10:05,\n"
                         "5,,年休假,,13805310002,2026-11-18 10:10,\n";
  const auto later = f.tool({"register", file, "--report", report});
  CHECK_MESSAGE(later.code == 0, later.output);
  CHECK_MESSAGE(says(later, "登记 5 行：新建 1，已有 4，其中已答复 1，有误 0"), later.output);
  CHECK(says(later, "略去不读：序号、备注"));
  const auto after = lines_of(report);
  REQUIRE(after.size() == 6);
  CHECK(ticket_in(after[2]) == ticket_in(before[4]));
  CHECK(ticket_in(after[3]) == ticket_in(before[2]));
  CHECK(ticket_in(after[4]) == ticket_in(before[1]));
  CHECK(ticket_in(after[5]) == ticket_in(before[3]));

  // The same 编号 with another content, and an answer that came later: told, and nothing changed.
  std::ofstream(file) << "编号,诉求内容,答复,电话,时间\n"
                         "FM-18,工伤认定,,13805310003,2026-11-18 10:15\n"
                         ",新的问题,现在有答复了,13805310009,2026-11-27 10:00\n";
  const auto other = f.tool({"register", file, "--report", report});
  CHECK(other.code == 1);
  CHECK_MESSAGE(says(other, "新建 0，已有 0，其中已答复 0，有误 2"), other.output);
  CHECK(says(other, "编号 FM-18 此前已登记为 " + ticket_in(before[4])));
  CHECK(ticket_in(lines_of(report).at(2)) == ticket_in(after[1]));
  CHECK(std::ranges::count(f.tool({"export"}).output, '\n') == 5);
  f.verify();
}

TEST_CASE("what the rules refuse is told in the words of the register, and the numbers add up") {
  hotline_fixture f;
  serve_once(f);
  const auto file = f.data() + ".csv";
  const auto report = f.data() + ".report.csv";
  std::ofstream(file) << "诉求内容,编号,答复\n"
                         "甲," +
                             std::string(500, 'x') +
                             ",\n"
                             "乙,FM-1," +
                             std::string(40'000, 'y') +
                             "\n"
                             "丙,FM-2,\n";
  const auto done = f.tool({"register", file, "--report", report});
  CHECK(done.code == 1);
  CHECK_MESSAGE(says(done, "登记 3 行：新建 1，已有 0，其中已答复 0，有误 2"), done.output);
  const auto lines = lines_of(report);
  REQUIRE(lines.size() == 4);
  CHECK(lines[1].starts_with("2,,有误,\"编号: "));
  // There is a ticket, and who keeps the register learns which.
  CHECK(ticket_in(lines[2]).size() > 10);
  CHECK(lines[2].find("有误,\"已建工单，答复没有入档：答复: ") != std::string::npos);
  CHECK(lines[3].ends_with("\"待补充\""));
}

TEST_CASE("a county without dispatchers of its own keeps a register too") {
  hotline_fixture f;
  auto server = f.serve_live();
  f.use(server);
  const auto file = f.data() + ".csv";
  const auto report = f.data() + ".report.csv";
  std::ofstream(file) << many_rows(2, 100);
  const auto done = f.tool({"register", file, "--report", report, "--unit", "370883"});
  CHECK_MESSAGE(done.code == 0, done.output);
  const auto lines = lines_of(report);
  REQUIRE(lines.size() == 3);
  CHECK(f.ticket(ticket_in(lines[1])).at("state").as_string() == "STATE_ANSWERED");
}

TEST_CASE("CSV of Chinese Excel is read as GB18030") {
  hotline_fixture f;
  serve_once(f);
  const auto file = f.data() + ".CSV";
  // 诉求内容 / 年休假
  std::ofstream(file) << "\xCB\xDF\xC7\xF3\xC4\xDA\xC8\xDD\n\xC4\xEA\xD0\xDD\xBC\xD9\n";
  const auto done = f.tool({"register", file});
  CHECK_MESSAGE(done.code == 0, done.output);
  CHECK(says(done, "新建 1"));
}

TEST_CASE("nothing is registered where it cannot be reported, recorded or taken") {
  hotline_fixture f;
  serve_once(f);
  const auto file = f.data() + ".csv";
  std::ofstream(file) << register_rows;
  CHECK(f.tool({"register", file, "--report", f.data() + "/none/report.csv"}).code == 3);
  CHECK(f.tool({"register", file, "--report", file}).code == 2);
  CHECK(lines_of(file).size() == 4);
  CHECK(f.tool({"register", file, "--unit", "999999"}).code == 2);
  CHECK(f.tool({"register", file, "--unit", "p-12345-370100"}).code == 2);
  CHECK(f.tool({"export"}).output.empty());
  const auto nowhere = f.data() + "/nowhere";
  const auto refused = run_program(
      {HOTLINE_PROGRAM, "register", file, "--config", HOTLINE_CONFIG_DIR, "--data", nowhere});
  CHECK(refused.code == 3);
  CHECK(says(refused, "没有数据目录"));
  CHECK(::access(nowhere.c_str(), F_OK) != 0);
}

TEST_CASE("a file that is no register is refused as a whole") {
  hotline_fixture f;
  serve_once(f);
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
