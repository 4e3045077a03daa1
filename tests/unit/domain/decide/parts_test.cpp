// Responsibility as a stack of parts: redispatch, hand-down, co-handlers, take-over, review
// upwards.
#include <doctest/doctest.h>

#include "common/domain/derive.hpp"
#include "story.hpp"

using hotline::domain::accountable_unit;
using hotline::test::story;
namespace v1 = hotline::v1;

namespace {

/// Province to 淄博, to 周村, to a street station.
story& handed_down_twice(story& s) {
  return s.accepted().play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370300' -> DISPATCHED
    +5min OFFICER@370300 sign -> HANDLING
    +0 OFFICER@370300 hand_down unit: '370306' limit: '4wd' -> DISPATCHED
    +5min OFFICER@370306 sign -> HANDLING
    +0 OFFICER@370306 hand_down unit: '370306-s01' limit: '2wd' -> DISPATCHED
    +5min OFFICER@370306-s01 sign -> HANDLING)");
}

}  // namespace

TEST_CASE("a hand-down stays below and within the own limit; half of the rest without a limit") {
  story s;
  s.accepted().play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370300' -> DISPATCHED
    +5min OFFICER@370300 sign -> HANDLING
    +0 OFFICER@370300 hand_down unit: '370883' -> !unit_outside
    +0 OFFICER@370300 hand_down unit: '370300' -> !unit_outside
    +0 OFFICER@370300 hand_down unit: '370306' limit: '6wd' -> !limit_too_long
    +0 OFFICER@370300 hand_down -> !field_required
    2026-11-23 17:30 OFFICER@370300 hand_down unit: '370306' -> DISPATCHED)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-26 13:45");  // 18.75 of 37.5 office hours
}

TEST_CASE("no hand-down while a superior is asked about this part") {
  story s;
  s.accepted().play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370300' -> DISPATCHED
    +5min OFFICER@370300 sign -> HANDLING
    +0 LEAD@370300 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> HANDLING
    +0 OFFICER@370300 hand_down unit: '370306' -> !already_open)");
}

TEST_CASE("a contact by the unit that handles ends the contact duty of those above") {
  story s;
  handed_down_twice(s).play(
      "+1h OFFICER@370306-s01 record_contact contacted_at: 1795399200000 reached: true result: "
      "'r' -> HANDLING");
  for (const auto& c : s.ticket().clocks()) {
    if (c.kind() == v1::CLOCK_KIND_CONTACT) CHECK(c.state() == v1::CLOCK_STATE_MET);
  }
}

TEST_CASE("a reply goes up the stack step by step") {
  story s;
  handed_down_twice(s).play(R"(
    +1h OFFICER@370306-s01 reply reply { result: RESULT_SOLVED text: 't' } -> !contact_missing
    +0 OFFICER@370306-s01 record_contact contacted_at: 1795399200000 reached: true result: 'r' -> HANDLING
    +0 OFFICER@370306-s01 reply reply { result: RESULT_SOLVED text: 't' } -> REPLIED)");
  CHECK(accountable_unit(s.ticket()) == "370306");
  s.play(R"(
    +0 LEAD@370306-s01 review pass: true -> !unit_not_allowed
    +0 LEAD@370306 review pass: false -> !field_required
    +0 LEAD@370306 review pass: true -> REPLIED)");
  CHECK(accountable_unit(s.ticket()) == "370300");
  s.play("+0 LEAD@370300 review pass: true -> REPLIED");
  CHECK(accountable_unit(s.ticket()) == "370000");
  s.play("+0 SUPERVISOR@370000 review pass: true -> REVIEWED");
}

TEST_CASE("who takes over in the middle of the stack still answers to the unit above") {
  story s;
  handed_down_twice(s);
  s.play(R"(
    +0 LEAD@370306-s01 take_over reason: 'r' -> !unit_not_allowed
    +0 LEAD@370306 take_over -> !field_required
    +1h LEAD@370306 take_over reason: 'r' -> HANDLING)");
  // The clock of the county's own part goes on: 4 wd from 23 November.
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-27 17:30");
  s.play(R"(
    +0 OFFICER@370306 record_contact contacted_at: 1795399200000 reached: true result: 'r' -> HANDLING
    +0 OFFICER@370306 reply reply { result: RESULT_SOLVED text: 't' } -> REPLIED
    +0 SUPERVISOR@370300 review pass: true -> REPLIED
    +0 SUPERVISOR@370000 review pass: true -> REVIEWED)");
}

TEST_CASE("a take-over does not restart a rework, and keeps it a rework") {
  story s;
  s.accepted().dispatched().handling().replied();
  s.play("+1h LEAD@370800 review pass: false remark: 'r' -> REWORK");
  const auto due = s.due(v1::CLOCK_KIND_REWORK);
  s.play("+1d LEAD@370800 take_over reason: 'r' -> REWORK");
  CHECK(s.due(v1::CLOCK_KIND_REWORK) == due);
}

TEST_CASE("a redispatch stays at the level and below the actor; the old unit's part ends") {
  story s;
  s.accepted().dispatched();
  s.play(R"(
    +0 SUPERVISOR@370800 redispatch unit: '370881' -> !field_required
    +0 SUPERVISOR@370800 redispatch unit: '370883' reason: 'r' -> !unit_duplicate
    +0 SUPERVISOR@370800 redispatch unit: '370306' reason: 'r' -> !unit_outside
    +0 SUPERVISOR@370000 redispatch unit: '370300' reason: 'r' -> !unit_outside
    +0 SUPERVISOR@370100 redispatch unit: '370881' reason: 'r' -> !ticket_unknown
    +0 SUPERVISOR@370800 supervise order_no: 'D1' text: 't' -> DISPATCHED
    +1h SUPERVISOR@370800 redispatch unit: '370881' reason: 'r' -> DISPATCHED)");
  CHECK(s.ticket().assignments(0).state() == v1::ASSIGNMENT_STATE_MOVED);
  CHECK(s.ticket().supervisions(0).state() == v1::SUPERVISION_STATE_CLOSED);
  CHECK(accountable_unit(s.ticket()) == "370881");
}

TEST_CASE("co-handlers answer once, within the main limit, and become main only by ceasing") {
  story s;
  s.accepted().dispatched().handling();
  s.play(R"(
    +0 OFFICER@370883 add_co_handler ask: 'q' -> !field_required
    +0 OFFICER@370883 add_co_handler unit: 'x' -> !unit_unknown
    +0 OFFICER@370881 add_co_handler unit: '370826' -> !ticket_unknown
    +0 OFFICER@370883 add_co_handler unit: '370881' limit: '6wd' -> !limit_too_long
    +0 OFFICER@370883 add_co_handler unit: '370881' -> HANDLING
    +0 OFFICER@370883 add_co_handler unit: '370881' -> !unit_duplicate
    +0 OFFICER@370826 give_opinion opinion: 'o' -> !ticket_unknown
    +0 SUPERVISOR@370800 redispatch unit: '370881' reason: 'r' -> DISPATCHED
    +0 OFFICER@370881 give_opinion opinion: 'o' -> !nothing_open)");
}
