// Somebody removes events from an outbox before the services saw them: nothing stays undone,
// nothing is done twice, and the alarm is raised.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <string>

#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

constexpr std::chrono::seconds stop_limit{30};

struct outbox_fixture : hotline_fixture {
  /// Of Jining, where all these tickets are.
  void on_outbox(const std::function<void(redis::client&, const std::string&)>& use) {
    REQUIRE(with_redis([&](redis::client& redis) {
      for (const auto* lane : {"", ":dispatch", ":escalation"})
        use(redis, std::string("{3708}:events") + lane);
    }));
  }
  void empty_outbox() {
    on_outbox([&](redis::client& redis, const std::string& key) {
      REQUIRE(run_coro(context(), redis.exec(redis::command("XTRIM", key, "MAXLEN", 0))));
    });
  }
  void delete_outbox() {
    on_outbox([&](redis::client& redis, const std::string& key) {
      REQUIRE(run_coro(context(), redis.exec(redis::command("DEL", key))));
    });
  }
  std::vector<std::string> some_tickets(int count = 10) {
    std::vector<std::string> made;
    for (int i = 0; i < count; ++i) made.push_back(create("第" + std::to_string(i) + "件"));
    return made;
  }
  static void end(child_program& server) {
    server.send_signal(SIGTERM);
    CHECK(server.wait_exit(stop_limit) == 0);
  }
  /// Everything agrees, and the record is as it was sealed.
  void all_whole() {
    verify();
    eventually("nothing is missing, all is sealed", [&] {
      const auto shown = tool({"outbox", "show"});
      const auto sealed = tool({"audit", "verify"});
      return shown.code == 0 && sealed.code == 0;
    });
  }
};

TEST_CASE_FIXTURE(outbox_fixture, "the outbox is emptied before anything was dispatched") {
  std::vector<std::string> tickets;
  {
    auto door = serve({"--services", "redis,gateway"});
    use(door);
    tickets = some_tickets();
    SUBCASE("trimmed") { empty_outbox(); }
    SUBCASE("deleted with its groups") { delete_outbox(); }
    end(door);
  }
  const auto told = tool({"outbox", "show"});
  CHECK(told.code == 1);
  CHECK(told.output.find("3708 缺少至少 10 个事件") != std::string::npos);
  auto server = serve();
  use(server);
  for (const auto& no : tickets) eventually_state(no, "DISPATCHED");
  CHECK(metric("hotline_outbox_missed_total") >= 10);
  CHECK(metric("hotline_outbox_restored_total") >= 10);
  server.wait_for("events vanished from the outbox", stop_limit);
  for (const auto& no : tickets) CHECK(count_in_story(no, "DISPATCHED") == 1);
  all_whole();
}

TEST_CASE_FIXTURE(outbox_fixture,
                  "the outbox is emptied between a missed deadline and its escalation") {
  std::vector<std::string> tickets;
  {
    auto part = serve({"--services", "redis,gateway,dispatch,sla,audit"});
    use(part);
    tickets = some_tickets(5);
    for (const auto& no : tickets) eventually_state(no, "DISPATCHED");
    set_clock("2026-12-25T18:00:00+08:00");
    for (const auto& no : tickets) {
      eventually("it is late", [&] { return count_in_story(no, "BREACH_LASTING") > 0; });
      CHECK(count_in_story(no, "ESCALATED") == 0);
    }
    // So that what comes back has been sealed before.
    eventually("all is sealed", [&] {
      return tool({"audit", "verify"}).output.find("；0 个待封") != std::string::npos;
    });
    empty_outbox();
    end(part);
  }
  SUBCASE("the server brings it back") {}
  SUBCASE("an operator brings it back") {
    const auto done = tool({"outbox", "rebuild"});
    CHECK(done.code == 0);
    CHECK(tool({"outbox", "show"}).code == 0);
  }
  auto server = serve();
  use(server);
  for (const auto& no : tickets) {
    eventually(no + " went up", [&] { return count_in_story(no, "ESCALATED") > 0; });
    CHECK(count_in_story(no, "ESCALATED") <= 2);
    CHECK(count_in_story(no, "DISPATCHED") == 1);
  }
  all_whole();
}

TEST_CASE_FIXTURE(outbox_fixture, "the outbox is emptied again and again under a running server") {
  auto server = serve();
  use(server);
  std::vector<std::string> tickets;
  for (int i = 0; i < 40; ++i) {
    tickets.push_back(create("第" + std::to_string(i) + "件"));
    if (i % 4 == 3) empty_outbox();
  }
  for (const auto& no : tickets) eventually_state(no, "DISPATCHED");
  for (const auto& no : tickets) CHECK(count_in_story(no, "DISPATCHED") == 1);
  all_whole();
}

}  // namespace
}  // namespace hotline::test
