// The reactor against a real Redis: order, redelivery, dead letters, stopping.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/runtime/reactor.hpp"
#include "common/store/function_library.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"
#include "common/store/stream_keeper.hpp"
#include "tests/support/redis_fixture.hpp"

namespace hotline::runtime {
namespace {

namespace asio = boost::asio;

constexpr const char* shard = "3708";

v1::Event event_of(const std::string& ticket, std::int64_t version) {
  v1::Event event;
  event.set_ticket_no(ticket);
  event.set_version(version);
  event.set_kind(v1::EVENT_KIND_ANNOTATED);
  return event;
}

struct reactor_fixture {
  reactor_fixture() {
    const auto loaded = redis.exec("FUNCTION", "LOAD", store::function_library_source());
    REQUIRE(loaded.has_value());
  }

  reactor_options options(std::string consumer = "one") const {
    reactor_options made;
    made.group = "test";
    made.consumer = std::move(consumer);
    made.shards = {shard};
    made.where = redis.server.endpoint();
    made.block = milliseconds(200);
    made.retry_first = milliseconds(5);
    made.retry_last = milliseconds(20);
    return made;
  }

  void publish(const std::string& ticket, std::int64_t version) {
    const auto added = redis.exec("XADD", store::events_key(shard), "*", "e",
                                  store::encode_event(event_of(ticket, version)));
    REQUIRE(added.has_value());
  }

  /// Runs a reactor until `done` holds, then stops it in order.
  void react(
      reactor_options wanted, reactor::handler handle, const std::function<bool()>& done,
      reactor::filter wants = [](const v1::Event&) { return true; }) {
    stop_signal stopping(redis.context.get_executor());
    reactor one(redis.context.get_executor(), *redis.client, std::move(wanted), std::move(wants),
                std::move(handle), counters, tasks, test::quiet_log());
    bool ended = false;
    asio::co_spawn(redis.context, one.run(stopping),
                   [&](std::exception_ptr thrown, result<void> end) {
                     CHECK_FALSE(thrown);
                     CHECK(end.has_value());
                     ended = true;
                   });
    test::run_until(redis.context, done);
    stopping.raise();
    test::run_until(redis.context, [&] { return ended; });
  }

  store::group_position position() {
    const auto report = redis.run(store::report_stream(*redis.client, shard));
    REQUIRE(report.has_value());
    REQUIRE(report->groups.size() == 1);
    return report->groups[0];
  }

  asio::awaitable<void> pause(int ms) {
    asio::steady_timer timer(redis.context, std::chrono::milliseconds(ms));
    co_await timer.async_wait(asio::use_awaitable);
  }

