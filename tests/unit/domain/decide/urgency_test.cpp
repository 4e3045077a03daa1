// Urgency: what words call for from the first moment, and what a change of it does to clocks, steps
// and parts. Monday 23 November 2026, winter hours 8:30-12:00, 13:30-17:30.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/domain/derive.hpp"
#include "story.hpp"

using hotline::test::story;
namespace v1 = hotline::v1;

namespace {

bool runs(const story& s, v1::ClockKind kind) {
  return std::ranges::any_of(s.ticket().clocks(), [&](const v1::Clock& c) {
    return c.kind() == kind && c.state() == v1::CLOCK_STATE_RUNNING;
  });
}

std::string queue_place(const story& s) {
  for (const auto& e : hotline::domain::derive(s.ticket())) {
    if (e.key.starts_with("queue:")) return e.key + " " + std::to_string(e.score);
  }
  return "";
}

}  // namespace

TEST_CASE("words that call for help raise a ticket at once, wherever it belongs") {
  story s;
  s.play(R"(
    2026-11-23 09:00 OPERATOR@370000 create intake { source: SOURCE_PHONE caller { phone: '13805310001' } employer { name: '某公司' } matter { kind: KIND_COMPLAINT category: 'wages.arrears' content: '再不发工资我就跳楼' } } -> ACCEPTED)");
  CHECK(s.ticket().urgency() == v1::URGENCY_CRITICAL);
  CHECK(s.due(v1::CLOCK_KIND_DISPATCH) == "2026-11-23 09:15");
}

TEST_CASE("a draft is as urgent as what is known of it") {
  story s;
  s.play(R"(
    2026-11-23 09:00 OPERATOR@370000 create draft: true intake { caller { phone: '13805310001' } } -> DRAFT)");
  CHECK(s.ticket().urgency() == v1::URGENCY_NORMAL);
  CHECK(s.due(v1::CLOCK_KIND_ACCEPT) == "2026-11-24 17:30");
  s.play(
      "+10min OPERATOR@370000 supplement intake { matter { content: '他说不想活了' } } -> DRAFT");
  CHECK(s.ticket().urgency() == v1::URGENCY_CRITICAL);
  CHECK(s.due(v1::CLOCK_KIND_ACCEPT) == "2026-11-23 09:30");  // from its own start
  s.play(R"(
    +5min OPERATOR@370000 supplement intake { source: SOURCE_PHONE matter { kind: KIND_CONSULT category: 'wages' } } -> ACCEPTED)");
  CHECK(s.due(v1::CLOCK_KIND_DISPATCH) == "2026-11-23 09:30");
}

TEST_CASE("what a person has set is never lowered by words") {
  story s;
  s.accepted("urgency: URGENCY_CRITICAL");
  CHECK(s.ticket().urgency() == v1::URGENCY_CRITICAL);
  s.play("+1min OPERATOR@370000 supplement intake { matter { people: 12 } } -> ACCEPTED");
  CHECK(s.ticket().urgency() == v1::URGENCY_CRITICAL);
  // Nor is what a person has lowered raised again by the same words.
  story lowered;
  lowered.accepted("title: '跳楼'").play(R"(
    +1min DISPATCHER@370000 change_urgency urgency: URGENCY_NORMAL reason: '系引用他人言语' -> ACCEPTED
    +1min OPERATOR@370000 supplement intake { matter { people: 2 } } -> ACCEPTED)");
  CHECK(lowered.ticket().urgency() == v1::URGENCY_NORMAL);
  lowered.play("+1min OPERATOR@370000 supplement intake { matter { people: 40 } } -> ACCEPTED");
  CHECK(lowered.ticket().urgency() == v1::URGENCY_NORMAL);
}

TEST_CASE("new urgent words raise a ticket wherever it is") {
  story s;
  s.accepted().dispatched();
  CHECK(s.due(v1::CLOCK_KIND_SIGN) == "2026-11-24 17:30");
  s.play(
      "+10min OPERATOR@370000 supplement intake { matter { content: '他要自杀' } } -> DISPATCHED");
  CHECK(s.ticket().urgency() == v1::URGENCY_CRITICAL);
  CHECK(s.due(v1::CLOCK_KIND_SIGN) == "2026-11-23 09:35");
  // Steps an ordinary ticket does without count from now.
  CHECK(s.due(v1::CLOCK_KIND_CONTACT) == "2026-11-23 11:15");
  CHECK(s.due(v1::CLOCK_KIND_FIRST_REPORT) == "2026-11-23 11:15");
  CHECK(s.due(v1::CLOCK_KIND_FIRST_RESULT) == "2026-11-24 09:15");
}

