// The limits of the trade: kind x grade x urgency, each due instant counted by hand on the calendar
// of 2026 (winter 8:30-12:00, 13:30-17:30; from June to September until 18:00).
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "story.hpp"

using hotline::test::story;
namespace v1 = hotline::v1;

namespace {

struct limit_case {
  const char* kind;
  const char* grade;
  const char* urgency;
  const char* due;
};

/// Taken down at `at` (five minutes before the dispatch) and dispatched to 邹城.
story& dispatched(story& s, const char* at, const char* dispatch_at, const limit_case& c) {
  s.play(
      fmt::format("{} OPERATOR@370000 create intake {{ source: SOURCE_PHONE caller {{ phone: "
                  "'13805310001' }} matter {{ kind: KIND_{} category: 'wages.arrears' region: "
                  "'370883' content: 'c' }} urgency: URGENCY_{} }} -> ACCEPTED",
                  at, c.kind, c.urgency));
  return s.play(
      fmt::format("{} DISPATCHER@370000 dispatch unit: '370883' grade: GRADE_{} -> "
                  "DISPATCHED",
                  dispatch_at, c.grade));
}

}  // namespace

TEST_CASE("handling limits by kind and grade, dispatched on Monday 23 November") {
  const limit_case cases[] = {
      {"CONSULT", "ORDINARY", "NORMAL", "2026-11-25 17:30"},    // 2 wd: 24, 25
      {"CONSULT", "HARD", "NORMAL", "2026-11-30 17:30"},        // 5 wd: 24-27, 30
      {"CONSULT", "COMPLEX", "NORMAL", "2026-11-30 17:30"},     // 5 wd
      {"HELP", "ORDINARY", "NORMAL", "2026-11-30 17:30"},       // 5 wd
      {"HELP", "HARD", "NORMAL", "2026-12-07 17:30"},           // 10 wd
      {"HELP", "COMPLEX", "NORMAL", "2026-12-14 17:30"},        // 15 wd
      {"COMPLAINT", "ORDINARY", "NORMAL", "2026-11-30 17:30"},  // 5 wd
      {"COMPLAINT", "HARD", "NORMAL", "2026-12-07 17:30"},      // 10 wd
      {"COMPLAINT", "COMPLEX", "NORMAL", "2026-12-14 17:30"},   // 15 wd
      {"REPORT", "ORDINARY", "NORMAL", "2026-11-30 17:30"},     // 5 wd
      {"REPORT", "HARD", "NORMAL", "2026-12-07 17:30"},         // 10 wd
      {"REPORT", "COMPLEX", "NORMAL", "2026-12-14 17:30"},      // 15 wd
      {"SUGGEST", "ORDINARY", "NORMAL", "2026-11-30 17:30"},    // 5 wd
      {"SUGGEST", "HARD", "NORMAL", "2026-12-07 17:30"},        // 10 wd
      {"SUGGEST", "COMPLEX", "NORMAL", "2026-12-07 17:30"},     // 10 wd
      {"PETITION", "ORDINARY", "NORMAL", "2027-01-23 00:00"},   // 60 d: 24:00 of 22 January, Friday
      {"PETITION", "COMPLEX", "NORMAL", "2027-01-23 00:00"},    // whatever the grade
      {"CONSULT", "ORDINARY", "URGENT", "2026-11-25 17:30"},    // 2 wd end before the 3 of urgent
      {"CONSULT", "HARD", "URGENT", "2026-11-26 17:30"},        // urgent: 3 wd
      {"COMPLAINT", "COMPLEX", "URGENT", "2026-11-26 17:30"},   // 3 wd
      {"COMPLAINT", "HARD", "CRITICAL", "2026-12-07 17:30"},    // critical: the grade's, 10 wd
  };
  for (const auto& c : cases) {
    INFO(c.kind, " ", c.grade, " ", c.urgency);
    story s;
    dispatched(s, "2026-11-23 09:00", "2026-11-23 09:05", c);
    CHECK(s.due(v1::CLOCK_KIND_HANDLE) == c.due);
  }
}

