// Down for a day: what became due meanwhile fires after the start, the oldest first, each step
// once.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "common/base/rfc3339.hpp"
#include "hotline/v1/event.pb.h"
#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds stop_limit{30};

struct backlog_fixture : hotline_fixture {
  /// One ticket a round: what is first in the outbox was first to be taken.
  backlog_fixture() {
    const fs::path to = config.path();
    fs::copy(HOTLINE_CONFIG_DIR, to,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    std::ifstream in(to / "hotline.textproto");
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string begin = "services {\n";
    const auto at = text.find(begin);
    REQUIRE(at != std::string::npos);
    text.insert(at + begin.size(), "  sla { batch_max: 1 }\n");
    std::ofstream(to / "hotline.textproto") << text;
    set_config(to.string());
  }

  /// The steps of deadlines of Jining's tickets, in the order of their commits.
  std::vector<v1::Event> steps() {
    std::vector<v1::Event> found;
    REQUIRE(with_redis([&](redis::client& redis) {
      const auto all =
          run_coro(context(), redis.exec(redis::command("XRANGE", "{3708}:events", "-", "+")));
      REQUIRE(all);
      for (const auto& entry : all->array()) {
        v1::Event event;
        REQUIRE(event.ParseFromString(std::string(entry.at(1).at(1).string())));
        if (event.has_rung()) found.push_back(std::move(event));
      }
    }));
    return found;
  }

  temporary_directory config;
};

TEST_CASE_FIXTURE(backlog_fixture, "a day of downtime: the oldest first, and everything once") {
  std::vector<std::string> tickets;
  const std::string back_at = "2026-11-26T18:00:00+08:00";
  {
    auto door = serve({"--services", "redis,gateway,dispatch"});
    use(door);
    // The urgent ones are due before ordinary ones that came earlier.
    for (int i = 0; i < 16; ++i) {
      set_clock(fmt::format("2026-11-25T09:{:02}:00+08:00", 1 + i * 3));
      const auto* urgency = i % 3 == 2   ? R"(,"urgency":"URGENCY_CRITICAL")"
                            : i % 3 == 1 ? R"(,"urgency":"URGENCY_URGENT")"
                                         : "";
      tickets.push_back(create(fmt::format("第{}件", i), urgency));
      eventually_state(tickets.back(), "DISPATCHED");
    }
    set_clock(back_at);
    CHECK(steps().empty());
    door.send_signal(SIGTERM);
    CHECK(door.wait_exit(stop_limit) == 0);
  }
  auto server = serve();
  use(server);
  for (const auto& no : tickets) {
    eventually(no + " has nothing overdue", [&] {
      const auto next = read_rfc3339(get("/v1/tickets/" + no).text("next_timer_at"));
      return next && *next > *read_rfc3339(back_at);
    });
  }
  std::set<std::string> met;
  std::vector<std::string> order;
  std::vector<std::int64_t> firsts;
  std::set<std::tuple<std::string, int, int, int, std::int64_t>> known;
  for (const auto& event : steps()) {
    const auto& rung = event.rung();
    if (met.insert(event.ticket_no()).second) {
      order.push_back(event.ticket_no());
      firsts.push_back(rung.scheduled_at());
    }
    CHECK(event.at() >= rung.scheduled_at());
    CHECK(known
              .emplace(event.ticket_no(), rung.clock(), rung.assignment(), rung.rung(),
                       rung.scheduled_at())
              .second);
  }
  CHECK(met == std::set<std::string>(tickets.begin(), tickets.end()));
  CHECK(std::ranges::is_sorted(firsts));
  CHECK(order != tickets);  // not the order of their coming
  verify();
}

}  // namespace
}  // namespace hotline::test
