// What a handling unit asks and a superior decides: returns, extensions, suspensions, terminations.
#include <doctest/doctest.h>

#include "common/domain/derive.hpp"
#include "story.hpp"

using hotline::test::story;
namespace v1 = hotline::v1;

TEST_CASE("a return: asked by the lead with reason and basis, in time, decided by the desk") {
  story s;
  s.accepted().dispatched();
  s.play(R"(
    +0 OFFICER@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> !role_not_allowed
    +0 LEAD@370881 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> !ticket_unknown
    +0 LEAD@370883 return_ticket basis: 'b' -> !field_required
    +0 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY -> !field_required
    +0 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' suggested_unit: 'x' -> !unit_unknown
    +0 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' suggested_unit: '370883' -> !unit_outside
    +0 SUPERVISOR@370000 decide_return uphold: true -> !nothing_open
    +0 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' suggested_unit: '370881' -> DISPATCHED
    +0 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> !already_open
    +0 OFFICER@370883 sign -> !already_open
    +0 SUPERVISOR@370800 decide_return uphold: true -> !unit_not_allowed)");
  CHECK(s.due(v1::CLOCK_KIND_RETURN_DECISION) == "2026-11-23 14:35");  // 4 office hours
  s.play(R"(
    +1h DISPATCHER@370000 decide_return uphold: true unit: '370883' -> !unit_duplicate
    +0 DISPATCHER@370000 decide_return uphold: true unit: '370881' -> DISPATCHED)");
  CHECK(hotline::domain::accountable_unit(s.ticket()) == "370881");
  CHECK(s.ticket().returns() == 1);
  // Back to the unit that returned it: that is a designation.
  s.play(R"(
    +1h LEAD@370881 return_ticket reason: RETURN_REASON_WRONG_LEVEL basis: 'b' suggested_unit: '370883' -> !ping_pong
    +0 LEAD@370881 return_ticket reason: RETURN_REASON_WRONG_LEVEL basis: 'b' -> DISPATCHED
    +0 DISPATCHER@370000 decide_return uphold: true unit: '370883' -> DISPATCHED
    +0 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> !designated)");
}

TEST_CASE("a denied return is a designation; a return to the desk waits for a dispatcher") {
  story denied;
  denied.accepted().dispatched();
  denied.play(R"(
    +1h LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> DISPATCHED
    +1h DISPATCHER@370000 decide_return uphold: false remark: 'r' -> DISPATCHED
    +1h LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> !designated)");
  story back;
  back.accepted();
  back.play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370883' co_units: '370881' -> DISPATCHED
    +1h LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> DISPATCHED
    +1h DISPATCHER@370000 decide_return uphold: true -> ACCEPTED
    +0 LEAD@370881 give_opinion opinion: 'o' -> !unit_not_allowed
    +0 DISPATCHER@370000 dispatch unit: '370881' co_units: '370882' -> !unit_unknown
    +0 DISPATCHER@370000 dispatch unit: '370881' -> DISPATCHED)");
}

TEST_CASE("a return is asked within two working days, of a petition within five") {
  story late;
  late.accepted().dispatched();
  late.play(
      "2026-11-25 17:31 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: "
      "'b' -> !return_too_late");
  story petition;
  petition.accepted();
  petition.play(R"(
    +0 OPERATOR@370000 supplement intake { matter { kind: KIND_PETITION } } -> ACCEPTED
    +5min DISPATCHER@370000 dispatch unit: '370883' -> DISPATCHED
    2026-11-30 17:30 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> DISPATCHED)");
}

TEST_CASE("extensions: 5 days by the city, then to 10 by the province, never beyond the cap") {
  story s;
  s.accepted().dispatched().handling();
  s.play(R"(
    +0 OFFICER@370883 request_extension days: 1 -> !field_required
    +0 OFFICER@370883 request_extension reason: 'r' -> !field_required
    +0 OFFICER@370883 request_extension days: 6 reason: 'r' -> !extension_too_long
    +0 OFFICER@370883 request_extension days: 5 reason: 'r' -> HANDLING
    +0 OFFICER@370883 request_extension days: 5 reason: 'r' -> !already_open
    +0 LEAD@370883 decide_extension grant: true -> !unit_not_allowed
    +0 LEAD@370800 decide_extension grant: true days: 6 -> !extension_too_long
    +1h LEAD@370800 decide_extension grant: true -> HANDLING)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-12-07 17:30");
  s.play(R"(
    +0 LEAD@370800 decide_extension grant: true -> !nothing_open
    +1d OFFICER@370883 request_extension days: 6 reason: 'r' -> !extension_too_long
    +0 OFFICER@370883 request_extension days: 5 reason: 'r' -> HANDLING
    +0 LEAD@370800 decide_extension grant: true -> !unit_not_allowed
    +1h SUPERVISOR@370000 decide_extension grant: true -> HANDLING)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-12-14 17:30");
  s.play("+0 OFFICER@370883 request_extension days: 1 reason: 'r' -> !extension_too_many");
  CHECK(s.ticket().extensions() == 2);
}

