// Tickets go in as decided and come out as committed.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/domain/civil.hpp"
#include "common/store/idempotency_keeper.hpp"
#include "common/store/keys.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using boost::asio::awaitable;

TEST_CASE("what was committed is loaded, with its history") {
  store_fixture f;
  const std::string no = "3708-20261123-00001";
  CHECK_FALSE(f.run(f.tickets->load(no))->has_value());

  const auto first = new_ticket();
  const auto second = annotated(first.ticket);
  f.commit(nullptr, first);
  f.commit(&first.ticket, second);

  const auto loaded = f.run(f.tickets->load(no));
  REQUIRE(loaded);
  REQUIRE(loaded->has_value());
  CHECK((*loaded)->SerializeAsString() == second.ticket.SerializeAsString());

  const auto history = f.run(f.tickets->history(no, 1, 100));
  REQUIRE(history);
  REQUIRE(history->size() == 2);
  CHECK((*history)[1].kind() == v1::EVENT_KIND_ANNOTATED);
  CHECK(f.run(f.tickets->history(no, 2, 1))->front().version() == 2);
  CHECK(f.run(f.tickets->history(no, 3, 5))->empty());
  CHECK(f.floor.of("3708") == 2);
}

TEST_CASE("derived entries follow the ticket") {
  store_fixture f;
  const auto first = new_ticket();
  f.commit(nullptr, first);
  const auto later = moved(first.ticket, monday + std::chrono::days(9));
  f.commit(&first.ticket, later);
  CHECK(f.exec("ZSCORE", "{3708}:timers", first.ticket.no()).string() ==
        std::to_string(to_unix_ms(monday + std::chrono::days(9))));
  f.commit(&later.ticket, closed(later.ticket));
  for (const auto* gone : {"{3708}:timers", "{3708}:queue:370883", "{3708}:open:370883"}) {
    CHECK(f.exec("EXISTS", gone).integer() == 0);
  }
  CHECK(f.exec("ZCARD", "{3708}:all").integer() == 1);
}

TEST_CASE("many tickets load in one burst; a corrupt one fails alone and is named") {
  store_fixture f;
  const auto numbers = f.fill("3708", 3, "370883");
  f.exec("SETRANGE", "{3708}:ticket:" + numbers[1], 60, "X");
  const auto loaded =
      f.run(f.tickets->load_many({numbers[2], numbers[1], numbers[0], "3708-20261123-09999"}));
  REQUIRE(loaded);
  REQUIRE(loaded->size() == 4);
  CHECK((*loaded)[0]->value().no() == numbers[2]);
  REQUIRE_FALSE((*loaded)[1]);
  CHECK((*loaded)[1].error().code == errc::corrupt_data);
  CHECK((*loaded)[1].error().detail.find(numbers[1]) != std::string::npos);
  CHECK((*loaded)[2]->value().no() == numbers[0]);
  CHECK_FALSE((*loaded)[3]->has_value());
  CHECK(f.run(f.tickets->load_many({}))->empty());
}

TEST_CASE("a damaged history names the event") {
  store_fixture f;
  const auto first = new_ticket();
  f.commit(nullptr, first);
  f.exec("LSET", "{3708}:history:" + first.ticket.no(), 0, "garbage");
  const auto history = f.run(f.tickets->history(first.ticket.no(), 1, 10));
  REQUIRE_FALSE(history);
  CHECK(history.error().code == errc::corrupt_data);
}

TEST_CASE("a commit on an old version is a conflict") {
  store_fixture f;
  const auto first = new_ticket();
  f.commit(nullptr, first);
  f.commit(&first.ticket, annotated(first.ticket));
  const auto late = annotated(first.ticket);
  const auto outcome =
      f.run(f.tickets->commit(&first.ticket, late.ticket, late.events, {}, {}, f.clock.now()));
  REQUIRE(outcome);
  CHECK(std::get<store::conflict>(*outcome).version == 2);
  const auto again =
      f.run(f.tickets->commit(nullptr, first.ticket, first.events, {}, {}, f.clock.now()));
  CHECK(std::get<store::conflict>(*again).version == 2);
}

