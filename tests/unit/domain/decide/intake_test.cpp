// Taking down, answering at once, and what brings a ticket back to where it was.
#include <doctest/doctest.h>

#include "story.hpp"

using hotline::test::story;
namespace v1 = hotline::v1;

TEST_CASE("a draft whose direct answer fails the check is a draft again") {
  story s;
  s.play(R"(
    2026-11-23 09:00 OPERATOR@370000 create draft: true intake { caller { phone: '13805310001' } } -> DRAFT
    +5min OPERATOR@370000 answer_directly answer: 'a' -> ANSWERED
    +1h SUPERVISOR@370000 check_answer pass: false remark: 'r' -> DRAFT)");
  CHECK(s.ticket().accepted_at() == 0);
  CHECK(s.due(v1::CLOCK_KIND_ACCEPT) == "2026-11-24 17:30");
  s.play(R"(
    +5min OPERATOR@370000 supplement intake { source: SOURCE_PHONE matter { kind: KIND_CONSULT category: 'wages' content: 'c' } } -> ACCEPTED
    +5min OPERATOR@370000 answer_directly answer: 'a' -> ANSWERED
    +1h SUPERVISOR@370000 check_answer pass: false remark: 'r' -> ACCEPTED)");
}

TEST_CASE("an answer is not checked by who gave it") {
  story s;
  s.accepted().play(R"(
    +5min DISPATCHER@370000 answer_directly answer: 'a' -> ANSWERED
    +1h DISPATCHER@370000 check_answer pass: true -> !unit_not_allowed)");
  CHECK(s.rejection().rule() == "check.four-eyes");
  s.play("+0 SUPERVISOR@370000 check_answer pass: true -> CLOSED");
}

TEST_CASE("a collective matter is reported at once, and once (快报)") {
  story s;
  s.accepted();
  s.play("+5min OPERATOR@370000 supplement intake { matter { people: 9 } } -> ACCEPTED");
  CHECK(s.events().front().told().empty());
  s.play("+5min OPERATOR@370000 supplement intake { matter { people: 10 } } -> ACCEPTED");
  const auto& event = s.events().front();
  REQUIRE(event.told_size() == 2);
  CHECK(event.told(0) == "province_duty_leader");
  CHECK(event.told(1) == "city_lead");
  s.play("+5min OPERATOR@370000 supplement intake { matter { people: 12 } } -> ACCEPTED");
  CHECK(s.events().front().told().empty());
  story with_words;
  with_words.play(R"(
    2026-11-23 09:00 OPERATOR@370000 create draft: true intake { caller { phone: '13805310001' } matter { content: '他说不想活了' } } -> DRAFT)");
  CHECK(with_words.events().front().told_size() == 2);
}

TEST_CASE("a call is not older than a year before the ticket; the ticket may grow old") {
  // 1795399200000 is 10:00 of 23 November 2026.
  story s;
  s.play(R"(
    2026-11-23 10:00 OPERATOR@370000 create draft: true intake { caller { phone: '13805310001' } call { called_at: 1763776700000 } } -> !field_invalid)");
  CHECK(s.rejection().rule() == "intake.call-within-a-year");
  CHECK(s.rejection().field() == "intake.call.called_at");
  s.play(R"(
    +0 OPERATOR@370000 create draft: true intake { caller { phone: '13805310001' } call { called_at: 1763776900000 } } -> DRAFT
    +10d OPERATOR@370000 supplement intake { caller { name: '张三' } } -> DRAFT)");
}

TEST_CASE("a ticket that comes back keeps its grade and urgency unless the dispatcher says more") {
  story s;
  s.accepted().play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370883' grade: GRADE_COMPLEX urgency: URGENCY_URGENT -> DISPATCHED
    +5min LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_REGION basis: 'b' -> DISPATCHED
    +5min DISPATCHER@370000 decide_return uphold: true -> ACCEPTED
    +5min DISPATCHER@370000 dispatch unit: '370881' -> DISPATCHED)");
  CHECK(s.ticket().grade() == v1::GRADE_COMPLEX);
  CHECK(s.ticket().urgency() == v1::URGENCY_URGENT);
}

TEST_CASE("the question that suggested the disposals is kept with them") {
  story s;
  s.accepted().play(R"(
    +5min SYSTEM dispatch unit: '370883' disposals: DISPOSAL_JOINT triage_rule: 'triage.joint' -> DISPATCHED)");
  CHECK(s.ticket().triage_rule() == "triage.joint");
}

TEST_CASE("promises of payment are within the claim and within five years") {
  story s;
  s.accepted().dispatched().handling().play(R"(
    +1h OFFICER@370883 record_contact contacted_at: 1795399200000 reached: true result: '已联系' -> HANDLING
    +0 OFFICER@370883 reply reply { result: RESULT_PROMISED text: 't' promise_date: '2026-12-01' amount_claimed_fen: 100 amount_promised_fen: 101 } -> !field_invalid)");
  CHECK(s.rejection().field() == "reply.amount_promised_fen");
  s.play(
      "+0 OFFICER@370883 reply reply { result: RESULT_PROMISED text: 't' promise_date: "
      "'2026-11-22' } -> !field_invalid");
  CHECK(s.rejection().rule() == "reply.promise-ahead");
  s.play(
      "+0 OFFICER@370883 reply reply { result: RESULT_PROMISED text: 't' promise_date: "
      "'2031-11-24' } -> !field_invalid");
  CHECK(s.rejection().rule() == "reply.promise-within-years");
  s.play(
      "+0 OFFICER@370883 reply reply { result: RESULT_PROMISED text: 't' promise_date: "
      "'2031-11-23' amount_claimed_fen: 100 amount_promised_fen: 100 } -> REPLIED");
}
