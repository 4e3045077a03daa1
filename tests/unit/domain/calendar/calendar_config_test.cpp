// Reading the calendar configuration: which calendar serves whom, and every mistake is named.
#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "calendars.hpp"
#include "common/domain/calendar.hpp"
#include "common/domain/civil.hpp"

using namespace hotline;
using namespace hotline::domain;
using namespace hotline::domain::test;
using namespace std::chrono_literals;

namespace {

/// One calendar that is right, to be made wrong.
v1::CalendarConfig right_config() {
  return config_of(R"(
default_calendar: "province"
years { year: 2026
  days { date: "2026-01-01" kind: HOLIDAY }
  days { date: "2026-05-01" kind: HOLIDAY }
  days { date: "2026-10-01" kind: HOLIDAY }
  days { date: "2026-10-10" kind: WORKDAY }
}
calendars {
  name: "province"
  regions: "370000"
  office_hours { season_from: "01-01" intervals { open: "08:30" close: "12:00" } }
})");
}

std::vector<std::string> paths(const v1::CalendarConfig& config) {
  std::vector<std::string> found;
  for (const config_mistake& mistake : check_calendars(config)) found.push_back(mistake.path);
  return found;
}

}  // namespace

TEST_CASE("the shipped calendars are right") {
  CHECK(check_calendars(shipped_config()).empty());
  CHECK(check_calendars(right_config()).empty());
}

TEST_CASE("a unit is served by the calendar of its county, else city, else province") {
  v1::CalendarConfig config = shipped_config();
  config.MergeFrom(config_of(R"(
calendars { name: "huangdao" regions: "370211"
  office_hours { season_from: "01-01" intervals { open: "09:30" close: "12:00" } } })"));
  const calendar_set set = build_calendars(config).value();
  struct row {
    std::string_view unit;
    std::string_view calendar;
  };
  for (const row& r : std::initializer_list<row>{
           {"370211", "huangdao"},
           {"370211-s01", "huangdao"},
           {"370203", "qingdao"},
           {"370200", "qingdao"},
           {"370200-d01", "qingdao"},
           {"370883", "province"},
           {"370800", "province"},
           {"370000", "province"},
           {"p-12345-370200", "province"},  // a partner is no division
           {"110101", "province"},
           {"3702", "province"},
           {"", "province"},
       }) {
    CAPTURE(r.unit);
    CHECK(set.for_region(r.unit).name() == r.calendar);
  }
  REQUIRE(set.find("huangdao") != nullptr);
  CHECK(set.find("huangdao")->name() == "huangdao");
  CHECK(set.find("nowhere") == nullptr);
  CHECK(set.default_calendar().name() == "province");
  CHECK(set.all().size() == 3);
}

TEST_CASE("a season lasts until the next begins, across New Year, in whatever order it is given") {
  v1::CalendarConfig config = right_config();
  config.mutable_calendars(0)->clear_office_hours();
  config.MergeFrom(config_of(R"(
calendars { name: "seasons"
  office_hours { season_from: "10-01" intervals { open: "08:30" close: "12:00" } }
  office_hours { season_from: "06-01" intervals { open: "08:00" close: "11:00" } } })"));
  config.mutable_calendars()->DeleteSubrange(0, 1);
  config.set_default_calendar("seasons");
  const calendar_set set = build_calendars(config).value();
  const working_calendar& c = set.default_calendar();
  CHECK(c.office_intervals(on("2026-09-30")).front().open == 8h);
  CHECK(c.office_intervals(on("2026-10-02")).front().open == 8h + 30min);
  CHECK(c.office_intervals(on("2026-12-31")).front().open == 8h + 30min);
  CHECK(c.office_intervals(on("2027-05-31")).front().open == 8h + 30min);
  CHECK(c.office_intervals(on("2027-06-01")).front().open == 8h);
  CHECK(c.office_intervals(on("2028-02-29")).front().open == 8h + 30min);
}

TEST_CASE("the New Year holiday may begin in the December before") {
  v1::CalendarConfig config = right_config();
  auto* day = config.mutable_years(0)->add_days();
  day->set_date("2025-12-31");
  day->set_kind(v1::ArrangedDay::HOLIDAY);
  const calendar_set set = build_calendars(config).value();
  CHECK_FALSE(set.default_calendar().is_working_day(on("2025-12-31")));
  CHECK(set.default_calendar().is_provisional(on("2025-12-31")));
}

TEST_CASE("each mistake is found, with the place it stands at") {
  struct row {
    std::string text;  ///< merged into the right configuration
    std::vector<std::string> expected;
  };
  for (const row& r : std::initializer_list<row>{
           {R"(default_calendar: "other")", {"default_calendar"}},
           {R"(years { year: 2027 })", {"years[1].days", "years[1].days", "years[1].days"}},
           {R"(years { year: 0 })", {"years[1].year"}},
           {R"(years { year: 2018 })", {"years[1].year"}},
           {R"(years { year: 67562 })", {"years[1].year"}},  // 2026 in sixteen bits
           {R"(years { year: 2026 })", {"years[1].year"}},
           {R"(calendars { name: "province" office_hours { season_from: "01-01"
                intervals { open: "08:30" close: "12:00" } } })",
            {"calendars[1].name"}},
           {R"(calendars { office_hours { season_from: "01-01"
                intervals { open: "08:30" close: "12:00" } } })",
            {"calendars[1].name"}},
           {R"(calendars { name: "a" })", {"calendars[1].office_hours"}},
           {R"(calendars { name: "a" office_hours { season_from: "01-01" } })",
            {"calendars[1].office_hours[0].intervals"}},
           {R"(calendars { name: "a" regions: "3702" regions: "37020x" regions: "370000"
                office_hours { season_from: "02-29" intervals { open: "8:30" close: "12" } } })",
            {"calendars[1].regions[0]", "calendars[1].regions[1]", "calendars[1].regions[2]",
             "calendars[1].office_hours[0].season_from",
             "calendars[1].office_hours[0].intervals[0].open",
             "calendars[1].office_hours[0].intervals[0].close"}},
           {R"(calendars { name: "a"
                office_hours { season_from: "01-01" intervals { open: "12:00" close: "12:00" } }
                office_hours { season_from: "01-01" intervals { open: "08:00" close: "12:00" }
                                                    intervals { open: "12:00" close: "13:00" } } })",
            {"calendars[1].office_hours[0].intervals[0]",
             "calendars[1].office_hours[1].intervals[1].open",
             "calendars[1].office_hours[1].season_from"}},
           {R"(calendars { name: "a"
                office_hours { season_from: "01-01" intervals { open: "08:00" close: "12:00" } }
                special_days { date: "2026-02-30" } special_days { date: "2041-01-01" }
                special_days { date: "2026-12-31" } special_days { date: "2026-12-31" } })",
            {"calendars[1].special_days[0].date", "calendars[1].special_days[1].date",
             "calendars[1].special_days[3].date"}},
       }) {
    CAPTURE(r.text);
    v1::CalendarConfig config = right_config();
    config.MergeFrom(config_of(r.text));
    CHECK(paths(config) == r.expected);
    const auto built = build_calendars(config);
    REQUIRE_FALSE(built.has_value());
    CHECK(built.error().code == errc::misconfigured);
    for (const std::string& path : r.expected) CHECK(built.error().detail.contains(path + ": "));
  }
}

