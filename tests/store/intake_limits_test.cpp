// What public channels may ask for: exact for those who come together, and through restarts.
#include "common/store/intake_limits.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <string>
#include <vector>

#include "common/store/keys.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using store::intake_count;
using store::intake_span;

struct limits_fixture : store_fixture {
  bool take(std::vector<intake_count> counts, const std::string& token = {}, instant now = monday) {
    const auto full = run(limits.take(std::move(counts), token, now));
    REQUIRE(full);
    return !full->has_value();
  }

  store::intake_limits limits{*redis.client, guard.data_set()};
};

const intake_count two_a_day{intake_span::day, "p:x", 2};

TEST_CASE("a limit holds within its civil span, and the next begins anew") {
  limits_fixture f;
  CHECK(f.take({two_a_day}));
  CHECK(f.take({two_a_day}));
  CHECK_FALSE(f.take({two_a_day}));
  CHECK(f.take({{intake_span::day, "p:y", 2}}));
  // 09:00 of the civil day: its last minute and the next one's first.
  CHECK_FALSE(f.take({two_a_day}, {}, monday + std::chrono::hours(15) - milliseconds(1)));
  CHECK(f.take({two_a_day}, {}, monday + std::chrono::hours(15)));
  CHECK(store::end_of(intake_span::day, monday) == monday + std::chrono::hours(15));
  CHECK(store::end_of(intake_span::hour, monday) == monday + std::chrono::hours(1));
  CHECK(store::end_of(intake_span::minute, monday + milliseconds(1)) ==
        monday + std::chrono::minutes(1));
}

TEST_CASE("where one of several is used up none is counted, and it is named") {
  limits_fixture f;
  const intake_count address{intake_span::hour, "a:10.0.0.1", 1};
  const intake_count ticket{intake_span::hour, "t:3708-20261123-00001", 5};
  CHECK(f.take({address, ticket}));
  const auto full = f.run(f.limits.take({ticket, address}, {}, monday));
  REQUIRE(full);
  CHECK(*full == std::size_t{1});
  const auto counted = f.exec("HGET", store::intake_counter_key("hour-20261123-09"), ticket.field);
  CHECK(counted.string() == "1");
  REQUIRE(f.run(f.limits.give_back({address}, {}, monday)));
  CHECK(f.take({address}));
}

TEST_CASE("a request that is repeated counts once, and is taken back once") {
  limits_fixture f;
  CHECK(f.take({two_a_day}, "first"));
  CHECK(f.take({two_a_day}, "first"));
  CHECK(f.take({two_a_day}, "second"));
  CHECK_FALSE(f.take({two_a_day}, "third"));
  CHECK(f.take({two_a_day}, "first"));  // also when there is no room any more
  REQUIRE(f.run(f.limits.give_back({two_a_day}, "third", monday)));  // was never counted
  CHECK_FALSE(f.take({two_a_day}, "third"));
  REQUIRE(f.run(f.limits.give_back({two_a_day}, "second", monday)));
  REQUIRE(f.run(f.limits.give_back({two_a_day}, "second", monday)));
  CHECK(f.take({two_a_day}, "third"));
  CHECK_FALSE(f.take({two_a_day}, "fourth"));
}

TEST_CASE("of many who come at the same time exactly as many pass as may") {
  limits_fixture f;
  int passed = 0;
  int ended = 0;
  constexpr int asking = 64;
  for (int i = 0; i < asking; ++i) {
    boost::asio::co_spawn(
        f.redis.context,
        f.limits.take({{intake_span::day, "p:x", 5}}, "token-" + std::to_string(i), monday),
        [&](const std::exception_ptr& thrown, result<std::optional<std::size_t>> full) {
          REQUIRE_FALSE(thrown);
          REQUIRE(full);
          if (!full->has_value()) ++passed;
          ++ended;
        });
  }
  run_until(f.redis.context, [&] { return ended == asking; });
  CHECK(passed == 5);
}

TEST_CASE("spans that are over are forgotten, and those that run are not") {
  limits_fixture f;
  const intake_count minute{intake_span::minute, "c:web", 600};
  f.take({two_a_day, minute}, "t");
  const auto there = [&](const char* span) {
    return f.exec("EXISTS", store::intake_counter_key(span)).integer() == 1;
  };
  CHECK(there("day-20261123"));
  CHECK(there("minute-20261123-0900"));
  f.take({minute}, {}, monday + std::chrono::minutes(1));
  CHECK_FALSE(there("minute-20261123-0900"));
  CHECK(there("minute-20261123-0901"));
  CHECK(there("day-20261123"));
  f.take({minute}, {}, monday + std::chrono::days(1));
  CHECK_FALSE(there("day-20261123"));
  CHECK(f.exec("ZCARD", store::intake_spans_key()).integer() == 1);
}

TEST_CASE("another data set is refused, and what is no counter is not touched") {
  limits_fixture f;
  store::intake_limits foreign(*f.redis.client, std::string(32, 'a'));
  const auto refused = f.run(foreign.take({two_a_day}, {}, monday));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::wrong_data_set);
  const auto before = f.digest();
  for (const char* key : {"{3708}:timers", "{0000}:attempts", "{0000}:attempts:intake:"}) {
    const auto answer =
        f.redis.exec("FCALL", "intake_take", 3, "{0000}:head", store::intake_spans_key(), key,
                     f.guard.data_set(), "", 1, "p:x", 1, 60);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().detail.find("HLARGUMENT") != std::string::npos);
  }
  CHECK(f.digest() == before);
}

}  // namespace
}  // namespace hotline::test
