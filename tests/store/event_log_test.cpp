// The outbox: nothing is lost between reading and acknowledging, poison is buried, trimming waits
// for everybody.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/store/event_log.hpp"
#include "common/store/stream_keeper.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

constexpr milliseconds no_wait{0};

struct log_fixture : store_fixture {
  std::unique_ptr<store::event_log> open(const std::string& consumer,
                                         const std::string& group = "dispatch",
                                         std::int64_t deliveries_max = 3) {
    store::event_log_options options;
    options.shard = "3708";
    options.group = group;
    options.consumer = consumer;
    options.claim_idle = milliseconds(0);  // everything pending counts as stale
    options.deliveries_max = deliveries_max;
    return std::make_unique<store::event_log>(redis.context.get_executor(), redis.server.endpoint(),
                                              *redis.client, options, quiet_log());
  }
  std::int64_t pending(const std::string& group = "dispatch") {
    return exec("XPENDING", "{3708}:events", group).at(0).integer();
  }
  store::stream_report report() { return *run(store::report_stream(*redis.client, "3708")); }
};

std::vector<std::string> ids_of(const store::event_batch& batch) {
  std::vector<std::string> ids;
  for (const auto& one : batch.events) ids.push_back(one.id);
  return ids;
}

TEST_CASE("events come in the order of the commits") {
  log_fixture f;
  const auto numbers = f.fill("3708", 5, "370883");
  const auto log = f.open("a");
  const auto batch = f.run(log->read(10, no_wait));
  REQUIRE(batch);
  REQUIRE(batch->events.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(batch->events[i].event.ticket_no() == numbers[i]);
  REQUIRE(f.run(log->ack(ids_of(*batch))));
  CHECK(f.pending() == 0);
  CHECK(f.run(log->read(10, no_wait))->events.empty());
  CHECK(f.run(log->ack({})));
}

TEST_CASE("what was read and not acknowledged before a crash comes again") {
  log_fixture f;
  f.fill("3708", 3, "370883");
  {
    const auto log = f.open("a");
    const auto batch = f.run(log->read(10, no_wait));
    REQUIRE(batch->events.size() == 3);
    REQUIRE(f.run(log->ack({batch->events[0].id})));
  }
  SUBCASE("to the same instance after its restart") {
    const auto again = f.run(f.open("a")->read(10, no_wait));
    REQUIRE(again);
    REQUIRE(again->events.size() == 2);
    CHECK(again->events[0].event.ticket_no() == "3708-20261123-00002");
  }
  SUBCASE("to another instance, because the first does not come back") {
    const auto other = f.open("b");
    CHECK(f.run(other->read(10, no_wait))->events.empty());
    const auto taken = f.run(other->take_stale(10));
    REQUIRE(taken);
    CHECK(taken->events.size() == 2);
    REQUIRE(f.run(other->ack(ids_of(*taken))));
    CHECK(f.pending() == 0);
  }
}

TEST_CASE("an event that is delivered too often is buried, with its bytes") {
  log_fixture f;
  f.fill("3708", 2, "370883");
  const auto log = f.open("a");
  const auto first = f.run(log->read(10, no_wait));
  REQUIRE(f.run(log->ack({first->events[1].id})));
  for (int delivery = 2; delivery <= 3; ++delivery) {
    CHECK(f.run(log->take_stale(10))->events.size() == 1);
  }
  const auto last = f.run(log->take_stale(10));
  REQUIRE(last);
  CHECK(last->events.empty());
  CHECK(last->buried == std::vector<std::string>{first->events[0].id});
  CHECK(f.pending() == 0);
  const auto dead = f.exec("XRANGE", "{3708}:dead:dispatch", "-", "+");
  REQUIRE(dead.size() == 1);
  const auto& fields = dead.at(0).at(1);
  CHECK(fields.at(1).string() == first->events[0].id);
  CHECK(fields.at(3).string() == "delivered 4 times");
  v1::Event event;
  REQUIRE(event.ParseFromString(std::string(fields.at(5).string())));
  CHECK(event.ticket_no() == "3708-20261123-00001");
  CHECK(f.report().groups.at(0).dead_letters == 1);
}

TEST_CASE("poison is buried at once and the queue keeps moving") {
  log_fixture f;
  f.fill("3708", 1, "370883");
  f.exec("XADD", "{3708}:events", "*", "e", "not an event");
  f.exec("XADD", "{3708}:events", "*", "other", "field");
  ticket_shape next;
  next.no = "3708-20261123-00002";
  f.commit(nullptr, new_ticket(next));
  const auto log = f.open("a");
  const auto batch = f.run(log->read(10, no_wait));
  REQUIRE(batch);
  CHECK(batch->events.size() == 2);
  CHECK(batch->buried.size() == 2);
  CHECK(f.pending() == 2);
}

TEST_CASE("burying twice is burying once") {
  log_fixture f;
  f.fill("3708", 1, "370883");
  const auto log = f.open("a");
  const auto batch = f.run(log->read(10, no_wait));
  REQUIRE(f.run(log->bury(batch->events[0].id, "no such partner")));
  REQUIRE(f.run(log->bury(batch->events[0].id, "no such partner")));
  CHECK(f.exec("XLEN", "{3708}:dead:dispatch").integer() == 1);
}

TEST_CASE("an entry that vanished while it was pending is an alarm, not a silence") {
  log_fixture f;
  f.fill("3708", 3, "370883");
  std::string id;
  {
    const auto log = f.open("a");
    id = f.run(log->read(10, no_wait))->events[1].id;
  }
  f.exec("XDEL", "{3708}:events", id);
  SUBCASE("its own instance sees it") {
    const auto again = f.run(f.open("a")->read(10, no_wait));
    CHECK(again->lost == std::vector<std::string>{id});
    CHECK(again->events.size() == 2);
  }
  SUBCASE("another instance sees it") {
    const auto taken = f.run(f.open("b")->take_stale(10));
    CHECK(taken->lost == std::vector<std::string>{id});
    CHECK(taken->events.size() == 2);
  }
  CHECK(f.pending() == 2);
}

TEST_CASE("nothing is trimmed before every group has it behind itself") {
  log_fixture f;
  f.fill("3708", 300, "370883");
  const auto fast = f.open("a", "fast");
  const auto slow = f.open("a", "slow");
  const auto trim = [&](std::vector<std::string> groups) {
    return *f.run(
        store::trim_stream(*f.redis.client, "3708", std::move(groups), store::seal_floor::absent));
  };
  const auto batch = f.run(fast->read(300, no_wait));
  REQUIRE(f.run(fast->ack(ids_of(*batch))));
  // `slow` has not even been created yet.
  CHECK(trim({"fast", "slow"}) == 0);
  const auto some = f.run(slow->read(200, no_wait));
  REQUIRE(some->events.size() == 200);
  auto ids = ids_of(*some);
  REQUIRE(f.run(slow->ack(std::vector<std::string>(ids.begin() + 100, ids.end()))));
  // 100 are pending at `slow`: they and all behind them stay.
  CHECK(trim({"fast", "slow"}) == 0);
  // A group nobody expects counts as well.
  REQUIRE(f.run(slow->ack(std::vector<std::string>(ids.begin(), ids.begin() + 100))));
  REQUIRE(f.run(store::ensure_group(*f.redis.client, "3708", "newcomer")));
  REQUIRE(f.run(store::ensure_group(*f.redis.client, "3708", "newcomer")));
  CHECK(trim({"fast", "slow"}) == 0);
  f.exec("XGROUP", "DESTROY", "{3708}:events", "newcomer");

  const auto trimmed = trim({"fast", "slow"});
  CHECK(trimmed > 100);
  CHECK(trimmed < 200);
  const auto rest = f.run(slow->read(300, no_wait));
  CHECK(rest->events.size() == 100);
  CHECK(rest->lost.empty());
  for (const auto& group : f.report().groups) CHECK(group.lost == 0);
}

TEST_CASE("trimming a shard without a stream or without groups does nothing") {
  log_fixture f;
  CHECK(f.run(store::trim_stream(*f.redis.client, "3701", {}, store::seal_floor::absent)) == 0);
  CHECK(f.run(store::report_stream(*f.redis.client, "3701"))->groups.empty());
  f.fill("3708", 200, "370883");
  CHECK(f.run(store::trim_stream(*f.redis.client, "3708", {}, store::seal_floor::absent)) == 0);
  CHECK(f.exec("XLEN", "{3708}:events").integer() == 200);
}

TEST_CASE("the report tells how far a group is, and what was trimmed under it") {
  log_fixture f;
  f.fill("3708", 20, "370883");
  const auto log = f.open("a");
  const auto batch = f.run(log->read(10, no_wait));
  REQUIRE(f.run(log->ack({batch->events[0].id})));
  auto group = f.report().groups.at(0);
  CHECK(group.group == "dispatch");
  CHECK(group.pending == 9);
  CHECK(group.lag == 10);
  CHECK(group.oldest_pending == batch->events[1].id);
  CHECK(group.lost == 0);

  f.exec("XTRIM", "{3708}:events", "MAXLEN", 3);
  f.run(log->read(10, no_wait));
  CHECK(f.report().groups.at(0).lost == 7);
}

TEST_CASE("a group that was destroyed begins again and repeats what is left") {
  log_fixture f;
  f.fill("3708", 3, "370883");
  const auto log = f.open("a");
  const auto batch = f.run(log->read(10, no_wait));
  REQUIRE(f.run(log->ack(ids_of(*batch))));
  f.exec("XGROUP", "DESTROY", "{3708}:events", "dispatch");
  std::size_t seen = 0;
  for (int i = 0; i < 5 && seen < 3; ++i) {
    if (const auto again = f.run(log->read(10, no_wait))) seen += again->events.size();
  }
  CHECK(seen == 3);
}

TEST_CASE("a waiting read ends when the log is stopped") {
  log_fixture f;
  const auto log = f.open("a");
  f.run(log->read(1, no_wait));
  std::optional<errc> end;
  auto wait = [&]() -> boost::asio::awaitable<void> {
    const auto batch = co_await log->read(1, std::chrono::seconds(30));
    end = batch ? errc::internal : batch.error().code;
  };
  boost::asio::co_spawn(f.redis.context, wait(), boost::asio::detached);
  f.redis.context.restart();
  f.redis.context.poll();
  log->stop();
  run_until(f.redis.context, [&] { return end.has_value(); });
  CHECK(end == errc::cancelled);
}

}  // namespace
}  // namespace hotline::test