TEST_CASE("an arrangement is checked day by day") {
  v1::CalendarConfig config = right_config();
  config.mutable_years(0)->MergeFrom(*config_of(R"(years {
    days { date: "2026-10-10" kind: HOLIDAY }
    days { date: "2026-10-12" kind: WORKDAY }
    days { date: "2027-01-01" kind: HOLIDAY }
    days { date: "2025-11-30" kind: HOLIDAY }
    days { date: "2026-10-02" }
    days { date: "10-03" kind: HOLIDAY }
  })")
                                          .years()
                                          .begin());
  CHECK(paths(config) ==
        std::vector<std::string>{"years[0].days[4].date",  // arranged twice
                                 "years[0].days[5].kind",  // a Monday is worked anyway
                                 "years[0].days[6].date",  // of another year
                                 "years[0].days[7].date",  // too long before
                                 "years[0].days[8].kind",  // neither off nor worked
                                 "years[0].days[9].date"});
}

TEST_CASE("an arrangement without the fixed holidays is cut off and must not count as known") {
  v1::CalendarConfig config = right_config();
  config.mutable_years(0)->mutable_days(2)->set_date("2026-10-02");
  const auto mistakes = check_calendars(config);
  REQUIRE(mistakes.size() == 1);
  CHECK(mistakes[0].path == "years[0].days");
  CHECK(mistakes[0].reason.contains("2026-10-01"));
}

TEST_CASE("an empty configuration names what is missing") {
  CHECK(paths({}) == std::vector<std::string>{"default_calendar"});
}
