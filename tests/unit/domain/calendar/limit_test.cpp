// Limits as text, what comes due when, and what a suspension saves.
#include "common/domain/limit.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "calendars.hpp"
#include "common/domain/civil.hpp"

using namespace hotline;
using namespace hotline::domain;
using namespace hotline::domain::test;
using namespace std::chrono_literals;

TEST_CASE("limits are read and written in the policy's words") {
  struct row {
    std::string_view text;
    limit meaning;
  };
  for (const row& r : std::initializer_list<row>{
           {"15min", {15, limit_unit::minutes, false}},
           {"24h", {24, limit_unit::hours, false}},
           {"15d", {15, limit_unit::days, false}},
           {"15d!", {15, limit_unit::days, true}},
           {"4wh", {4, limit_unit::working_hours, false}},
           {"5wd", {5, limit_unit::working_days, false}},
           {"5wd!", {5, limit_unit::working_days, true}},
           {"100000min", {100'000, limit_unit::minutes, false}},
       }) {
    CAPTURE(r.text);
    CHECK(parse_limit(r.text).value() == r.meaning);
    CHECK(format(r.meaning) == r.text);
  }
  CHECK(parse_limit("15d", true).value() == limit{15, limit_unit::days, true});
  CHECK(parse_limit("15d!", true).value() == limit{15, limit_unit::days, true});
}

TEST_CASE("what is no limit is refused") {
  for (const std::string_view text : {"",     "5",     "wd",  "5 wd",    " 5wd",
                                      "5wd ", "05wd",  "0wd", "-5wd",    "+5wd",
                                      "5.5h", "5WD",   "5m",  "5s",      "5wdd",
                                      "!5wd", "5wd!!", "!",   "100001h", "99999999999999999999h",
                                      "0x5h", "五wd"}) {
    CAPTURE(text);
    const auto parsed = parse_limit(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == errc::invalid_argument);
  }
}

TEST_CASE("each kind of limit comes due by its own count") {
  struct row {
    std::string_view start;
    std::string_view text;
    std::string_view due;
  };
  for (const row& r : std::initializer_list<row>{
           {"2026-09-30 23:50", "15min", "2026-10-01 00:05"},  // 特急 runs day and night
           {"2026-09-30 10:00", "24h", "2026-10-01 10:00"},
           {"2026-09-30 17:00", "4wh", "2026-10-08 11:30"},
           {"2026-09-30 10:00", "3wd", "2026-10-10 17:30"},
           {"2026-09-16 09:00", "15d", "2026-10-02 00:00"},
           {"2026-09-16 09:00", "15d!", "2026-10-08 17:30"},
           {"2026-11-23 09:00", "60d!", "2027-01-23 00:00"},
       }) {
    CAPTURE(r.start);
    CAPTURE(r.text);
    const instant due = due_at(at(r.start), parse_limit(r.text).value(), province());
    CHECK(format_civil_minute(due) == r.due);
  }
}

TEST_CASE("the largest limits and absurd starts stay in the calendar's range") {
  for (const limit_unit unit : {limit_unit::minutes, limit_unit::hours, limit_unit::days,
                                limit_unit::working_hours, limit_unit::working_days}) {
    for (const instant start : {instant::min(), at("2026-11-23 09:00"), instant::max()}) {
      CHECK(province().covers(due_at(start, {limit_amount_max, unit, true}, province())));
      CHECK(province().covers(due_at(start, {1, unit, false}, province())));
      CHECK(remaining(instant::max(), start, unit, province()) >= 0ms);
      CHECK(remaining(instant::max(), instant::min(), unit, province()) > 0ms);
      CHECK(province().covers(resume(start, milliseconds::max(), unit, province())));
    }
  }
}

TEST_CASE("a suspension saves working time for working limits, plain time for the others") {
  // Suspended on Friday one hour before the close, resumed on Wednesday at noon.
  const instant suspended = at("2026-11-27 16:30");
  const instant resumed = at("2026-12-02 12:00");
  struct row {
    std::string_view due;
    limit_unit unit;
    milliseconds left;
    std::string_view new_due;
  };
  for (const row& r : std::initializer_list<row>{
           {"2026-11-30 17:30", limit_unit::working_days, 510min, "2026-12-03 14:30"},
           {"2026-11-30 11:00", limit_unit::working_hours, 210min, "2026-12-02 17:00"},
           {"2026-11-30 11:30", limit_unit::working_hours, 4h, "2026-12-02 17:30"},  // the close
           {"2026-11-28 10:00", limit_unit::hours, 1050min, "2026-12-03 05:30"},
           {"2026-11-27 16:40", limit_unit::minutes, 10min, "2026-12-02 12:10"},
           {"2026-11-29 00:00", limit_unit::days, 1890min, "2026-12-03 19:30"},
       }) {
    CAPTURE(r.due);
    const milliseconds left = remaining(at(r.due), suspended, r.unit, province());
    CHECK(left == r.left);
    CHECK(format_civil_minute(resume(resumed, left, r.unit, province())) == r.new_due);
    CHECK(resume(suspended, left, r.unit, province()) == at(r.due));
  }
}

TEST_CASE("a clock suspended after its due time has nothing left") {
  const instant due = at("2026-11-27 17:30");
  for (const limit_unit unit : {limit_unit::hours, limit_unit::working_days}) {
    CHECK(remaining(due, due, unit, province()) == 0ms);
    CHECK(remaining(due, due + 1h, unit, province()) == 0ms);
    CHECK(resume(due + 5h, 0ms, unit, province()) == due + 5h);
  }
}
