// When a message is tried again, and when a partner is left alone.
#include <doctest/doctest.h>

#include "services/transfer/breaker.hpp"
#include "services/transfer/retry_plan.hpp"

namespace hotline::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using transfer::breaker;
using transfer::retry_plan;
using enum breaker::allowance;

constexpr instant now = from_unix_ms(1'795'395'600'000);

TEST_CASE("tries are 1, 5, 30 minutes, 2 and 6 hours apart, then there is no more") {
  const retry_plan plan{v1::Outbound()};
  const std::vector<milliseconds> waits{minutes(1), minutes(5), minutes(30), hours(2), hours(6)};
  for (std::size_t i = 0; i < waits.size(); ++i) {
    const auto tries = static_cast<std::int64_t>(i) + 1;
    CHECK(plan.wait_after(tries, 0) == waits[i]);
    CHECK(*plan.wait_after(tries, 0.99) > waits[i]);
    CHECK(*plan.wait_after(tries, 0.99) <= waits[i] + waits[i] / 10);
  }
  CHECK_FALSE(plan.wait_after(6, 0));
  CHECK_FALSE(plan.wait_after(0, 0));
}

TEST_CASE("a partner's own plan replaces it") {
  v1::Outbound rules;
  rules.add_retry("10s");
  rules.add_retry("1h");
  const retry_plan plan(rules);
  CHECK(plan.wait_after(1, 0) == seconds(10));
  CHECK(plan.wait_after(2, 0) == hours(1));
  CHECK_FALSE(plan.wait_after(3, 0));
}

TEST_CASE("the breaker opens after failures in a row, lets one through, and closes when it works") {
  breaker b(3, seconds(30));
  b.failed(now);
  b.failed(now);
  b.succeeded();
  b.failed(now);
  b.failed(now);
  CHECK(b.allows(now) == any);
  b.failed(now);
  CHECK(b.allows(now) == none);
  CHECK(b.until() == now + seconds(30));
  b.failed(now + seconds(10));  // was on its way
  CHECK(b.allows(now + seconds(29)) == none);
  CHECK(b.allows(now + seconds(30)) == one);
  b.failed(now + seconds(31));
  CHECK(b.allows(now + seconds(60)) == none);
  CHECK(b.allows(now + seconds(61)) == one);
  b.succeeded();
  CHECK(b.allows(now + seconds(61)) == any);
  CHECK(b.failures_in_row() == 0);
}

TEST_CASE("without a setting: five failures, half a minute") {
  breaker b{v1::Outbound()};
  for (int i = 0; i < 4; ++i) b.failed(now);
  CHECK(b.allows(now) == any);
  b.failed(now);
  CHECK(b.allows(now + seconds(29)) == none);
  CHECK(b.allows(now + seconds(30)) == one);
}

}  // namespace
}  // namespace hotline::test