TEST_CASE("an extension is asked at least one working day before due; a hard one hits the cap") {
  story late;
  late.accepted().dispatched().handling();
  late.play(
      "2026-11-27 17:31 OFFICER@370883 request_extension days: 1 reason: 'r' -> "
      "!extension_too_late");
  story complex;
  complex.accepted();
  complex.play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370883' grade: GRADE_COMPLEX -> DISPATCHED
    +5min OFFICER@370883 sign -> HANDLING
    +0 OFFICER@370883 request_extension days: 1 reason: 'r' -> !extension_too_long)");
  story critical;
  critical.accepted("urgency: URGENCY_CRITICAL").dispatched().handling();
  critical.play(
      "+0 OFFICER@370883 request_extension days: 1 reason: 'r' -> "
      "!extension_not_allowed");
}

TEST_CASE("a petition is extended once by up to 30 calendar days") {
  story s;
  s.accepted();
  s.play(R"(
    +0 OPERATOR@370000 supplement intake { matter { kind: KIND_PETITION } } -> ACCEPTED
    +5min DISPATCHER@370000 dispatch unit: '370883' -> DISPATCHED
    +30min OFFICER@370883 sign -> HANDLING
    +0 OFFICER@370883 request_extension days: 31 reason: 'r' caller_told: true -> !extension_too_long
    +0 OFFICER@370883 request_extension days: 30 reason: 'r' -> !field_required
    +0 OFFICER@370883 request_extension days: 30 reason: 'r' caller_told: true -> HANDLING
    +0 LEAD@370800 decide_extension grant: true -> HANDLING)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) ==
        "2027-02-22 17:30");  // 22 January + 30 d: Sunday the 21st, so Monday
  s.play("+0 OFFICER@370883 request_extension days: 1 reason: 'r' -> !extension_too_many");
}

TEST_CASE("a petition letter has the statutory limits, whatever is asked for in it") {
  struct row {
    const char* source;
    const char* kind;
    bool statutory;
  };
  for (const row& r : {row{"SOURCE_WALK_IN", "KIND_COMPLAINT", false},
                       row{"SOURCE_WALK_IN", "KIND_PETITION", true},
                       row{"SOURCE_PETITION", "KIND_COMPLAINT", true},
                       row{"SOURCE_PETITION", "KIND_HELP", true}}) {
    INFO(r.source << " " << r.kind);
    story s;
    s.accepted(std::string("source: ") + r.source +
               " external_no: 'XF-2026-0117' matter { kind: " + r.kind + " }")
        .dispatched();
    // From Monday 23 November: five working days, or to the end of the 60th day.
    CHECK(s.due(v1::CLOCK_KIND_HANDLE) ==
          std::string(r.statutory ? "2027-01-23 00:00" : "2026-11-30 17:30"));
    // The petitioner is told of the receipt by the end of the 15th.
    if (r.statutory) CHECK(s.due(v1::CLOCK_KIND_FIRST_REPORT) == "2026-12-09 00:00");
  }
}

