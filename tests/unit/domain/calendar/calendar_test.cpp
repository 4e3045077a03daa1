// Counting in the shipped calendar, against expectations worked out by hand from the wall calendar.
#include "common/domain/calendar.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string_view>

#include <doctest/doctest.h>

#include "calendars.hpp"
#include "common/domain/civil.hpp"

using namespace hotline;
using namespace hotline::domain;
using namespace hotline::domain::test;
using namespace std::chrono_literals;

TEST_CASE("a day is worked, off or made up as the State Council arranged it") {
  struct row {
    std::string_view date;
    bool worked;
  };
  for (const row& r : std::initializer_list<row>{
           {"2026-11-23", true},   // an ordinary Monday
           {"2026-11-28", false},  // an ordinary Saturday
           {"2026-10-01", false},  // 国庆节
           {"2026-10-07", false},
           {"2026-10-08", true},
           {"2026-10-10", true},   // the Saturday made up for it
           {"2026-09-20", true},   // the Sunday made up before it
           {"2026-02-14", true},   // the Saturday before 春节
           {"2026-02-23", false},  // a Monday, the last day of 春节
           {"2026-02-28", true},
           {"2025-10-08", false},  // 2025: eight days with 中秋节
           {"2026-01-04", true},   // the Sunday made up for 元旦
           {"2027-01-01", true},   // nobody has said yet that this Friday is off
       }) {
    CAPTURE(r.date);
    CHECK(province().is_working_day(on(r.date)) == r.worked);
  }
}

TEST_CASE("each arranged year has the number of working days its notice makes") {
  struct row {
    int year;
    int working_days;
  };
  for (const row& r :
       std::initializer_list<row>{{2023, 249}, {2024, 251}, {2025, 248}, {2026, 248}}) {
    CAPTURE(r.year);
    const std::chrono::year y(r.year);
    int count = 0;
    for (auto d = province().next_working_day((y - std::chrono::years(1)) / 12 / 31); d.year() == y;
         d = province().next_working_day(d)) {
      ++count;
    }
    CHECK(count == r.working_days);
  }
}

TEST_CASE("office hours follow the season") {
  const auto may = province().office_intervals(on("2026-05-29"));
  REQUIRE(may.size() == 2);
  CHECK(may[0] == office_interval{8h + 30min, 12h});
  CHECK(may[1] == office_interval{13h + 30min, 17h + 30min});
  const auto june = province().office_intervals(on("2026-06-01"));
  REQUIRE(june.size() == 2);
  CHECK(june[1] == office_interval{14h, 18h});
  CHECK(province().office_intervals(on("2026-09-30"))[1].close == 18h);
  CHECK(province().office_intervals(on("2026-10-08"))[1].close == 17h + 30min);
  CHECK(province().office_intervals(on("2026-01-05"))[1].close == 17h + 30min);
  CHECK(province().office_intervals(on("2026-10-01")).empty());
}

TEST_CASE("working days: the start day never counts, the last ends with the office hours") {
  struct row {
    std::string_view start;
    int days;
    std::string_view due;
  };
  for (const row& r : std::initializer_list<row>{
           {"2026-11-23 09:00", 1, "2026-11-24 17:30"},
           {"2026-11-23 00:00", 1, "2026-11-24 17:30"},
           {"2026-11-23 23:59", 1, "2026-11-24 17:30"},
           {"2026-11-23 09:00", 5, "2026-11-30 17:30"},
           {"2026-11-27 09:00", 1, "2026-11-30 17:30"},  // Friday
           {"2026-11-28 09:00", 1, "2026-11-30 17:30"},  // Saturday
           {"2026-05-29 16:00", 1, "2026-06-01 18:00"},  // into summer
           {"2026-09-18 16:00", 1, "2026-09-20 18:00"},  // to a made-up Sunday
           {"2026-09-24 16:00", 1, "2026-09-28 18:00"},  // over 中秋节
           {"2026-09-30 10:00", 1, "2026-10-08 17:30"},  // over 国庆节, out of summer
           {"2026-10-03 10:00", 1, "2026-10-08 17:30"},  // from inside it
           {"2026-09-30 10:00", 3, "2026-10-10 17:30"},  // to the made-up Saturday
           {"2026-09-30 10:00", 4, "2026-10-12 17:30"},
           {"2026-10-10 08:00", 1, "2026-10-12 17:30"},  // from the made-up Saturday
           {"2026-02-13 20:00", 1, "2026-02-14 17:30"},  // the Saturday before 春节
           {"2026-02-13 20:00", 2, "2026-02-24 17:30"},  // over 春节
           {"2026-02-13 20:00", 5, "2026-02-27 17:30"},
           {"2026-02-13 20:00", 6, "2026-02-28 17:30"},  // the Saturday after it
           {"2026-02-13 20:00", 7, "2026-03-02 17:30"},
           {"2025-01-27 09:00", 1, "2025-02-05 17:30"},  // 春节 2025
           {"2025-09-30 09:00", 1, "2025-10-09 17:30"},  // 国庆节、中秋节 2025
           {"2025-12-31 09:00", 1, "2026-01-04 17:30"},  // to the Sunday made up for 元旦
           {"2025-12-31 09:00", 2, "2026-01-05 17:30"},
           {"2026-12-30 09:00", 3, "2027-01-04 17:30"},  // into a year not arranged yet
           {"2026-11-23 09:00", 0, "2026-11-23 09:00"},
       }) {
    CAPTURE(r.start);
    CAPTURE(r.days);
    CHECK(format_civil_minute(province().add_working_days(at(r.start), r.days)) == r.due);
  }
}