TEST_CASE("of many commits on one version exactly one wins") {
  store_fixture f;
  const auto first = new_ticket();
  f.commit(nullptr, first);
  constexpr int racers = 64;
  int won = 0;
  int lost = 0;
  auto race = [&]() -> awaitable<void> {
    const auto step = annotated(first.ticket);
    const auto outcome =
        co_await f.tickets->commit(&first.ticket, step.ticket, step.events, {}, {}, f.clock.now());
    if (outcome && std::holds_alternative<store::committed>(*outcome)) ++won;
    if (outcome && std::holds_alternative<store::conflict>(*outcome)) ++lost;
  };
  for (int i = 0; i < racers; ++i) {
    boost::asio::co_spawn(f.redis.context, race(), boost::asio::detached);
  }
  run_until(f.redis.context, [&] { return won + lost == racers; });
  CHECK(won == 1);
  CHECK(f.exec("LLEN", "{3708}:history:" + first.ticket.no()).integer() == 2);
  CHECK(f.exec("XLEN", "{3708}:events").integer() == 2);
}

TEST_CASE("a repeated request gets its first answer, another body does not") {
  store_fixture f;
  const auto first = new_ticket();
  v1::CommandAnswer answer;
  answer.set_ticket_no(first.ticket.no());
  answer.set_version(1);
  const store::idempotency request{"key", "body"};
  const auto commit = [&](const ticket_step& step, const store::idempotency& as) {
    return *f.run(f.tickets->commit(nullptr, step.ticket, step.events, as, answer, f.clock.now()));
  };
  CHECK(std::holds_alternative<store::committed>(commit(first, request)));

  ticket_shape other;
  other.no = "3708-20261123-00002";
  const auto again = commit(new_ticket(other), request);
  REQUIRE(std::holds_alternative<store::replayed>(again));
  CHECK(std::get<store::replayed>(again).answer.SerializeAsString() == answer.SerializeAsString());
  CHECK(std::holds_alternative<store::key_reused>(commit(new_ticket(other), {"key", "other"})));
  CHECK_FALSE(f.run(f.tickets->load(other.no))->has_value());

  const auto load = [&](store::idempotency as, instant now) {
    return f.run(f.tickets->load_for(first.ticket.no(), std::move(as), now))->known;
  };
  CHECK(std::holds_alternative<store::replayed>(load(request, monday)));
  CHECK(std::holds_alternative<store::replayed>(load(request, monday + std::chrono::days(1))));
  CHECK(std::holds_alternative<std::monostate>(load(request, monday + std::chrono::days(2))));
  CHECK(std::holds_alternative<store::key_reused>(load({"key", "other"}, monday)));
  CHECK(std::holds_alternative<std::monostate>(load({"unknown", "body"}, monday)));
  CHECK(std::holds_alternative<store::replayed>(*f.run(f.tickets->find_request(request, monday))));
}

TEST_CASE("a commit names its data set and is refused by any other") {
  store_fixture f;
  auto options = f.options();
  options.data_set = std::string(32, 'a');
  store::ticket_store stranger(*f.redis.client, f.floor, options);
  const auto step = new_ticket();
  const auto outcome =
      f.run(stranger.commit(nullptr, step.ticket, step.events, {}, {}, f.clock.now()));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == errc::wrong_data_set);
  CHECK(f.exec("EXISTS", "{3708}:events").integer() == 0);
}

TEST_CASE("a flushed Redis takes no commit any more") {
  store_fixture f;
  f.exec("FLUSHALL");
  const auto step = new_ticket();
  const auto outcome =
      f.run(f.tickets->commit(nullptr, step.ticket, step.events, {}, {}, f.clock.now()));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == errc::wrong_data_set);
  CHECK(f.exec("DBSIZE").integer() == 0);
}

