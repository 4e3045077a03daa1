// The ladder: which rung comes when, in order and once, who acts then, and what ends it.
#include <doctest/doctest.h>

#include <vector>

#include "common/domain/derive.hpp"
#include "story.hpp"

using hotline::test::story;
namespace v1 = hotline::v1;

namespace {

/// The rungs of the main clock among the events of the last step.
std::vector<v1::Rung> main_rungs(const story& s) {
  std::vector<v1::Rung> rungs;
  for (const auto& e : s.events()) {
    if (e.rung().clock() == v1::CLOCK_KIND_HANDLE) rungs.push_back(e.rung().rung());
  }
  return rungs;
}

constexpr const char* contact_now =
    "+1h OFFICER@370883 record_contact contacted_at: 1795399200000 reached: true result: 'r' -> "
    "HANDLING";

}  // namespace

TEST_CASE("after a long downtime every rung that was missed happens, in order, once each") {
  story s;
  s.accepted().dispatched().handling();
  s.play("2026-12-20 10:00 SYSTEM tick -> HANDLING");
  const std::vector<v1::Rung> all = {v1::RUNG_REMIND,   v1::RUNG_WARN,         v1::RUNG_DUE,
                                     v1::RUNG_ESCALATE, v1::RUNG_ESCALATE_TOP, v1::RUNG_REPORT};
  CHECK(main_rungs(s) == all);
  CHECK(s.ticket().overdue());
  CHECK(s.ticket().reported());
  CHECK(s.ticket().assignments(0).light() == v1::LIGHT_DOUBLE_RED);
  s.play("+0 SYSTEM tick -> =");
  // Then it nags once a working day: Monday's close.
  s.play("2026-12-21 17:30 SYSTEM tick -> HANDLING");
  CHECK(main_rungs(s) == std::vector<v1::Rung>{v1::RUNG_NAG});
}

TEST_CASE("rungs stand at their instants: half, one day before, due, +1, +3 and +5 working days") {
  story s;
  s.accepted().dispatched().handling();
  const auto& marks = s.clock(v1::CLOCK_KIND_HANDLE).milestones();
  REQUIRE(marks.size() == 6);
  CHECK(marks[1].at() == 1795771800000);  // Friday 27 November 17:30
  CHECK(marks[2].at() == 1796031000000);  // Monday 30 November 17:30
  CHECK(marks[3].at() == 1796117400000);  // Tuesday 1 December
  CHECK(marks[4].at() == 1796290200000);  // Thursday 3 December
  CHECK(marks[5].at() == 1796635800000);  // Monday 7 December
}

TEST_CASE("who has been contacted is not reminded of, also not after an extension") {
  story s;
  s.accepted().dispatched().handling().play(contact_now);
  s.play(R"(
    +1h OFFICER@370883 request_extension days: 5 reason: 'r' -> HANDLING
    +1h LEAD@370800 decide_extension grant: true -> HANDLING
    2026-12-03 17:30 SYSTEM tick -> =)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-12-07 17:30");
}

TEST_CASE("a reply after the due instant is late even when no Tick has told so") {
  story s;
  s.accepted().dispatched().handling().play(contact_now);
  s.play(
      "2026-11-30 17:31 OFFICER@370883 reply reply { result: RESULT_SOLVED text: 't' } -> "
      "REPLIED");
  CHECK(s.ticket().overdue());
  CHECK(s.ticket().assignments(0).overdue());
  CHECK(s.clock(v1::CLOCK_KIND_HANDLE).state() == v1::CLOCK_STATE_MISSED);
  CHECK(main_rungs(s) == std::vector<v1::Rung>{v1::RUNG_WARN, v1::RUNG_DUE});
}

TEST_CASE("a reply at the due instant itself is in time") {
  story s;
  s.accepted().dispatched().handling().play(contact_now);
  s.play(
      "2026-11-30 17:30 OFFICER@370883 reply reply { result: RESULT_SOLVED text: 't' } -> "
      "REPLIED");
  CHECK_FALSE(s.ticket().overdue());
  CHECK(s.clock(v1::CLOCK_KIND_HANDLE).state() == v1::CLOCK_STATE_MET);
}

TEST_CASE("a critical ticket nobody signs for half an hour goes to the province") {
  story s;
  s.accepted("urgency: URGENCY_CRITICAL").dispatched();
  s.play(R"(
    2026-11-23 09:34 SYSTEM escalate rung: RUNG_DUE clock: CLOCK_KIND_SIGN assignment: 1 -> !not_due
    2026-11-23 09:35 SYSTEM tick -> DISPATCHED
    +0 SYSTEM escalate rung: RUNG_DUE clock: CLOCK_KIND_SIGN assignment: 1 -> DISPATCHED
    +0 SYSTEM escalate rung: RUNG_DUE clock: CLOCK_KIND_SIGN assignment: 1 -> =)");
  CHECK(hotline::domain::accountable_unit(s.ticket()) == "370000");
  REQUIRE(s.ticket().supervisions_size() == 1);
  CHECK(s.ticket().supervisions(0).unit() == "370800");
  // Once it is signed the breach is over; the order stays for the record.
  s.play("+5min OFFICER@370883 sign -> HANDLING");
  CHECK(hotline::domain::accountable_unit(s.ticket()) == "370883");
  CHECK(s.ticket().supervisions(0).state() == v1::SUPERVISION_STATE_OPEN);
}

TEST_CASE("a reply nobody reviews goes to the reviewer's superior, who may review it") {
  story s;
  s.accepted().dispatched().handling().replied();
  CHECK(hotline::domain::accountable_unit(s.ticket()) == "370800");
  s.play(R"(
    2026-11-26 17:30 SYSTEM tick -> REPLIED
    +0 SYSTEM escalate rung: RUNG_ESCALATE clock: CLOCK_KIND_REVIEW assignment: 1 -> REPLIED)");
  CHECK(hotline::domain::accountable_unit(s.ticket()) == "370000");
  CHECK(s.ticket().supervisions(0).unit() == "370800");  // the late reviewer, not the handler
  s.play("+1h SUPERVISOR@370000 review pass: true -> REVIEWED");
  CHECK(s.ticket().escalated_to().empty());
  CHECK(hotline::domain::accountable_unit(s.ticket()) == "370000");  // the desk's visit
}

TEST_CASE("the province's own late decision has nobody above it") {
  story s;
  s.accepted().dispatched();
  s.play(R"(
    +1h LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> DISPATCHED
    2026-11-25 17:30 SYSTEM tick -> DISPATCHED
    +0 SYSTEM escalate rung: RUNG_ESCALATE clock: CLOCK_KIND_RETURN_DECISION assignment: 1 -> =)");
}

TEST_CASE("an order nobody answers goes to the province") {
  story s;
  s.accepted().dispatched().handling();
  s.play("+0 SUPERVISOR@370800 supervise order_no: 'D1' text: 't' -> HANDLING");
  CHECK(s.due(v1::CLOCK_KIND_SUPERVISION_ANSWER) == "2026-11-24 17:30");
  s.play(R"(
    2026-11-25 17:30 SYSTEM tick -> HANDLING
    +0 SYSTEM escalate rung: RUNG_ESCALATE clock: CLOCK_KIND_SUPERVISION_ANSWER -> HANDLING)");
  CHECK(hotline::domain::accountable_unit(s.ticket()) == "370000");
}
