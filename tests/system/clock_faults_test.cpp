// Clocks that are wrong, in real service: nothing fires early, nothing twice, nothing in a mass.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "common/base/rfc3339.hpp"
#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

namespace chr = std::chrono;

/// Programs started from here on see clocks that are set wrong by us.
class wrong_clocks {
 public:
  wrong_clocks() {
    setenv("LD_PRELOAD", HOTLINE_CLOCK_SHIFT, 1);
    setenv("CLOCK_SHIFT_DIR", directory_.path().c_str(), 1);
  }
  ~wrong_clocks() {
    unsetenv("LD_PRELOAD");
    unsetenv("CLOCK_SHIFT_DIR");
  }
  wrong_clocks(const wrong_clocks&) = delete;
  wrong_clocks& operator=(const wrong_clocks&) = delete;

  /// In one step: a program reads the old shift or the new one.
  void set(const std::string& program, chr::seconds shift) const {
    const auto path = directory_.path() + "/" + program;
    std::ofstream(path + ".new") << shift.count();
    std::filesystem::rename(path + ".new", path);
  }

 private:
  temporary_directory directory_;
};

struct clocks_fixture : hotline_fixture {
  /// Tickets in the county's queue, each with its deadlines ahead.
  std::vector<std::string> some_tickets() {
    std::vector<std::string> made;
    for (int i = 0; i < 5; ++i) made.push_back(create("第" + std::to_string(i) + "件"));
    for (const auto& no : made) eventually_state(no, "DISPATCHED");
    return made;
  }

  /// What `hotline ticket show` tells: without a session, whose limits follow the clocks.
  std::string story_of(const std::string& no) { return tool({"ticket", "show", no}).output; }

  wrong_clocks clocks;
};

TEST_CASE_FIXTURE(clocks_fixture, "a clock that jumps: the guard says so, and nothing fires") {
  auto server = serve_live();
  use(server);
  const auto tickets = some_tickets();
  std::vector<std::string> before;
  for (const auto& no : tickets) before.push_back(story_of(no));
  for (const auto shift :
       {chr::seconds(chr::hours(1)), chr::seconds(chr::days(30)), -chr::seconds(chr::hours(2))}) {
    const auto steps = metric("hotline_sla_clock_steps_total");
    clocks.set("hotline", shift);
    eventually("the step is noticed",
               [&] { return metric("hotline_sla_clock_steps_total") > steps; });
    CHECK(metric("hotline_sla_holding") == 1);
    clocks.set("hotline", chr::seconds(0));
    eventually("Redis confirms the time", [&] { return metric("hotline_sla_holding") == 0; });
    for (std::size_t i = 0; i < tickets.size(); ++i) CHECK(story_of(tickets[i]) == before[i]);
  }
  CHECK(metric("hotline_sla_ticks_total") == 0);
}

TEST_CASE_FIXTURE(clocks_fixture, "the clock of Redis jumps: nothing fires, nothing hangs") {
  auto server = serve_live();
  use(server);
  const auto tickets = some_tickets();
  for (const auto shift : {chr::seconds(chr::days(30)), -chr::seconds(chr::hours(2))}) {
    clocks.set("redis-server", shift);
    // Ids of streams never go back, readers are not held: what is new goes its way as before.
    for (const auto& no : some_tickets()) CHECK(count_in_story(no, "DISPATCHED") == 1);
  }
  for (const auto& no : tickets) CHECK(count_in_story(no, "DISPATCHED") == 1);
  CHECK(metric("hotline_sla_ticks_total") == 0);
}

TEST_CASE_FIXTURE(clocks_fixture, "clocks half a minute apart: due only when it is so by both") {
  std::string no;
  instant due;
  {
    auto server = serve_live();
    use(server);
    no = some_tickets().front();
    due = *read_rfc3339(get("/v1/tickets/" + no).text("next_timer_at"));
  }
  const auto until_due = chr::duration_cast<chr::seconds>(due - wall_clock().now());
  constexpr chr::seconds still_to_go{8};
  const auto set_at = steady_now();
  SUBCASE("ours is ahead") {
    clocks.set("hotline", until_due + chr::seconds(30));
    clocks.set("redis-server", until_due - still_to_go);
  }
  SUBCASE("that of Redis is ahead") {
    clocks.set("hotline", until_due - still_to_go);
    clocks.set("redis-server", until_due + chr::seconds(30));
  }
  auto server = serve_live();
  use(server);
  eventually("the deadline fires", [&] { return metric("hotline_sla_ticks_total") > 0; });
  CHECK(steady_now() - set_at >= still_to_go);
  // Sessions of before have ended by now.
  const actor later{"sheng02", "370000", "ROLE_SUPERVISOR"};
  eventually("its event is there", [&] {
    const auto page = get("/v1/tickets/" + no + "/history", later);
    REQUIRE(page.status == 200);
    for (const auto& event : page.body.at("events").as_array()) {
      if (!event.as_object().contains("rung")) continue;
      CHECK(*read_rfc3339(event.at("at").as_string()) >= due);
      return true;
    }
    return false;
  });
}

}  // namespace
}  // namespace hotline::test
