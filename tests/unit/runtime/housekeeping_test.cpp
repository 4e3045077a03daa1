// What runs beside the services: here, forgetting the answers to old requests.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>

#include "common/domain/civil.hpp"
#include "common/runtime/request_housekeeping.hpp"
#include "common/store/keys.hpp"
#include "tests/support/redis_fixture.hpp"

namespace hotline::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::year_month_day today{2026y / 11 / 23};

bool kept(test::redis_fixture& redis, std::chrono::year_month_day day) {
  const auto found = redis.exec("EXISTS", store::idempotency_key("3708", day));
  return found && found->integer() == 1;
}

TEST_CASE("answers to requests are kept for the time that is set, then forgotten") {
  test::redis_fixture redis;
  const std::chrono::year_month_day old{2026y / 11 / 10};
  const std::chrono::year_month_day yesterday{2026y / 11 / 22};
  for (const auto day : {old, yesterday, today}) {
    REQUIRE(redis.exec("HSET", store::idempotency_key("3708", day), "key", "answer"));
  }
  const virtual_clock now(domain::civil_instant(today, 9h), 0);
  stop_signal stopping(redis.context.get_executor());
  bool ended = false;
  boost::asio::co_spawn(redis.context,
                        keep_requests(*redis.client, {"3708"}, 48h, milliseconds(10), now, stopping,
                                      test::quiet_log()),
                        [&](const std::exception_ptr&) { ended = true; });
  test::run_until(redis.context, [&] { return !kept(redis, old); });
  CHECK(kept(redis, yesterday));
  CHECK(kept(redis, today));
  stopping.raise();
  test::run_until(redis.context, [&] { return ended; });
}

}  // namespace
}  // namespace hotline::runtime
