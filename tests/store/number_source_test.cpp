// Numbers: unique under concurrency, few leases under load, one at a time when it is quiet.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <set>

#include "common/domain/ticket_no.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using boost::asio::awaitable;

awaitable<void> take(store::number_source& numbers, std::string shard, int count,
                     std::multiset<std::string>& taken, int& running) {
  for (int i = 0; i < count; ++i) {
    const auto no = co_await numbers.next(shard, monday);
    if (no) taken.insert(*no);
  }
  --running;
}

TEST_CASE("numbers begin at one for each shard and day") {
  store_fixture f;
  CHECK(f.run(f.numbers->next("3708", monday)) == "3708-20261123-00001");
  CHECK(f.run(f.numbers->next("3700", monday)) == "3700-20261123-00001");
  CHECK(f.run(f.numbers->next("3708", monday)) == "3708-20261123-00002");
  CHECK(f.run(f.numbers->next("3708", monday + std::chrono::days(1))) == "3708-20261124-00001");
}

TEST_CASE("the civil day counts, not that of UTC") {
  store_fixture f;
  // 23:59:59.999 and 00:00 at +08:00
  const auto midnight = monday + std::chrono::hours(15);
  CHECK(f.run(f.numbers->next("3708", midnight - milliseconds(1))) == "3708-20261123-00001");
  CHECK(f.run(f.numbers->next("3708", midnight)) == "3708-20261124-00001");
}

TEST_CASE("no number is given twice, to many at once, from several sources") {
  store_fixture f;
  store::number_source other(f.redis.context.get_executor(), *f.redis.client, f.guard.data_set());
  std::multiset<std::string> taken;
  constexpr int workers = 50;
  constexpr int each = 200;
  int running = workers;
  f.exec("CONFIG", "RESETSTAT");
  for (int i = 0; i < workers; ++i) {
    boost::asio::co_spawn(
        f.redis.context,
        take(i % 2 == 0 ? *f.numbers : other, i % 5 == 0 ? "3701" : "3708", each, taken, running),
        boost::asio::detached);
  }
  run_until(f.redis.context, [&] { return running == 0; });
  CHECK(taken.size() == workers * each);
  CHECK(std::set<std::string>(taken.begin(), taken.end()).size() == workers * each);
  for (const auto& no : taken) CHECK(domain::is_ticket_no(no));

  // Blocks double: 10,000 numbers from 4 sources of a shard need some tens of leases.
  const auto stats = f.exec("INFO", "commandstats");
  const auto at = stats.string().find("cmdstat_fcall:calls=");
  REQUIRE(at != std::string_view::npos);
  CHECK(std::stoi(std::string(stats.string().substr(at + 20))) < 100);
}

TEST_CASE("a lease that fails fails all who wait for it, and the next try works") {
  store_fixture f;
  f.exec("HSET", "{3708}:head", "serial:20261123", "damaged");
  int failures = 0;
  int running = 3;
  auto ask = [&]() -> awaitable<void> {
    const auto no = co_await f.numbers->next("3708", monday);
    if (!no && no.error().code == errc::corrupt_data) ++failures;
    --running;
  };
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(f.redis.context, ask(), boost::asio::detached);
  }
  run_until(f.redis.context, [&] { return running == 0; });
  CHECK(failures == 3);
  f.exec("HDEL", "{3708}:head", "serial:20261123");
  CHECK(f.run(f.numbers->next("3708", monday)) == "3708-20261123-00001");
}

}  // namespace
}  // namespace hotline::test