TEST_CASE("nobody grants itself time: an extension that moves the county's limit is the city's") {
  story s;
  s.accepted();
  s.play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370306' -> DISPATCHED
    +5min OFFICER@370306 sign -> HANDLING
    +0 OFFICER@370306 hand_down unit: '370306-s01' limit: '2wd' -> DISPATCHED
    +5min OFFICER@370306-s01 sign -> HANDLING
    +0 OFFICER@370306-s01 request_extension days: 1 reason: 'r' -> HANDLING
    +0 LEAD@370306 decide_extension grant: true -> HANDLING)");
  // Within the county's own limit (30 November): the county grants, its own clock stands.
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-26 17:30");
  story beyond;
  beyond.accepted();
  beyond.play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370306' -> DISPATCHED
    +5min OFFICER@370306 sign -> HANDLING
    +0 OFFICER@370306 hand_down unit: '370306-s01' limit: '2wd' -> DISPATCHED
    +5min OFFICER@370306-s01 sign -> HANDLING
    +0 OFFICER@370306-s01 request_extension days: 5 reason: 'r' -> HANDLING
    +0 LEAD@370306 decide_extension grant: true -> !unit_not_allowed
    +0 LEAD@370300 decide_extension grant: true -> HANDLING)");
  CHECK(beyond.ticket().assignments(0).extensions() == 1);
  CHECK(beyond.ticket().assignments(1).extensions() == 1);
}

TEST_CASE("a suspension stops the clock to the millisecond and ends by itself at its date") {
  story s;
  s.accepted().dispatched().handling();
  s.play(R"(
    +0 OFFICER@370883 request_suspension evidence: 'e' review_date: '2026-12-01' -> !field_required
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT review_date: '2026-12-01' -> !field_required
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' -> !field_required
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-11-23' -> !field_invalid
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-12-24' -> !suspension_too_long
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-12-23' -> HANDLING
    +0 LEAD@370883 decide_suspension grant: true -> !unit_not_allowed
    2026-11-24 10:00 LEAD@370800 decide_suspension grant: true -> SUSPENDED)");
  // Left on Tuesday at 10:00 of a limit due on Monday at 17:30: 6 h today, 8 h on each of four
  // days.
  CHECK(s.clock(v1::CLOCK_KIND_HANDLE).due_remaining_ms() == (6 + 30) * 3'600'000LL);
  s.play(R"(
    +1h OFFICER@370883 reply reply { result: RESULT_SOLVED text: 't' } -> !state_not_allowed
    2027-01-05 09:00 SYSTEM tick -> HANDLING)");
  // Resumed at 24:00 of 23 December, however late the Tick: 36 office hours from Thursday the 24th
  // (four days of 7.5, then 6 on Wednesday 30), far beyond the 15 working days from the dispatch.
  CHECK(s.clock(v1::CLOCK_KIND_HANDLE).due_at() == 1798617600000);  // 2026-12-30 16:00
  CHECK(s.ticket().overdue());
}

TEST_CASE("no suspension of a critical ticket, nor of one under supervision") {
  story critical;
  critical.accepted("urgency: URGENCY_CRITICAL").dispatched().handling();
  critical.play(
      "+0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_UNREACHABLE "
      "evidence: 'e' review_date: '2026-12-01' -> !suspension_not_allowed");
  story supervised;
  supervised.accepted().dispatched().handling();
  supervised.play(R"(
    +0 SUPERVISOR@370800 supervise order_no: 'D1' text: 't' -> HANDLING
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_UNREACHABLE evidence: 'e' review_date: '2026-12-01' -> !supervision_open)");
}

TEST_CASE("a termination is asked in writing before due and audited by the desk") {
  story s;
  s.accepted().dispatched().handling();
  s.play(R"(
    +0 OFFICER@370883 request_termination reason: TERMINATION_REASON_REPEAT explanation: 'e' -> !role_not_allowed
    +0 LEAD@370883 request_termination explanation: 'e' -> !field_required
    +0 LEAD@370883 request_termination reason: TERMINATION_REASON_REPEAT -> !field_required
    +0 DISPATCHER@370000 decide_termination grant: true -> !nothing_open
    +0 LEAD@370883 request_termination reason: TERMINATION_REASON_REPEAT explanation: 'e' -> HANDLING
    +0 SUPERVISOR@370800 decide_termination grant: true -> !unit_not_allowed
    +0 DISPATCHER@370000 decide_termination grant: false -> HANDLING
    +0 LEAD@370883 request_termination reason: TERMINATION_REASON_REPEAT explanation: 'e' -> HANDLING
    +0 DISPATCHER@370000 decide_termination grant: true -> TERMINATED
    +0 OPERATOR@370000 rework reason: 'r' -> !state_not_allowed)");
  story late;
  late.accepted().dispatched().handling();
  late.play(
      "2026-11-30 17:31 LEAD@370883 request_termination reason: TERMINATION_REASON_REPEAT "
      "explanation: 'e' -> !termination_too_late");
}