TEST_CASE("without the replica that was promised the outcome is unknown, though it happened") {
  store_fixture f;
  auto options = f.options();
  options.replicas_min = 1;
  options.replica_timeout = milliseconds(20);
  store::ticket_store careful(*f.redis.client, f.floor, options);
  const auto step = new_ticket();
  const store::idempotency request{"key", "body"};
  const auto first =
      f.run(careful.commit(nullptr, step.ticket, step.events, request, {}, f.clock.now()));
  REQUIRE_FALSE(first);
  CHECK(first.error().code == errc::outcome_unknown);
  // The repeat must not acknowledge either: the replica still does not have it.
  const auto again =
      f.run(careful.commit(nullptr, step.ticket, step.events, request, {}, f.clock.now()));
  REQUIRE_FALSE(again);
  CHECK(again.error().code == errc::outcome_unknown);
  const auto loaded = f.run(careful.load_for(step.ticket.no(), request, f.clock.now()));
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == errc::outcome_unknown);
  CHECK(f.run(f.tickets->load(step.ticket.no()))->has_value());
}

TEST_CASE("with a replica the commit is acknowledged once it was received") {
  store_fixture f({"bind 127.0.0.1"});
  redis_fixture replica;
  // Redis replicates over TCP only, so the master opens a port of the system's choice for it.
  int port = 0;
  for (int candidate = 20'000; candidate < 60'000 && port == 0; candidate += 37) {
    if (f.redis.exec("CONFIG", "SET", "port", candidate)) port = candidate;
  }
  REQUIRE(port != 0);
  f.exec("CONFIG", "SET", "repl-diskless-sync-delay", 0);
  REQUIRE(replica.exec("REPLICAOF", "127.0.0.1", port));
  const auto deadline = steady_now() + std::chrono::seconds(20);
  // Online is not enough: it counts once it has acknowledged something.
  do {
    REQUIRE(steady_now() < deadline);
    f.exec("SET", "{3708}:probe", 1);
  } while (f.exec("WAIT", 1, 100).integer() < 1);
  auto options = f.options();
  options.replicas_min = 1;
  store::ticket_store careful(*f.redis.client, f.floor, options);
  const auto step = new_ticket();
  const auto done = f.run(
      careful.commit(nullptr, step.ticket, step.events, {{"key", "body"}}, {}, f.clock.now()));
  REQUIRE(done);
  CHECK(std::holds_alternative<store::committed>(*done));
  CHECK(replica.exec("EXISTS", "{3708}:ticket:" + step.ticket.no())->integer() == 1);
  const auto again = f.run(
      careful.commit(nullptr, step.ticket, step.events, {{"key", "body"}}, {}, f.clock.now()));
  REQUIRE(again);
  CHECK(std::holds_alternative<store::replayed>(*again));
}

TEST_CASE("records of old days go, those a request may still look for stay") {
  store_fixture f;
  const auto record = [&](int days_ago) {
    const auto day = domain::civil_date(monday - days_ago * std::chrono::days(1));
    const auto key = store::idempotency_key(day);
    f.exec("HSET", key, "k", "r");
    return key;
  };
  const auto exists = [&](const std::string& key) { return f.exec("EXISTS", key).integer() == 1; };
  const auto today = record(0);
  const auto yesterday = record(1);
  const auto third = record(2);
  const auto fourth = record(3);
  const auto old = record(40);
  const auto drop = [&](int hours) {
    return f.run(store::drop_old_requests(*f.redis.client, std::chrono::hours(hours), monday));
  };
  CHECK(drop(48) == 2);
  CHECK_FALSE(exists(old));
  CHECK_FALSE(exists(fourth));
  CHECK(exists(third));
  CHECK(drop(0) == 1);
  CHECK(exists(yesterday));
  CHECK(exists(today));
}

}  // namespace
}  // namespace hotline::test