TEST_CASE("working hours: only office time is consumed") {
  struct row {
    std::string_view start;
    milliseconds amount;
    std::string_view due;
  };
  for (const row& r : std::initializer_list<row>{
           {"2026-11-23 09:00", 4h, "2026-11-23 14:30"},
           {"2026-11-23 07:00", 4h, "2026-11-23 14:00"},  // from the opening
           {"2026-11-23 12:30", 4h, "2026-11-23 17:30"},  // from the opening after noon
           {"2026-11-23 13:30", 4h, "2026-11-23 17:30"},  // to the close, not the next morning
           {"2026-11-23 08:30", 210min, "2026-11-23 12:00"},
           {"2026-11-23 08:30", 211min, "2026-11-23 13:31"},
           {"2026-11-23 09:00", 8h, "2026-11-24 09:30"},
           {"2026-11-23 17:30", 1h, "2026-11-24 09:30"},  // the office has just closed
           {"2026-11-27 16:00", 4h, "2026-11-30 11:00"},  // over a weekend
           {"2026-11-28 16:00", 4h, "2026-11-30 14:00"},
           {"2026-09-30 17:00", 4h, "2026-10-08 11:30"},  // over 国庆节 and a season
           {"2026-02-14 17:00", 4h, "2026-02-24 12:00"},  // over 春节
           {"2026-10-09 16:30", 2h, "2026-10-10 09:30"},  // to a made-up Saturday
           {"2026-12-31 16:30", 2h, "2027-01-01 09:30"},  // provisional
           {"2026-11-23 12:30", 0h, "2026-11-23 12:30"},
       }) {
    CAPTURE(r.start);
    CAPTURE(r.amount.count());
    CHECK(format_civil_minute(province().add_working_ms(at(r.start), r.amount)) == r.due);
  }
}

TEST_CASE("working time is exact to the millisecond") {
  const instant noon = at("2026-11-23 12:00");
  const instant opening = at("2026-11-23 13:30");
  CHECK(province().add_working_ms(noon - 1ms, 1ms) == noon);
  CHECK(province().add_working_ms(noon - 1ms, 2ms) == opening + 1ms);
  CHECK(province().add_working_ms(noon, 1ms) == opening + 1ms);
  CHECK(province().working_ms_between(noon - 1ms, opening) == 1ms);
  CHECK(province().working_ms_between(noon - 1ms, opening + 1ms) == 2ms);
}

TEST_CASE("calendar days end at midnight; a statutory limit moves off a rest day") {
  struct row {
    std::string_view start;
    int days;
    bool statutory;
    std::string_view due;
  };
  for (const row& r : std::initializer_list<row>{
           {"2026-11-23 09:00", 15, false, "2026-12-09 00:00"},
           {"2026-11-23 00:00", 1, false, "2026-11-25 00:00"},
           {"2026-11-23 09:00", 5, false, "2026-11-29 00:00"},  // 24:00 of a Saturday
           {"2026-11-23 09:00", 5, true, "2026-11-30 17:30"},
           {"2026-11-23 09:00", 4, true, "2026-11-28 00:00"},  // a Friday stays
           {"2026-09-16 09:00", 15, false, "2026-10-02 00:00"},
           {"2026-09-16 09:00", 15, true, "2026-10-08 17:30"},  // 国庆节
           {"2026-09-25 09:00", 15, true, "2026-10-11 00:00"},  // the made-up Saturday is worked
           {"2026-02-08 09:00", 15, true, "2026-02-24 17:30"},  // the last day of 春节
           {"2026-12-20 09:00", 15, true, "2027-01-05 00:00"},
       }) {
    CAPTURE(r.start);
    CAPTURE(r.days);
    CAPTURE(r.statutory);
    const instant due = province().add_calendar_days(at(r.start), r.days, r.statutory);
    CHECK(format_civil_minute(due) == r.due);
  }
}

