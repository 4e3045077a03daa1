// The lanes of an outbox: what concerns a service, and nothing else, once and in order.
#include <doctest/doctest.h>

#include "common/store/event_log.hpp"
#include "common/store/keys.hpp"
#include "common/store/lanes.hpp"
#include "common/store/records.hpp"
#include "common/store/stream_keeper.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

struct lanes_fixture : store_fixture {
  using store_fixture::store_fixture;

  /// So many tickets in a unit's queue, then all of them closed: only the second half of the events
  /// concerns a service. Gives the numbers in the order of the ends.
  std::vector<std::string> close(int count) {
    std::vector<std::string> numbers;
    for (const auto& no : fill("3708", count, "370883")) {
      const auto open = run(tickets->load(no));
      REQUIRE(open);
      commit(&**open, closed(**open));
      numbers.push_back(no);
    }
    return numbers;
  }
  std::vector<std::string> in_lane(const std::string& lane) {
    std::vector<std::string> numbers;
    const auto entries = exec("XRANGE", store::lane_key("3708", lane), "-", "+");
    for (const auto& entry : entries.array()) {
      const auto event = store::decode_event(entry.at(1).at(1).string());
      REQUIRE(event);
      numbers.push_back(event->ticket_no());
    }
    return numbers;
  }
  std::size_t open(const std::string& lane) {
    const auto moved = run(store::open_lane(*redis.client, "3708", lane));
    REQUIRE(moved);
    return *moved;
  }
  bool has_group(const std::string& key, const std::string& group) {
    const auto groups = exec("XINFO", "GROUPS", key);
    for (const auto& one : groups.array()) {
      if (one.at(1).string() == group) return true;
    }
    return false;
  }
  /// As a service that has read so and so many of the outbox's events and finished some of them.
  void read_before_there_were_lanes(int read, int finished) {
    exec("XGROUP", "CREATE", "{3708}:events", "dispatch", "0");
    const auto answer = exec("XREADGROUP", "GROUP", "dispatch", "a", "COUNT", read, "STREAMS",
                             "{3708}:events", ">");
    for (int i = 0; i < finished; ++i) {
      const auto& id = answer.at(0).at(1).at(static_cast<std::size_t>(i)).at(0);
      exec("XACK", "{3708}:events", "dispatch", id.string());
    }
  }
};

TEST_CASE("a commit puts its event into the lanes it concerns, in the order of the commits") {
  lanes_fixture f;
  const auto numbers = f.close(3);
  CHECK(f.in_lane("dispatch") == numbers);
  CHECK(f.in_lane("escalation").empty());
  CHECK(f.exec("XLEN", "{3708}:events").integer() == 6);
}

TEST_CASE("a lane is read by its own group, buried into its own dead letters, and trimmed") {
  lanes_fixture f;
  f.close(4);
  CHECK(f.open("dispatch") == 0);
  store::event_log_options options;
  options.shard = "3708";
  options.group = options.lane = "dispatch";
  options.consumer = "a";
  store::event_log log(f.redis.context.get_executor(), f.redis.server.endpoint(), *f.redis.client,
                       options, quiet_log());
  const auto batch = f.run(log.read(10, milliseconds(0)));
  REQUIRE(batch);
  REQUIRE(batch->events.size() == 4);
  CHECK(*f.run(store::trim_lane(*f.redis.client, "3708", "dispatch")) == 0);
  REQUIRE(f.run(log.bury(batch->events[0].id, "cannot be handled")));
  CHECK(f.exec("XLEN", "{3708}:dead:dispatch").integer() == 1);
  const std::vector<std::string> rest{batch->events[1].id, batch->events[2].id,
                                      batch->events[3].id};
  REQUIRE(f.run(log.ack(rest)));
  const auto report = f.run(store::report_stream(*f.redis.client, "3708", "dispatch"));
  REQUIRE(report->groups.size() == 1);
  CHECK(report->groups[0].pending == 0);
  CHECK(report->groups[0].dead_letters == 1);
  // The outbox itself has no such reader.
  CHECK(f.run(store::report_stream(*f.redis.client, "3708"))->groups.empty());
}

TEST_CASE("what all have behind them is trimmed off a lane, and nothing of one nobody reads") {
  lanes_fixture f({"stream-node-max-entries 5"});
  f.close(30);
  CHECK(*f.run(store::trim_lane(*f.redis.client, "3708", "dispatch")) == 0);
  REQUIRE(f.run(store::open_lane(*f.redis.client, "3708", "dispatch")));
  CHECK(*f.run(store::trim_lane(*f.redis.client, "3708", "dispatch")) == 0);
  f.exec("XGROUP", "SETID", "{3708}:events:dispatch", "dispatch", "$");
  CHECK(*f.run(store::trim_lane(*f.redis.client, "3708", "dispatch")) >= 25);
  CHECK(f.exec("XLEN", "{3708}:events").integer() == 60);
}

TEST_CASE("a data set from before there were lanes: what was not finished is moved, once") {
  lanes_fixture f;
  const auto numbers = f.close(6);
  f.exec("DEL", "{3708}:events:dispatch");
  std::vector<std::string> expected;
  SUBCASE("never read") {
    f.exec("XGROUP", "CREATE", "{3708}:events", "dispatch", "0");
    expected = numbers;
  }
  SUBCASE("some handed out and not finished") {
    f.read_before_there_were_lanes(10, 8);
    expected.assign(numbers.begin() + 2, numbers.end());
  }
  SUBCASE("all that was handed out is finished") {
    f.read_before_there_were_lanes(10, 10);
    expected.assign(numbers.begin() + 4, numbers.end());
  }
  CHECK(f.open("dispatch") == expected.size());
  CHECK(f.in_lane("dispatch") == expected);
  CHECK(f.has_group("{3708}:events:dispatch", "dispatch"));
  CHECK_FALSE(f.has_group("{3708}:events", "dispatch"));
  CHECK(f.open("dispatch") == 0);
  CHECK(f.in_lane("dispatch") == expected);
}

TEST_CASE("what does not concern the lane stays behind, what cannot be read goes with it") {
  lanes_fixture f;
  f.close(2);
  f.exec("XADD", "{3708}:events", "*", "e", "not an event");
  f.exec("XGROUP", "CREATE", "{3708}:events", "escalation", "0");
  CHECK(f.open("escalation") == 1);
  CHECK(f.exec("XRANGE", "{3708}:events:escalation", "-", "+").at(0).at(1).at(1).string() ==
        "not an event");
}

}  // namespace
}  // namespace hotline::test
