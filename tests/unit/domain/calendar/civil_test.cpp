// Civil time: what is written is read back, and nothing else is read.
#include "common/domain/civil.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace hotline;
using namespace hotline::domain;
using namespace std::chrono_literals;

TEST_CASE("an instant is written in the province's time") {
  // 2026-11-23T01:00:00Z, counted by hand: 20780 days and one hour.
  const instant t = from_unix_ms((20780LL * 24 + 1) * 3'600'000);
  CHECK(format_rfc3339(t) == "2026-11-23T09:00:00+08:00");
  CHECK(format_rfc3339(t + 7ms) == "2026-11-23T09:00:00.007+08:00");
  CHECK(format_civil_minute(t + 59s) == "2026-11-23 09:00");
  CHECK(format_date(civil_date(t)) == "2026-11-23");
  CHECK(civil_time_of_day(t) == 9h);
}

TEST_CASE("the civil day begins at 16:00 UTC of the day before") {
  const instant begin = midnight(2026y / 11 / 23);
  CHECK(parse_rfc3339("2026-11-22T16:00:00Z").value() == begin);
  CHECK(civil_date(begin) == 2026y / 11 / 23);
  CHECK(civil_time_of_day(begin) == 0ms);
  CHECK(civil_date(begin - 1ms) == 2026y / 11 / 22);
  CHECK(civil_time_of_day(begin - 1ms) == 24h - 1ms);
  CHECK(civil_instant(2026y / 11 / 23, 24h) == midnight(2026y / 11 / 24));
}

TEST_CASE("instants before 1970 are civil days like any other") {
  CHECK(format_rfc3339(from_unix_ms(-1)) == "1970-01-01T07:59:59.999+08:00");
  CHECK(format_rfc3339(from_unix_ms(-8 * 3'600'000 - 1)) == "1969-12-31T23:59:59.999+08:00");
}

TEST_CASE("RFC 3339 is read with any offset, to the millisecond") {
  const instant t = midnight(2026y / 11 / 23) + 9h;
  for (const std::string_view text :
       {"2026-11-23T09:00:00+08:00", "2026-11-23T01:00:00Z", "2026-11-23T01:00:00-00:00",
        "2026-11-22T21:30:00-03:30", "2026-11-23T09:00:00.000+08:00",
        "2026-11-23T09:00:00.000999999+08:00"}) {
    CAPTURE(text);
    CHECK(parse_rfc3339(text).value() == t);
  }
  CHECK(parse_rfc3339("2026-11-23T09:00:00.5+08:00").value() == t + 500ms);
  CHECK(parse_rfc3339("2026-11-23T09:00:00.123456+08:00").value() == t + 123ms);
  CHECK(parse_rfc3339("2024-02-29T00:00:00+08:00").value() == midnight(2024y / 2 / 29));
}

TEST_CASE("what is not RFC 3339 is refused") {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-11-23",
                                      "2026-11-23T09:00:00",
                                      "2026-11-23 09:00:00+08:00",
                                      "2026-11-23t09:00:00+08:00",
                                      "2026-11-23T09:00:00z",
                                      "2026-11-23T09:00+08:00",
                                      "2026-11-23T09:00:00.+08:00",
                                      "2026-11-23T09:00:00.1234567890+08:00",
                                      "2026-11-23T09:00:00+0800",
                                      "2026-11-23T09:00:00+08",
                                      "2026-11-23T09:00:00+24:00",
                                      "2026-11-23T09:00:00+08:60",
                                      "2026-11-23T09:00:00+08:00 ",
                                      " 2026-11-23T09:00:00+08:00",
                                      "2026-13-01T09:00:00+08:00",
                                      "2026-00-01T09:00:00+08:00",
                                      "2026-11-31T09:00:00+08:00",
                                      "2026-11-00T09:00:00+08:00",
                                      "2026-02-29T09:00:00+08:00",
                                      "2026-11-23T24:00:00+08:00",
                                      "2026-11-23T09:60:00+08:00",
                                      "2026-11-23T09:00:60+08:00",
                                      "+026-11-23T09:00:00+08:00",
                                      "26-11-23T09:00:00+08:00",
                                      "2026-1-23T09:00:00+08:00",
                                      "2026-11-23T-9:00:00+08:00",
                                      "２026-11-23T09:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
  CHECK(parse_rfc3339("soon").error().code == errc::invalid_argument);
  CHECK(parse_rfc3339(std::string(1000, '9')).error().detail.size() < 200);
}

TEST_CASE("civil minutes, dates, days of the year and times of day are read strictly") {
  CHECK(parse_civil_minute("2026-11-23 09:00").value() == midnight(2026y / 11 / 23) + 9h);
  CHECK(parse_date("2026-11-23").value() == 2026y / 11 / 23);
  CHECK(parse_month_day("06-01").value() == std::chrono::June / 1);
  CHECK(parse_time_of_day("08:30").value() == 8h + 30min);
  CHECK(parse_time_of_day("00:00").value() == 0h);
  CHECK(parse_time_of_day("24:00").value() == 24h);

  for (const std::string_view text : {"", "2026-11-23", "2026-11-23T09:00", "2026-11-23 24:00",
                                      "2026-11-23 09:00:00", "2026-11-31 09:00"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_civil_minute(text).has_value());
  }
  for (const std::string_view text :
       {"", "2026-02-29", "2026-11-23 ", "20261123", "2026/11/23", "2026-11-2a"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text).has_value());
  }
  for (const std::string_view text :
       {"", "02-29", "02-30", "13-01", "00-10", "06-00", "6-1", "06-01-01"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_month_day(text).has_value());
  }
  for (const std::string_view text :
       {"", "8:30", "24:01", "25:00", "08:60", "08:30:00", "0830", "-1:30"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time_of_day(text).has_value());
  }
}

TEST_CASE("instants beyond four-digit years are written as the nearest that can be") {
  CHECK(format_rfc3339(instant::max()) == "9999-12-31T23:59:59.999+08:00");
  CHECK(format_rfc3339(instant::min()) == "0000-01-01T00:00:00+08:00");
  CHECK(civil_date(instant::max()) == 9999y / 12 / 31);
}
