// Killing what can be killed: nothing acknowledged is lost, nothing happens twice.
#include <doctest/doctest.h>
#include <signal.h>

#include <fstream>
#include <set>
#include <string>

#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

constexpr std::chrono::seconds stop_limit{30};

/// Process ids whose parent is `parent`.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(parent) + "/task")) {
    std::ifstream in(task.path() / "children");
    for (pid_t child = 0; in >> child;) found.push_back(child);
  }
  return found;
}

/// Each rung of each clock at most once.
bool each_rung_once(const std::vector<boost::json::object>& history) {
  std::set<std::string> rungs;
  for (const auto& event : history) {
    if (!event.contains("rung")) continue;
    const auto& rung = event.at("rung").as_object();
    const std::string name = boost::json::serialize(rung.at("clock")) +
                             boost::json::serialize(rung.at("rung")) +
                             boost::json::serialize(rung.at("scheduled_at"));
    const auto* assignment = rung.if_contains("assignment");
    const auto full = name + (assignment ? boost::json::serialize(*assignment) : "");
    if (!rungs.insert(full).second) return false;
  }
  return !rungs.empty();
}

TEST_CASE_FIXTURE(hotline_fixture, "SIGTERM ends everything in order; a restart goes on") {
  std::string no;
  {
    auto server = serve();
    use(server);
    no = create();
    eventually_state(no, "DISPATCHED");
    server.send_signal(SIGTERM);
    CHECK(server.wait_exit(stop_limit) == 0);
    CHECK(server.output().find("exception") == std::string::npos);
  }
  auto again = serve();
  use(again);
  CHECK(ticket(no).at("state").as_string() == "STATE_DISPATCHED");
  // The clock of the rehearsal went through the restart as well.
  CHECK(get("/v1/clock").text("now") == "2026-11-25T09:00:00.000+08:00");
}

TEST_CASE_FIXTURE(hotline_fixture,
                  "redis killed again and again under load: every 201 is there, once") {
  auto server = serve();
  use(server);
  std::set<std::string> numbers;
  constexpr int rounds = 3;
  constexpr int tickets_per_round = 30;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < tickets_per_round; ++i) {
      if (i == tickets_per_round / 2) {
        for (const auto redis : children_of(server.pid())) kill(redis, SIGKILL);
      }
      numbers.insert(create("第" + std::to_string(round * 100 + i) + "件"));
    }
  }
  CHECK(numbers.size() == rounds * tickets_per_round);
  for (const auto& no : numbers) eventually_state(no, "DISPATCHED");
  for (const auto& no : numbers) CHECK(count_in_story(no, "DISPATCHED") == 1);
  verify();
}

TEST_CASE_FIXTURE(hotline_fixture,
                  "services in processes of their own, each killed in the middle") {
  auto door = serve({"--services", "redis,gateway"});
  use(door);
  std::vector<std::string> numbers;
  {
    auto dispatch = serve({"--services", "dispatch"});
    auto escalation = serve({"--services", "escalation"});
    auto sla = serve({"--services", "sla"});
    for (auto* one : {&dispatch, &escalation, &sla}) one->wait_for("已启动", start_limit);
    for (int i = 0; i < 40; ++i) {
      numbers.push_back(create("第" + std::to_string(i) + "件"));
      if (i == 20) dispatch.send_signal(SIGKILL);
    }
    set_clock("2026-12-25T18:00:00+08:00");
    // While dozens of deadlines fire:
    sla.send_signal(SIGKILL);
    escalation.send_signal(SIGKILL);
    CHECK(sla.wait_exit(stop_limit) == 128 + SIGKILL);
    CHECK(escalation.wait_exit(stop_limit) == 128 + SIGKILL);
  }
  auto workers = serve({"--services", "dispatch,escalation,sla"});
  workers.wait_for("已启动", start_limit);
  for (const auto& no : numbers) eventually_state(no, "DISPATCHED");
  set_clock("2027-01-25T18:00:00+08:00");
  for (const auto& no : numbers) {
    eventually(no + " is at the province",
               [&] { return get("/v1/tickets/" + no).text("accountable_unit") == "370000"; });
    CHECK(count_in_story(no, "DISPATCHED") == 1);
    CHECK(each_rung_once(history(no)));
  }
  verify();
  workers.send_signal(SIGTERM);
  CHECK(workers.wait_exit(stop_limit) == 0);
}

TEST_CASE_FIXTURE(hotline_fixture, "two sla and two escalation processes: everything once") {
  auto main = serve();
  use(main);
  auto second = serve({"--services", "sla,escalation,dispatch"});
  second.wait_for("已启动", start_limit);
  std::vector<std::string> numbers;
  for (int i = 0; i < 30; ++i) numbers.push_back(create("第" + std::to_string(i) + "件"));
  for (const auto& no : numbers) eventually_state(no, "DISPATCHED");
  set_clock("2026-12-25T18:00:00+08:00");
  for (const auto& no : numbers) {
    eventually(no + " is at the province",
               [&] { return get("/v1/tickets/" + no).text("accountable_unit") == "370000"; });
    CHECK(count_in_story(no, "DISPATCHED") == 1);
    CHECK(count_in_story(no, "ESCALATED") <= 2);
  }
  verify();
}

TEST_CASE_FIXTURE(hotline_fixture, "a worker frozen in the middle of firing: everything once") {
  auto door = serve({"--services", "redis,gateway,dispatch"});
  use(door);
  std::vector<std::string> numbers;
  for (int i = 0; i < 60; ++i) numbers.push_back(create("第" + std::to_string(i) + "件"));
  for (const auto& no : numbers) eventually_state(no, "DISPATCHED");
  auto frozen = serve({"--services", "sla,escalation"});
  frozen.wait_for("已启动", start_limit);
  set_clock("2026-12-25T18:00:00+08:00");
  eventually("the first deadlines have fired", [&] {
    return count_in_story(numbers.front(), "DEADLINE_MISSED") > 0 ||
           count_in_story(numbers.back(), "DEADLINE_MISSED") > 0;
  });
  frozen.send_signal(SIGSTOP);
  auto other = serve({"--services", "sla,escalation"});
  other.wait_for("已启动", start_limit);
  // What the frozen one holds is claimed by the other when it has been silent for long enough.
  const auto at_province = [&](const std::string& no) {
    eventually(
        no + " is at the province",
        [&] { return get("/v1/tickets/" + no).text("accountable_unit") == "370000"; },
        std::chrono::seconds(90));
  };
  for (const auto& no : numbers) at_province(no);
  std::vector<std::size_t> lengths;
  for (const auto& no : numbers) lengths.push_back(history(no).size());
  // Awake again it finds that everything it still wanted is done.
  frozen.send_signal(SIGCONT);
  frozen.send_signal(SIGTERM);
  CHECK(frozen.wait_exit(stop_limit) == 0);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto events = history(numbers[i]);
    CHECK(events.size() == lengths[i]);
    CHECK(each_rung_once(events));
  }
  verify();
}

TEST_CASE_FIXTURE(hotline_fixture, "the whole program killed: the rest happens after the restart") {
  std::string no;
  {
    auto server = serve();
    use(server);
    no = create();
    server.send_signal(SIGKILL);
    server.wait_exit(stop_limit);
  }
  auto again = serve();
  use(again);
  eventually_state(no, "DISPATCHED");
  verify();
}

}  // namespace
}  // namespace hotline::test
