// Reading derived sets of all shards as one, and the timers.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <random>

#include "common/store/index_reader.hpp"
#include "common/store/timers.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using store::index_member;
using store::index_order;

/// Plants members in a set of each shard, many with equal scores, and keeps the sorted truth.
std::vector<index_member> plant(store_fixture& f, const std::string& name, int per_shard) {
  std::mt19937 random(11);
  std::vector<index_member> truth;
  for (const auto& shard : test_shards()) {
    for (int i = 1; i <= per_shard; ++i) {
      const double score = static_cast<double>(random() % 4) * 1e13;
      // Serials of five and six digits: the order is that of bytes, not of numbers.
      truth.push_back({fmt::format("{}-20261123-{:05}", shard, 99'950 + i), score});
      f.exec("ZADD", "{" + shard + "}:" + name, fmt::format("{}", score), truth.back().no);
    }
  }
  std::ranges::sort(truth, [](const auto& a, const auto& b) {
    return a.score != b.score ? a.score < b.score : a.no < b.no;
  });
  return truth;
}

std::vector<index_member> read_all(store_fixture& f, const store::index_reader& reader,
                                   const std::string& name, std::size_t limit, index_order order) {
  std::vector<index_member> all;
  std::optional<store::index_cursor> cursor;
  while (true) {
    const auto page = f.run(reader.page(name, cursor, limit, order));
    REQUIRE(page);
    REQUIRE(page->members.size() <= limit);
    all.insert(all.end(), page->members.begin(), page->members.end());
    if (!page->next) return all;
    REQUIRE(page->members.size() == limit);
    cursor = page->next;
  }
}

TEST_CASE("paging walks over all shards, both ways, with thousands of equal scores") {
  store_fixture f;
  const store::index_reader reader(*f.redis.client, test_shards);
  auto truth = plant(f, "queue:370883", 100);
  for (const std::size_t limit : {1U, 7U, 100U, 299U, 300U, 301U, 1000U}) {
    CAPTURE(limit);
    CHECK(read_all(f, reader, "queue:370883", limit, index_order::ascending) == truth);
  }
  std::ranges::reverse(truth);
  for (const std::size_t limit : {1U, 7U, 300U, 1000U}) {
    CAPTURE(limit);
    CHECK(read_all(f, reader, "queue:370883", limit, index_order::descending) == truth);
  }
  CHECK(f.run(reader.count("queue:370883")) == 300);
  CHECK(f.run(reader.count("queue:none")) == 0);
  const auto low = std::ranges::count_if(truth, [](const auto& m) { return m.score < 2e13; });
  CHECK(f.run(reader.count_between("queue:370883", 0, 2e13)) == low);
  CHECK(*f.run(reader.counts({"queue:none", "queue:370883"})) == std::vector<std::int64_t>{0, 300});
  CHECK(f.run(reader.page("queue:none", {}, 10, index_order::ascending))->members.empty());
}

TEST_CASE("a cursor goes on where it was although its entry is gone") {
  store_fixture f;
  const store::index_reader reader(*f.redis.client, test_shards);
  const auto truth = plant(f, "queue:370883", 50);
  for (std::size_t at = 0; at < truth.size(); at += 13) {
    const auto& gone = truth[at];
    f.exec("ZREM", "{" + gone.no.substr(0, 4) + "}:queue:370883", gone.no);
    const auto page = f.run(reader.page("queue:370883", store::index_cursor{gone.score, gone.no}, 1,
                                        index_order::ascending));
    REQUIRE(page);
    if (at + 1 < truth.size()) CHECK(page->members.front() == truth[at + 1]);
  }
}

TEST_CASE("a set that holds something else than ticket numbers is reported, not shown") {
  store_fixture f;
  const store::index_reader reader(*f.redis.client, test_shards);
  f.exec("ZADD", "{3708}:all", 1, "not a number");
  const auto page = f.run(reader.page("all", {}, 10, index_order::ascending));
  REQUIRE_FALSE(page);
  CHECK(page.error().code == errc::corrupt_data);
}

TEST_CASE("due timers come oldest first from all shards, and never before their time") {
  store_fixture f;
  const store::timers timers(*f.redis.client, test_shards);
  CHECK_FALSE(f.run(timers.next())->has_value());

  const auto at = [](int minutes) { return monday + std::chrono::minutes(minutes); };
  f.fill("3708", 1, "370883", at(20));
  f.fill("3700", 1, "370883", at(10));
  f.fill("3701", 1, "370883", at(30));
  CHECK(f.run(timers.next())->value() == at(10));
  CHECK(f.run(timers.due(at(10) - milliseconds(1), 10))->empty());
  const std::vector<store::due_timer> expected{{"3700-20261123-00001", at(10)},
                                               {"3708-20261123-00001", at(20)}};
  CHECK(*f.run(timers.due(at(20), 10)) == expected);
  CHECK(f.run(timers.due(at(60), 2))->size() == 2);
  CHECK(f.run(timers.due_in_shard("3708", at(60), 10))->size() == 1);
  CHECK(f.run(timers.due_in_shard("3708", at(19), 10))->empty());
}

TEST_CASE("the server's clock is within a second of ours") {
  store_fixture f;
  const store::timers timers(*f.redis.client, test_shards);
  const auto before = wall_clock().now();
  const auto server = f.run(timers.server_time());
  const auto after = wall_clock().now();
  REQUIRE(server);
  CHECK(*server >= before - std::chrono::seconds(1));
  CHECK(*server <= after + std::chrono::seconds(1));
}

}  // namespace
}  // namespace hotline::test