TEST_CASE("a suspended ticket whose new words are urgent goes on") {
  story s;
  s.accepted().dispatched().handling().play(R"(
    +1h OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-12-10' -> HANDLING
    +1h SUPERVISOR@370800 decide_suspension grant: true -> SUSPENDED
    +3d OPERATOR@370000 supplement intake { matter { content: '他要自杀' } } -> HANDLING)");
  CHECK(s.ticket().urgency() == v1::URGENCY_CRITICAL);
  CHECK(s.ticket().suspended_ms() == 3LL * 24 * 3600 * 1000);
  REQUIRE(s.events().size() == 2);
  CHECK(s.events()[0].kind() == v1::EVENT_KIND_SUPPLEMENTED);
  CHECK(s.events()[1].kind() == v1::EVENT_KIND_RESUMED);
  CHECK(runs(s, v1::CLOCK_KIND_FIRST_RESULT));
}

TEST_CASE("a supplement does not change the urgency of an accepted ticket: change-urgency does") {
  story s;
  s.accepted().play(
      "+1min OPERATOR@370000 supplement intake { urgency: URGENCY_URGENT } -> !field_invalid");
  CHECK(s.rejection().rule() == "supplement.urgency-by-change-urgency");
  CHECK(s.rejection().field() == "intake.urgency");
}

TEST_CASE("change-urgency: what is needed, and who may") {
  story s;
  s.accepted().dispatched().play(R"(
    +1min DISPATCHER@370000 change_urgency reason: 'r' -> !field_required
    +0 DISPATCHER@370000 change_urgency urgency: URGENCY_URGENT -> !field_required
    +0 DISPATCHER@370000 change_urgency urgency: URGENCY_NORMAL reason: 'r' -> !already_done
    +0 OPERATOR@370000 change_urgency urgency: URGENCY_URGENT reason: 'r' -> !role_not_allowed
    +0 OFFICER@370883 change_urgency urgency: URGENCY_URGENT reason: 'r' -> !role_not_allowed
    +0 LEAD@370881 change_urgency urgency: URGENCY_URGENT reason: 'r' -> !ticket_unknown
    +0 LEAD@370883 change_urgency urgency: URGENCY_URGENT reason: 'r' -> DISPATCHED
    +0 LEAD@370883 change_urgency urgency: URGENCY_NORMAL reason: 'r' -> !unit_not_allowed)");
  CHECK(s.rejection().rule() == "urgency.lowered-by-superior");
  s.play(R"(
    +0 SUPERVISOR@370800 change_urgency urgency: URGENCY_NORMAL reason: 'r' -> DISPATCHED
    +1min OFFICER@370883 sign -> HANDLING
    +0 DISPATCHER@370800 add_co_handler unit: '370881' ask: 'q' -> HANDLING
    +0 LEAD@370881 change_urgency urgency: URGENCY_URGENT reason: 'r' -> !unit_not_allowed)");
  CHECK(s.rejection().rule() == "urgency.desk-or-handler");
}

TEST_CASE("the clocks count anew from their own start, and the place in the queue follows") {
  story s;
  s.accepted().dispatched();
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-30 17:30");
  const auto before = queue_place(s);
  s.play(
      "+30min DISPATCHER@370000 change_urgency urgency: URGENCY_URGENT reason: 'r' -> DISPATCHED");
  CHECK(s.events().front().kind() == v1::EVENT_KIND_URGENCY_CHANGED);
  CHECK(s.due(v1::CLOCK_KIND_SIGN) == "2026-11-23 11:05");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-26 17:30");
  CHECK(s.due(v1::CLOCK_KIND_CONTACT) == "2026-11-24 09:35");
  CHECK_FALSE(queue_place(s) == before);
  s.play(
      "+5min SUPERVISOR@370000 change_urgency urgency: URGENCY_NORMAL reason: 'r' -> DISPATCHED");
  CHECK(s.due(v1::CLOCK_KIND_SIGN) == "2026-11-24 17:30");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-30 17:30");
  CHECK_FALSE(runs(s, v1::CLOCK_KIND_CONTACT));
  CHECK_FALSE(runs(s, v1::CLOCK_KIND_FIRST_REPORT));
  CHECK(queue_place(s) == before);
  // Signed as an ordinary one, it is contacted as one.
  s.play("+5min OFFICER@370883 sign -> HANDLING");
  CHECK(s.due(v1::CLOCK_KIND_CONTACT) == "2026-11-24 17:30");
}

