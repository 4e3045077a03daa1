// Instants on the wire.
#include "common/base/rfc3339.hpp"

#include <doctest/doctest.h>

#include <random>

namespace hotline {
namespace {

std::string text_of(instant t) {
  std::string out;
  append_rfc3339(out, t);
  return out;
}

TEST_CASE("an instant is written in the province's time with milliseconds") {
  CHECK(text_of(from_unix_ms(0)) == "1970-01-01T08:00:00.000+08:00");
  CHECK(text_of(from_unix_ms(1'795'395'600'000)) == "2026-11-23T09:00:00.000+08:00");
  CHECK(text_of(from_unix_ms(1'795'395'600'007)) == "2026-11-23T09:00:00.007+08:00");
  CHECK(text_of(wire_instant_begin) == "2000-01-01T00:00:00.000+08:00");
  CHECK(text_of(wire_instant_end - milliseconds(1)) == "2100-12-31T23:59:59.999+08:00");
}

TEST_CASE("an instant no four-digit year can hold is clamped") {
  CHECK(text_of(from_unix_ms(INT64_MAX)) == "9999-12-31T23:59:59.999+08:00");
  CHECK(text_of(from_unix_ms(INT64_MIN)) == "0000-01-01T00:00:00.000+08:00");
}

TEST_CASE("every offset is read, and names the same instant") {
  const instant nine = from_unix_ms(1'795'395'600'000);
  for (const char* text :
       {"2026-11-23T09:00:00.000+08:00", "2026-11-23T09:00:00+08:00", "2026-11-23T01:00:00Z",
        "2026-11-23T01:00:00.000000000Z", "2026-11-22T20:00:00-05:00", "2026-11-23T06:45:00+05:45",
        "2026-11-24T00:59:00+23:59"}) {
    CAPTURE(text);
    CHECK(read_rfc3339(text) == nine);
  }
}

TEST_CASE("a fraction finer than a millisecond is cut off") {
  CHECK(read_rfc3339("2026-11-23T01:00:00.1Z") == from_unix_ms(1'795'395'600'100));
  CHECK(read_rfc3339("2026-11-23T01:00:00.1239Z") == from_unix_ms(1'795'395'600'123));
}

TEST_CASE("what is not exactly a date, a time and an offset is refused") {
  for (const char* text : {"",
                           "2026-11-23",
                           "2026-11-23T09:00:00",
                           "2026-11-23 09:00:00+08:00",
                           "2026-11-23t09:00:00+08:00",
                           "2026-11-23T09:00:00z",
                           "2026-11-23T09:00+08:00",
                           "2026-11-23T24:00:00+08:00",
                           "2026-11-23T09:60:00+08:00",
                           "2026-11-23T23:59:60+08:00",
                           "2026-02-29T09:00:00+08:00",
                           "2026-13-01T09:00:00+08:00",
                           "2026-00-10T09:00:00+08:00",
                           "2026-11-31T09:00:00+08:00",
                           "2026-11-23T09:00:00.+08:00",
                           "2026-11-23T09:00:00.1234567890+08:00",
                           "2026-11-23T09:00:00+0800",
                           "2026-11-23T09:00:00+24:00",
                           "2026-11-23T09:00:00+08:60",
                           "2026-11-23T09:00:00+08:00 ",
                           " 2026-11-23T09:00:00+08:00",
                           "26-11-23T09:00:00+08:00",
                           "+2026-11-23T09:00:00+08:00",
                           "2026-11-23T9:00:00+08:00",
                           "2026-11-23T09:00:00+08:00Z",
                           "２026-11-23T09:00:00+08:00"}) {
    CAPTURE(text);
    CHECK_FALSE(read_rfc3339(text).has_value());
  }
}

TEST_CASE("every instant of the range comes back from its text") {
  std::mt19937_64 random(12351);
  std::uniform_int_distribution<std::int64_t> range(to_unix_ms(wire_instant_begin),
                                                    to_unix_ms(wire_instant_end) - 1);
  for (int i = 0; i < 20'000; ++i) {
    const instant t = from_unix_ms(range(random));
    REQUIRE(read_rfc3339(text_of(t)) == t);
  }
}

}  // namespace
}  // namespace hotline