  test::redis_fixture redis;
  reactor_counters counters;
  task_counters tasks;
};

TEST_CASE_FIXTURE(reactor_fixture, "tickets are handled at the same time, each in its own order") {
  constexpr int tickets = 20;
  constexpr int versions = 10;
  for (int v = 1; v <= versions; ++v) {
    for (int t = 0; t < tickets; ++t) publish("T" + std::to_string(t), v);
  }
  std::map<std::string, std::vector<std::int64_t>> seen;
  int handled_count = 0;
  int at_once = 0;
  int at_once_max = 0;
  react(
      options(),
      [&](const v1::Event& event) -> asio::awaitable<handled> {
        at_once_max = std::max(at_once_max, ++at_once);
        // The later the version the quicker, so that a wrong order would show.
        co_await pause(versions - static_cast<int>(event.version()));
        seen[event.ticket_no()].push_back(event.version());
        --at_once;
        ++handled_count;
        co_return handled::done;
      },
      [&] { return handled_count == tickets * versions; });
  CHECK(at_once_max == tickets);
  for (const auto& [ticket, order] : seen) {
    CHECK(std::ranges::is_sorted(order));
    CHECK(order.size() == versions);
  }
  CHECK(position().pending == 0);
  CHECK(position().lag == 0);
}

TEST_CASE_FIXTURE(reactor_fixture, "an event is handled within milliseconds of its commit") {
  std::chrono::steady_clock::time_point published;
  std::optional<std::chrono::steady_clock::duration> took;
  asio::steady_timer later(redis.context, std::chrono::milliseconds(100));
  std::unique_ptr<redis::client> writer = redis.make_client();
  task_group background(redis.context.get_executor(), tasks, test::quiet_log());
  const auto write = [](redis::client& to) -> asio::awaitable<void> {
    const auto added = co_await to.exec(redis::command("XADD", store::events_key(shard), "*", "e",
                                                       store::encode_event(event_of("T1", 1))));
    CHECK(added.has_value());
  };
  later.async_wait([&](auto) {
    published = steady_now();
    background.spawn("write", write(*writer));
  });
  react(
      options(),
      [&](const v1::Event&) -> asio::awaitable<handled> {
        took = steady_now() - published;
        co_return handled::done;
      },
      [&] { return took.has_value(); });
  // Far below the block time: the blocking read was woken. (Typically 0.2 ms.)
  CHECK(*took < std::chrono::milliseconds(100));
}

TEST_CASE_FIXTURE(reactor_fixture, "an event nobody wants is acknowledged without the handler") {
  publish("T1", 1);
  publish("T2", 7);
  std::vector<std::string> seen;
  react(
      options(),
      [&](const v1::Event& event) -> asio::awaitable<handled> {
        seen.push_back(event.ticket_no());
        co_return handled::done;
      },
      [&] { return !seen.empty(); }, [](const v1::Event& event) { return event.version() == 7; });
  CHECK(seen == std::vector<std::string>{"T2"});
  CHECK(position().pending == 0);
}

TEST_CASE_FIXTURE(reactor_fixture,
                  "a retry comes again, and the ticket's later events wait for it") {
  publish("T1", 1);
  publish("T1", 2);
  publish("T2", 1);
  std::vector<std::string> log;
  int tries = 0;
  react(
      options(),
      [&](const v1::Event& event) -> asio::awaitable<handled> {
        log.push_back(event.ticket_no() + "v" + std::to_string(event.version()));
        const bool failing = event.ticket_no() == "T1" && event.version() == 1 && ++tries < 4;
        co_return failing ? handled::retry : handled::done;
      },
      [&] { return log.size() == 6; });
  CHECK(std::ranges::count(log, "T1v1") == 4);
  CHECK(log.back() == "T1v2");
  CHECK(counters.retries == 3);
  CHECK(position().pending == 0);
}

TEST_CASE_FIXTURE(reactor_fixture, "killed between handling and acknowledging: handled again") {
  publish("T1", 1);
  publish("T1", 2);
  // What a killed reader leaves behind: handed out to this consumer, never acknowledged.
  REQUIRE(redis.exec("XGROUP", "CREATE", store::events_key(shard), "test", "0").has_value());
  REQUIRE(redis.exec("XREADGROUP", "GROUP", "test", "one", "STREAMS", store::events_key(shard), ">")
              .has_value());
  publish("T1", 3);
  std::vector<std::int64_t> seen;
  react(
      options(),
      [&](const v1::Event& event) -> asio::awaitable<handled> {
        seen.push_back(event.version());
        co_return handled::done;
      },
      [&] { return seen.size() == 3; });
  CHECK(seen == std::vector<std::int64_t>{1, 2, 3});
  CHECK(position().pending == 0);
}

TEST_CASE_FIXTURE(reactor_fixture, "what another instance left unfinished is taken over") {
  publish("T1", 1);
  REQUIRE(redis.exec("XGROUP", "CREATE", store::events_key(shard), "test", "0").has_value());
  REQUIRE(
      redis.exec("XREADGROUP", "GROUP", "test", "gone", "STREAMS", store::events_key(shard), ">")
          .has_value());
  auto wanted = options("two");
  wanted.claim_idle = milliseconds(1);
  int seen = 0;
  react(
      wanted,
      [&](const v1::Event&) -> asio::awaitable<handled> {
        ++seen;
        co_return handled::done;
      },
      [&] { return seen == 1; });
  CHECK(position().pending == 0);
}

TEST_CASE_FIXTURE(reactor_fixture,
                  "dead letters: impossible, unreadable, throwing; the rest goes on") {
  publish("T1", 1);
  REQUIRE(redis.exec("XADD", store::events_key(shard), "*", "e", "no event at all").has_value());
  publish("T2", 1);
  publish("T3", 1);
  int good = 0;
  react(
      options(),
      [&](const v1::Event& event) -> asio::awaitable<handled> {
        if (event.ticket_no() == "T1") co_return handled::impossible;
        if (event.ticket_no() == "T2") throw std::runtime_error("a defect");
        ++good;
        co_return handled::done;
      },
      [&] { return good == 1 && counters.buried == 3; });
  CHECK(position().dead_letters == 3);
  CHECK(position().pending == 0);
  CHECK(tasks.leaked_exceptions == 0);
}

TEST_CASE_FIXTURE(reactor_fixture, "an event that ended its readers again and again is buried") {
  publish("T1", 1);
  publish("T2", 1);
  REQUIRE(redis.exec("XGROUP", "CREATE", store::events_key(shard), "test", "0").has_value());
  const auto key = store::events_key(shard);
  REQUIRE(redis.exec("XREADGROUP", "GROUP", "test", "one", "COUNT", 1, "STREAMS", key, ">"));
  for (int i = 0; i < 4; ++i) {
    REQUIRE(redis.exec("XREADGROUP", "GROUP", "test", "one", "STREAMS", key, "0-0").has_value());
  }
  std::vector<std::string> seen;
  react(
      options(),
      [&](const v1::Event& event) -> asio::awaitable<handled> {
        seen.push_back(event.ticket_no());
        co_return handled::done;
      },
      [&] { return !seen.empty(); });
  CHECK(seen == std::vector<std::string>{"T2"});
  CHECK(position().dead_letters == 1);
}

TEST_CASE_FIXTURE(reactor_fixture, "more events than fit in flight all come through") {
  constexpr int count = 500;
  for (int i = 0; i < count; ++i) publish("T" + std::to_string(i), 1);
  auto wanted = options();
  wanted.in_flight_max = 16;
  wanted.batch_max = 8;
  int seen = 0;
  int at_once = 0;
  int at_once_max = 0;
  react(
      wanted,
      [&](const v1::Event&) -> asio::awaitable<handled> {
        at_once_max = std::max(at_once_max, ++at_once);
        co_await pause(1);
        --at_once;
        ++seen;
        co_return handled::done;
      },
      [&] { return seen == count; });
  CHECK(at_once_max <= 16);
  CHECK(position().pending == 0);
}

TEST_CASE_FIXTURE(reactor_fixture, "the group is destroyed meanwhile: nothing is missed") {
  publish("T1", 1);
  std::vector<std::string> seen;
  std::unique_ptr<redis::client> other = redis.make_client();
  react(
      options(),
      [&](const v1::Event& event) -> asio::awaitable<handled> {
        seen.push_back(event.ticket_no());
        if (seen.size() > 1) co_return handled::done;
        const auto key = store::events_key(shard);
        const auto gone = co_await other->exec(redis::command("XGROUP", "DESTROY", key, "test"));
        const auto added = co_await other->exec(
            redis::command("XADD", key, "*", "e", store::encode_event(event_of("T2", 1))));
        CHECK((gone.has_value() && added.has_value()));
        co_return handled::done;
      },
      [&] { return std::ranges::count(seen, "T2") == 1; });
  CHECK(position().pending == 0);
  CHECK(position().lag == 0);
}

TEST_CASE_FIXTURE(reactor_fixture,
                  "stopping finishes what is in hand and leaves the rest pending") {
  publish("T1", 1);
  publish("T1", 2);
  int seen = 0;
  react(
      options(),
      [&](const v1::Event&) -> asio::awaitable<handled> {
        ++seen;
        co_await pause(50);
        co_return seen == 1 ? handled::done : handled::retry;
      },
      [&] { return seen == 2; });
  CHECK(position().pending == 1);
  CHECK(position().dead_letters == 0);
}

TEST_CASE("what a failure means for an event") {
  CHECK(handled_after({errc::unavailable, ""}) == handled::retry);
  CHECK(handled_after({errc::outcome_unknown, ""}) == handled::retry);
  CHECK(handled_after({errc::conflict, ""}) == handled::retry);
  CHECK(handled_after({errc::corrupt_data, ""}) == handled::impossible);
  CHECK(handled_after({errc::rejected, ""}) == handled::done);
}

}  // namespace
}  // namespace hotline::runtime
