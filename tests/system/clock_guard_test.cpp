// Steps of the wall clock as the sla service sees them (no process, no Redis).
#include <doctest/doctest.h>

#include "services/sla/clock_guard.hpp"

namespace hotline::sla {
namespace {

using verdict = clock_guard::verdict;

/// Lets time pass in looks of 100 ms at both clocks, each shown with an offset.
struct watch {
  verdict pass(milliseconds time) {
    auto last = verdict::steady;
    for (milliseconds done{0}; done < time; done += milliseconds(100)) {
      elapsed += milliseconds(100);
      guard.look_at_server(start + elapsed + server_offset, steady());
      last = guard.look(start + elapsed + own_offset, steady());
    }
    return last;
  }
  clock_guard::steady_point steady() const { return clock_guard::steady_point(elapsed); }

  clock_guard guard;
  instant start = from_unix_ms(1'800'000'000'000);
  milliseconds elapsed{1'000'000};
  milliseconds own_offset{0};
  milliseconds server_offset{0};
};

TEST_CASE_FIXTURE(watch, "time that passes evenly is no step, nor is slewing") {
  CHECK(pass(std::chrono::seconds(10)) == verdict::steady);
  for (int i = 0; i < 100; ++i) {
    own_offset += milliseconds(10);
    CHECK(pass(milliseconds(100)) == verdict::steady);
  }
}

TEST_CASE_FIXTURE(watch, "our clock steps away from that of Redis: held for a minute") {
  pass(std::chrono::seconds(1));
  for (const auto step : {milliseconds(3'600'000), milliseconds(-7'200'000)}) {
    own_offset += step;
    CHECK(pass(milliseconds(100)) == verdict::stepped);
    CHECK(pass(std::chrono::seconds(59)) == verdict::held);
    CHECK(guard.holding());
    CHECK(pass(std::chrono::seconds(2)) == verdict::steady);
    CHECK_FALSE(guard.holding());
  }
}

TEST_CASE_FIXTURE(watch, "our clock was wrong and is put right: Redis confirms it at once") {
  own_offset = milliseconds(-60'000);
  pass(std::chrono::seconds(1));
  own_offset = milliseconds(0);
  CHECK(pass(milliseconds(100)) == verdict::stepped);
  CHECK(pass(milliseconds(100)) == verdict::confirmed);
  CHECK_FALSE(guard.holding());
}

TEST_CASE_FIXTURE(watch, "both clocks step together: the one proves nothing about the other") {
  pass(std::chrono::seconds(1));
  own_offset = server_offset = std::chrono::hours(24);
  CHECK(pass(milliseconds(100)) == verdict::stepped);
  CHECK(pass(std::chrono::seconds(50)) == verdict::held);
  CHECK(pass(std::chrono::seconds(11)) == verdict::steady);
}

}  // namespace
}  // namespace hotline::sla
