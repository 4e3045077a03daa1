// The clock of rehearsals (演练).
#include "common/base/clock.hpp"

#include <doctest/doctest.h>

namespace hotline {
namespace {

const instant start = from_unix_ms(1'795'000'000'000);

TEST_CASE("a virtual clock is set ahead, never back") {
  virtual_clock clock(start, 0);
  CHECK(clock.set(start + milliseconds(5), 0));
  CHECK(clock.now() == start + milliseconds(5));
  CHECK_FALSE(clock.set(start, 0));
  CHECK_FALSE(clock.set(start + milliseconds(9), -1));
  CHECK(clock.now() == start + milliseconds(5));
}

TEST_CASE("however fast it runs, it can be stopped") {
  virtual_clock clock(start, 1e6);
  CHECK(clock.run_on(start, 0));
  CHECK(clock.rate() == 0);
  const auto stands = clock.now();
  CHECK(stands >= start);
  CHECK(clock.now() == stands);
  CHECK(clock.run_on(stands + milliseconds(1), 0));
  CHECK(clock.now() == stands + milliseconds(1));
  CHECK_FALSE(clock.run_on(stands, 2e6));
}

}  // namespace
}  // namespace hotline