TEST_CASE("a special day replaces the rules for its date") {
  const working_calendar& c = municipal();
  const auto due = [](instant t) { return format_civil_minute(t); };

  SUBCASE("closed: not counted") {
    CHECK_FALSE(c.is_working_day(on("2026-11-25")));
    CHECK(due(c.add_working_days(at("2026-11-24 09:00"), 1)) == "2026-11-26 17:30");
    CHECK(due(c.add_working_ms(at("2026-11-24 16:30"), 2h)) == "2026-11-26 09:30");
  }
  SUBCASE("closed is not a rest day by law: a statutory limit does not move") {
    CHECK(due(c.add_calendar_days(at("2026-11-23 09:00"), 2, true)) == "2026-11-26 00:00");
  }
  SUBCASE("half a day ends at its own close") {
    CHECK(due(c.add_working_days(at("2026-12-30 09:00"), 1)) == "2026-12-31 12:00");
    CHECK(due(c.add_working_ms(at("2026-12-31 10:00"), 4h)) == "2027-01-01 10:30");
  }
  SUBCASE("an open Saturday is counted, and still a rest day by law") {
    CHECK(due(c.add_working_days(at("2026-11-27 09:00"), 1)) == "2026-11-28 11:00");
    CHECK(due(c.add_working_ms(at("2026-11-27 17:00"), 1h)) == "2026-11-28 09:30");
    CHECK(due(c.add_calendar_days(at("2026-11-23 09:00"), 5, true)) == "2026-11-30 17:30");
  }
}

TEST_CASE("office time between two instants") {
  const working_calendar& c = province();
  CHECK(c.working_ms_between(at("2026-11-23 08:30"), at("2026-11-23 17:30")) == 7h + 30min);
  CHECK(c.working_ms_between(at("2026-11-23 12:00"), at("2026-11-23 13:30")) == 0h);
  CHECK(c.working_ms_between(at("2026-11-27 16:30"), at("2026-11-30 09:30")) == 2h);
  CHECK(c.working_ms_between(at("2026-11-30 09:30"), at("2026-11-27 16:30")) == -2h);
  CHECK(c.working_ms_between(at("2026-09-30 18:00"), at("2026-10-08 08:30")) == 0h);
}

TEST_CASE("working days before a due instant: the whole of them remain") {
  struct row {
    std::string_view due;
    int days;
    std::string_view before;
  };
  for (const row& r : std::initializer_list<row>{
           {"2026-11-27 17:30", 1, "2026-11-26 17:30"},  // Friday's close
           {"2026-11-28 00:00", 1, "2026-11-26 17:30"},  // Friday 24:00
           {"2026-11-30 00:00", 1, "2026-11-26 17:30"},  // Sunday 24:00: the same Friday is left
           {"2026-11-30 08:30", 1, "2026-11-26 17:30"},  // Monday's opening: still
           {"2026-11-30 08:31", 1, "2026-11-27 17:30"},
           {"2026-11-25 10:00", 1, "2026-11-24 17:30"},
           {"2026-11-25 10:00", 2, "2026-11-23 17:30"},
           {"2026-10-08 17:30", 1, "2026-09-30 18:00"},  // over 国庆节
           {"2026-10-12 17:30", 2, "2026-10-09 17:30"},  // over the made-up Saturday
           {"2026-11-25 10:00", 0, "2026-11-25 10:00"},
       }) {
    CAPTURE(r.due);
    CAPTURE(r.days);
    CHECK(format_civil_minute(province().subtract_working_days(at(r.due), r.days)) == r.before);
  }
}

TEST_CASE("office time before a due instant: the first instant with no more left") {
  const auto before = [](std::string_view due, milliseconds amount) {
    return format_civil_minute(province().subtract_working_ms(at(due), amount));
  };
  CHECK(before("2026-11-23 17:30", 1h) == "2026-11-23 16:30");
  CHECK(before("2026-11-23 17:30", 4h) == "2026-11-23 12:00");  // not 13:30
  CHECK(before("2026-11-23 17:30", 5h) == "2026-11-23 11:00");
  CHECK(before("2026-11-30 09:30", 2h) == "2026-11-27 16:30");
  CHECK(before("2026-11-30 00:00", 1h) == "2026-11-27 16:30");
  CHECK(before("2026-11-28 00:00", 0h) == "2026-11-28 00:00");
}