TEST_CASE("a sign clock that stands still while a return is decided gets the new limit, too") {
  story s;
  s.accepted().dispatched();
  s.play(R"(
    +30min LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> DISPATCHED
    +10min DISPATCHER@370000 change_urgency urgency: URGENCY_URGENT reason: 'r' -> DISPATCHED)");
  CHECK(s.clock(v1::CLOCK_KIND_SIGN).state() == v1::CLOCK_STATE_PAUSED);
  CHECK(s.clock(v1::CLOCK_KIND_SIGN).limit() == "2h");
  s.play("+20min DISPATCHER@370000 decide_return uphold: false remark: 'r' -> DISPATCHED");
  CHECK(s.clock(v1::CLOCK_KIND_SIGN).state() == v1::CLOCK_STATE_RUNNING);
  // Office time and hours cannot be set off against each other: two whole hours from 10:05.
  CHECK(s.due(v1::CLOCK_KIND_SIGN) == "2026-11-23 12:05");
}

TEST_CASE("what the new urgency puts into the past happens at once, and not before") {
  story s;
  s.accepted().dispatched().play(R"(
    +3h DISPATCHER@370000 change_urgency urgency: URGENCY_CRITICAL reason: 'r' -> DISPATCHED)");
  CHECK(s.due(v1::CLOCK_KIND_SIGN) == "2026-11-23 09:35");
  CHECK(hotline::domain::next_timer(s.ticket()) == s.now());
  s.play("+0 SYSTEM tick -> DISPATCHED");
  const auto missed = std::ranges::find_if(s.events(), [](const v1::Event& e) {
    return e.kind() == v1::EVENT_KIND_DEADLINE_MISSED && e.rung().clock() == v1::CLOCK_KIND_SIGN;
  });
  REQUIRE(missed != s.events().end());
  CHECK(missed->rung().scheduled_at() == hotline::to_unix_ms(s.now()));
  CHECK(missed->rung().escalates());  // 特急 unsigned: to the province
}

TEST_CASE("a handed-down part stays within the part above it") {
  story s;
  s.accepted().play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370800' -> DISPATCHED
    +5min OFFICER@370800 sign -> HANDLING
    +5min OFFICER@370800 hand_down unit: '370883' limit: '4wd' -> DISPATCHED)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-27 17:30");
  s.play(
      "+5min DISPATCHER@370000 change_urgency urgency: URGENCY_URGENT reason: 'r' -> DISPATCHED");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-26 17:30");  // 3 wd of the city's part
  s.play(
      "+5min DISPATCHER@370000 change_urgency urgency: URGENCY_NORMAL reason: 'r' -> DISPATCHED");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-26 17:30");  // what was handed down is not longer
}

TEST_CASE("a clock that has been paused keeps what it has used up") {
  story s;
  s.accepted().dispatched().handling().play(R"(
    2026-11-24 08:30 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-12-10' -> HANDLING
    +0 SUPERVISOR@370800 decide_suspension grant: true -> SUSPENDED
    2026-11-30 08:30 OFFICER@370883 resume reason: 'r' -> HANDLING)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-12-04 17:30");  // five whole days are left
  s.play("+0 DISPATCHER@370000 change_urgency urgency: URGENCY_URGENT reason: 'r' -> HANDLING");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-12-02 17:30");  // three
}

TEST_CASE("the urgent limit never lengthens, and priority shortens the signing") {
  story consult;
  consult.play(R"(
    2026-11-23 09:00 OPERATOR@370000 create intake { source: SOURCE_PHONE caller { phone: '13805310001' platform_work: PLATFORM_WORK_COURIER } matter { kind: KIND_CONSULT category: 'wages' region: '370883' content: 'c' } urgency: URGENCY_URGENT } -> ACCEPTED
    +5min DISPATCHER@370000 dispatch unit: '370883' -> DISPATCHED)");
  CHECK(consult.due(v1::CLOCK_KIND_HANDLE) == "2026-11-25 17:30");  // 2 wd, not the 3 of 紧急
  CHECK(consult.due(v1::CLOCK_KIND_SIGN) == "2026-11-23 11:05");    // 2 h are less than 4 wh
  consult.play(
      "+5min DISPATCHER@370000 change_urgency urgency: URGENCY_NORMAL reason: 'r' -> DISPATCHED");
  CHECK(consult.due(v1::CLOCK_KIND_SIGN) == "2026-11-23 14:35");  // 4 wh: until 12:00, from 13:30
}
