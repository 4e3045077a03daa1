// Whole lives of tickets, from call to close.
#include <doctest/doctest.h>

#include "common/domain/derive.hpp"
#include "story.hpp"

using hotline::test::story;
namespace v1 = hotline::v1;

TEST_CASE("a complaint is accepted, dispatched, handled, reviewed, visited, closed and archived") {
  story s;
  s.accepted().dispatched();
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-30 17:30");
  CHECK(s.due(v1::CLOCK_KIND_SIGN) == "2026-11-24 17:30");
  s.handling();
  CHECK(s.due(v1::CLOCK_KIND_CONTACT) == "2026-11-24 17:30");
  s.replied();
  CHECK(s.due(v1::CLOCK_KIND_REVIEW) == "2026-11-25 17:30");
  s.play(R"(
    +1h SUPERVISOR@370800 review pass: true                                         -> REVIEWED
    +1d OPERATOR@370000 record_visit visit { reached: true solved: SOLVED_YES satisfaction: SATISFACTION_GOOD } -> CLOSED
    +29d SYSTEM tick -> =
    +2d SYSTEM tick -> ARCHIVED
    +1d OPERATOR@370000 annotate text: 'x' -> !state_not_allowed)");
}

TEST_CASE("what nobody handles is warned, overdue, escalated to the city, then to the province") {
  story s;
  s.accepted().dispatched().handling();
  s.play(R"(
    2026-11-27 17:30 SYSTEM tick -> HANDLING
    2026-11-30 17:30 SYSTEM tick -> HANDLING)");
  CHECK(s.ticket().overdue());
  CHECK(s.ticket().assignments(0).light() == v1::LIGHT_RED);
  CHECK(s.ticket().escalated_to().empty());
  s.play(R"(
    2026-12-01 17:30 SYSTEM tick -> HANDLING
    +0 SYSTEM escalate rung: RUNG_ESCALATE clock: CLOCK_KIND_HANDLE assignment: 1 -> HANDLING
    +0 SYSTEM escalate rung: RUNG_ESCALATE clock: CLOCK_KIND_HANDLE assignment: 1 -> =)");
  CHECK(hotline::domain::accountable_unit(s.ticket()) == "370800");
  s.play(R"(
    2026-12-03 17:30 SYSTEM tick -> HANDLING
    +0 SYSTEM escalate rung: RUNG_ESCALATE_TOP clock: CLOCK_KIND_HANDLE assignment: 1 -> HANDLING
    +1d SUPERVISOR@370000 take_over reason: '县级久拖不办' -> HANDLING)");
  CHECK(hotline::domain::accountable_unit(s.ticket()) == "370000");
}