TEST_CASE("working days skip holidays, count made-up days and close at the season's hour") {
  // Wednesday 30 September: 1-7 October are free, Saturday the 10th is worked.
  story october;
  dispatched(october, "2026-09-30 15:00", "2026-09-30 15:05", {"HELP", "ORDINARY", "NORMAL", ""});
  CHECK(october.due(v1::CLOCK_KIND_SIGN) == "2026-10-08 17:30");
  CHECK(october.due(v1::CLOCK_KIND_HANDLE) == "2026-10-13 17:30");  // 8, 9, 10, 12, 13
  // Summer closes at 18:00; Friday 19 June is the Dragon Boat Festival.
  story june;
  dispatched(june, "2026-06-17 10:00", "2026-06-17 10:05", {"CONSULT", "ORDINARY", "NORMAL", ""});
  CHECK(june.due(v1::CLOCK_KIND_HANDLE) == "2026-06-22 18:00");  // 18, 22
  // Spring Festival: Saturday 14 February is worked, 15-23 are free, Saturday 28 is worked.
  story spring;
  dispatched(spring, "2026-02-13 10:00", "2026-02-13 10:05", {"HELP", "ORDINARY", "NORMAL", ""});
  CHECK(spring.due(v1::CLOCK_KIND_HANDLE) == "2026-02-27 17:30");  // 14, 24, 25, 26, 27
}

TEST_CASE("step limits by urgency: before and after the dispatch") {
  struct steps {
    const char* urgency;
    const char* dispatch;
    const char* sign;
    const char* contact;  // of an ordinary one: after the signing
  };
  const steps all[] = {
      {"NORMAL", "2026-11-23 13:00", "2026-11-24 17:30", "2026-11-24 17:30"},
      {"URGENT", "2026-11-23 10:00", "2026-11-23 11:05", "2026-11-24 09:05"},
      {"CRITICAL", "2026-11-23 09:15", "2026-11-23 09:35", "2026-11-23 11:05"},
  };
  for (const auto& c : all) {
    INFO(c.urgency);
    story s;
    s.accepted(fmt::format("urgency: URGENCY_{}", c.urgency));
    CHECK(s.due(v1::CLOCK_KIND_DISPATCH) == c.dispatch);
    s.dispatched();
    CHECK(s.due(v1::CLOCK_KIND_SIGN) == c.sign);
    s.play("+20min OFFICER@370883 sign -> HANDLING");
    CHECK(s.due(v1::CLOCK_KIND_CONTACT) == c.contact);
  }
}

TEST_CASE("an urgent ticket is first reported within a day, a critical one also has a result") {
  story urgent;
  urgent.accepted("urgency: URGENCY_URGENT").dispatched();
  CHECK(urgent.due(v1::CLOCK_KIND_FIRST_REPORT) == "2026-11-24 09:05");
  story critical;
  critical.accepted("urgency: URGENCY_CRITICAL").dispatched();
  CHECK(critical.due(v1::CLOCK_KIND_FIRST_REPORT) == "2026-11-23 11:05");
  CHECK(critical.due(v1::CLOCK_KIND_FIRST_RESULT) == "2026-11-24 09:05");
}

TEST_CASE("an urgent petition keeps the shorter first report beside the statutory limit") {
  story s;
  dispatched(s, "2026-11-23 09:00", "2026-11-23 09:05", {"PETITION", "ORDINARY", "URGENT", ""});
  CHECK(s.due(v1::CLOCK_KIND_FIRST_REPORT) == "2026-11-24 09:05");
  story normal;
  dispatched(normal, "2026-11-23 09:00", "2026-11-23 09:05",
             {"PETITION", "ORDINARY", "NORMAL", ""});
  CHECK(normal.due(v1::CLOCK_KIND_FIRST_REPORT) == "2026-12-09 00:00");  // 15 d: 24:00 of the 8th
}

TEST_CASE("a partner's deadline less one working day is ours when it is earlier") {
  story s;
  // The partner wants it by Friday 27 November 17:30 (1795771800000).
  s.accepted("partner_due_at: 1795771800000").dispatched();
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-26 17:30");
}
