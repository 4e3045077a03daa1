// What runs beside the services: forgetting the answers to old requests, trimming the outboxes.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "common/domain/civil.hpp"
#include "common/runtime/request_housekeeping.hpp"
#include "common/runtime/stream_housekeeping.hpp"
#include "common/store/function_library.hpp"
#include "common/store/keys.hpp"
#include "tests/support/redis_fixture.hpp"

namespace hotline::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::year_month_day today{2026y / 11 / 23};

bool kept(test::redis_fixture& redis, std::chrono::year_month_day day) {
  const auto found = redis.exec("EXISTS", store::idempotency_key(day));
  return found && found->integer() == 1;
}

TEST_CASE("answers to requests are kept for the time that is set, then forgotten") {
  test::redis_fixture redis;
  const std::chrono::year_month_day old{2026y / 11 / 10};
  const std::chrono::year_month_day yesterday{2026y / 11 / 22};
  for (const auto day : {old, yesterday, today}) {
    REQUIRE(redis.exec("HSET", store::idempotency_key(day), "key", "answer"));
  }
  const virtual_clock now(domain::civil_instant(today, 9h), 0);
  stop_signal stopping(redis.context.get_executor());
  bool ended = false;
  boost::asio::co_spawn(
      redis.context,
      keep_requests(*redis.client, 48h, milliseconds(10), now, stopping, test::quiet_log()),
      [&](const std::exception_ptr&) { ended = true; });
  test::run_until(redis.context, [&] { return !kept(redis, old); });
  CHECK(kept(redis, yesterday));
  CHECK(kept(redis, today));
  stopping.raise();
  test::run_until(redis.context, [&] { return ended; });
}

TEST_CASE("the newest events stay for onlookers although every group has them behind it") {
  // Redis trims whole nodes: small ones, to see it.
  test::redis_fixture redis({"stream-node-max-entries 5"});
  REQUIRE(redis.exec("FUNCTION", "LOAD", store::function_library_source()));
  const auto key = store::events_key("3708");
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) REQUIRE(redis.exec("XADD", key, "*", "e", "x"));
    REQUIRE(redis.exec("XGROUP", "SETID", key, "dispatch", "$"));
  };
  const auto length = [&] { return redis.exec("XLEN", key)->integer(); };
  REQUIRE(redis.exec("XGROUP", "CREATE", key, "dispatch", "0", "MKSTREAM"));
  // The audit chain is far ahead here.
  REQUIRE(
      redis.exec("HSET", store::seal_head_key("3708"), "id", "9999999999999-0", "e", 1'000'000));
  stream_gauges gauges;
  gauges.groups["dispatch"];
  stop_signal stopping(redis.context.get_executor());
  bool ended = false;
  constexpr std::int64_t keep = 50;
  boost::asio::co_spawn(redis.context,
                        keep_streams(*redis.client, "", {"3708"}, milliseconds(5), keep, gauges,
                                     stopping, test::quiet_log()),
                        [&](const std::exception_ptr&) { ended = true; });
  add(30);
  const auto looked_at = [&](std::int64_t entries) {
    test::run_until(redis.context, [&] { return gauges.entries == entries; });
  };
  looked_at(30);
  std::int64_t lowest = 1'000;
  for (int round = 0; round < 20; ++round) {
    const auto before = gauges.entries.load();
    add(20);
    // A round that has seen them and has trimmed what it may.
    test::run_until(redis.context, [&] { return gauges.entries != before || length() <= 70; });
    if (round > 3) lowest = std::min(lowest, length());
  }
  CHECK(lowest >= keep);
  test::run_until(redis.context, [&] { return length() < 120; });
  stopping.raise();
  test::run_until(redis.context, [&] { return ended; });
}

}  // namespace
}  // namespace hotline::runtime