TEST_CASE("a year without an official arrangement is provisional") {
  const working_calendar& c = province();
  CHECK_FALSE(c.is_provisional(on("2023-01-01")));
  CHECK_FALSE(c.is_provisional(on("2026-12-31")));
  CHECK(c.is_provisional(on("2027-01-01")));
  CHECK(c.is_provisional(on("2022-12-31")));
  CHECK(c.is_provisional(on("2050-01-01")));

  CHECK_FALSE(c.provisional_between(at("2026-11-23 09:00"), at("2026-12-31 17:30")));
  CHECK(c.provisional_between(at("2026-11-23 09:00"), at("2027-01-01 00:00")));
  CHECK(c.provisional_between(at("2022-12-31 23:59"), at("2023-01-01 00:00")));

  v1::CalendarConfig config = shipped_config();
  config.MergeFrom(config_of(R"(years { year: 2027
    days { date: "2027-01-01" kind: HOLIDAY } days { date: "2027-05-01" kind: HOLIDAY }
    days { date: "2027-10-01" kind: HOLIDAY } })"));
  const calendar_set arranged = build_calendars(config).value();
  const working_calendar& later = arranged.default_calendar();
  CHECK_FALSE(later.is_provisional(on("2027-01-01")));
  CHECK(format_civil_minute(later.add_working_days(at("2026-12-30 09:00"), 3)) ==
        "2027-01-05 17:30");
}

TEST_CASE("absurd dates and amounts saturate at the ends of the range") {
  const working_calendar& c = province();
  const instant begin = at("2019-01-01 00:00");
  const instant end = at("2041-01-01 00:00");
  REQUIRE(calendar_begin() == begin);
  REQUIRE(calendar_end() == end);
  constexpr auto huge = std::numeric_limits<std::int64_t>::max();

  CHECK(c.covers(begin));
  CHECK(c.covers(end));
  CHECK_FALSE(c.covers(begin - 1ms));
  CHECK_FALSE(c.covers(end + 1ms));
  for (const instant t : {instant::min(), begin - 1ms, begin, at("2026-11-23 09:00"),
                          at("2040-12-31 23:59"), end, end + 1ms, instant::max()}) {
    CHECK(c.add_working_days(t, huge) == end);
    CHECK(c.add_working_ms(t, milliseconds::max()) == end);
    CHECK(c.add_calendar_days(t, huge, false) == end);
    CHECK(c.add_calendar_days(t, huge, true) == end);
    CHECK(c.subtract_working_days(t, huge) == begin);
    CHECK(c.subtract_working_ms(t, milliseconds::max()) == begin);
    CHECK(c.covers(c.add_working_days(t, 1)));
    CHECK(c.covers(c.add_working_ms(t, 1ms)));
    CHECK(c.covers(c.add_calendar_days(t, 1, true)));
    CHECK(c.covers(c.subtract_working_days(t, 1)));
    CHECK(c.add_working_days(t, std::numeric_limits<std::int64_t>::min()) ==
          std::clamp(t, begin, end));
  }
  CHECK(c.working_ms_between(instant::max(), instant::max()) == 0ms);
  CHECK(c.working_ms_between(instant::min(), instant::max()) > 40'000h);
  CHECK(c.add_working_days(instant::min(), 1) == c.add_working_days(begin, 1));
  CHECK(c.provisional_between(instant::min(), instant::max()));
  // Monday 31 December 2040 is the last working day there is.
  CHECK(c.add_working_days(at("2040-12-30 12:00"), 1) == at("2040-12-31 17:30"));
  CHECK(c.add_working_days(at("2040-12-30 12:00"), 2) == end);
  CHECK(c.add_calendar_days(at("2040-12-30 12:00"), 1, true) == end);

  // Tuesday 1 January 2019 is the first: no arrangement of that year is loaded.
  CHECK(c.subtract_working_days(at("2019-01-02 17:30"), 1) == at("2019-01-01 17:30"));
  CHECK(c.subtract_working_days(at("2019-01-02 17:30"), 2) == begin);
  CHECK(c.subtract_working_ms(at("2019-01-01 10:30"), 1h) == at("2019-01-01 09:30"));
  CHECK(c.subtract_working_ms(at("2019-01-01 10:30"), 2h) == begin);

  CHECK_FALSE(c.is_working_day(on("2018-12-31")));
  CHECK_FALSE(c.is_working_day(on("2041-01-02")));
  CHECK_FALSE(c.is_working_day(2026y / 2 / 30));
  CHECK(c.next_working_day(on("1900-01-01")) == on("2019-01-01"));
  CHECK(c.next_working_day(on("2040-12-31")) == on("2041-01-01"));
  CHECK(c.next_working_day(on("2099-12-31")) == on("2041-01-01"));
}
