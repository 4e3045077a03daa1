// Visits, reworks and the other ends; permissions that reach across units; recomputation.
#include <doctest/doctest.h>

#include "story.hpp"

using hotline::test::story;
namespace v1 = hotline::v1;

namespace {

story& reviewed(story& s) {
  return s.accepted().dispatched().handling().replied().play(
      "+1h LEAD@370800 review pass: true -> REVIEWED");
}

constexpr const char* next_round = R"(
    +1h OFFICER@370883 reply reply { result: RESULT_SOLVED text: 't' } -> REPLIED
    +1h LEAD@370800 review pass: true -> REVIEWED)";

}  // namespace

TEST_CASE("three visits that reach nobody, on different half-days, close the ticket") {
  story s;
  reviewed(s).play(R"(
    2026-11-25 09:00 OPERATOR@370000 record_visit visit { reached: true } -> !field_required
    +0 OPERATOR@370000 record_visit visit { solved: SOLVED_YES } -> !field_invalid
    +0 OPERATOR@370000 record_visit visit { reached: true solved: SOLVED_NO } -> !field_required
    +0 OPERATOR@370000 record_visit visit {} -> REVIEWED
    2026-11-25 11:59 OPERATOR@370000 record_visit visit {} -> !visit_half_day
    2026-11-25 12:00 OPERATOR@370000 record_visit visit {} -> REVIEWED
    2026-11-26 09:00 OPERATOR@370000 record_visit visit {} -> CLOSED
    +1d SUPERVISOR@370000 rework reason: 'r' -> REWORK)");
  // The tries of the first round do not count in the second.
  s.play(next_round);
  s.play("+0 OPERATOR@370000 record_visit visit {} -> REVIEWED");
}

TEST_CASE("not satisfied: two reworks, then an order of supervision, then the result stands") {
  constexpr const char* bad =
      "+1h OPERATOR@370000 record_visit visit { reached: true solved: SOLVED_NO remark: 'r' } -> "
      "REWORK";
  story s;
  reviewed(s).play(bad).play(next_round).play(bad);
  CHECK(s.ticket().reworks() == 2);
  CHECK(s.ticket().supervisions().empty());
  s.play(next_round).play("+0 OPERATOR@370000 rework reason: 'r' -> !rework_too_many");
  s.play(
      "+1h OPERATOR@370000 record_visit visit { reached: true solved: SOLVED_NO remark: 'r' } "
      "-> HANDLING");
  CHECK(s.ticket().reworks() == 2);
  REQUIRE(s.ticket().supervisions_size() == 1);
  const auto& order = s.ticket().supervisions(0);
  CHECK(order.origin() == v1::SUPERVISION_ORIGIN_DISSATISFACTION);
  CHECK(order.by_unit() == "370800");
  CHECK(order.unit() == "370883");
  CHECK(s.ticket().assignments().rbegin()->light() == v1::LIGHT_RED);
  REQUIRE(s.events().back().kind() == v1::EVENT_KIND_SUPERVISED);
  CHECK(s.events().back().told(0) == "city_lead");
  s.play(next_round);
  s.play(
      "+1h OPERATOR@370000 record_visit visit { reached: true solved: SOLVED_NO remark: 'r' } "
      "-> CLOSED");
}

TEST_CASE("a transfer needs consent and a partner, and only its desk or the partner answers") {
  story s;
  s.accepted().play(R"(
    +0 DISPATCHER@370000 transfer_out partner: '370883' reason: 'r' -> !unit_unknown
    +0 DISPATCHER@370000 transfer_out partner: 'p-12348' -> !field_required
    +0 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' -> TRANSFERRED
    +1d DISPATCHER@370100 record_partner_answer answer: 'a' -> !ticket_unknown
    +0 PARTNER@p-12351 record_partner_answer answer: 'a' -> !ticket_unknown
    +0 PARTNER@p-12348 record_partner_answer -> !field_required
    +0 PARTNER@p-12348 record_partner_answer refused: true answer: 'a' -> ACCEPTED
    +0 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' -> TRANSFERRED
    +0 PARTNER@p-12348 record_partner_answer answer: 'a' -> REVIEWED)");
  CHECK(s.ticket().reply().text() == "a");
}

TEST_CASE("nothing goes to a partner that is itself complained about") {
  story s;
  s.accepted().play(R"(
    +0 OPERATOR@370000 supplement reason: 'r' intake { matter { complained_unit: 'p-12348' } } -> ACCEPTED
    +0 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' -> !unit_complained_about
    +0 DISPATCHER@370000 transfer_out partner: 'p-12351' reason: 'r' -> TRANSFERRED)");
}

TEST_CASE("a merged ticket ends with its main one and can come back") {
  story s;
  s.accepted().play(R"(
    +0 OPERATOR@370000 merge main_no: 'x' -> !field_invalid
    +0 OPERATOR@370000 merge main_no: '3708-20261123-00001' -> !merge_loop
    +0 OPERATOR@370000 merge main_no: '3708-20261123-00002' -> MERGED
    +0 OPERATOR@370800 unmerge reason: 'r' -> !ticket_unknown
    +0 OPERATOR@370000 unmerge -> !field_required
    +0 OPERATOR@370000 unmerge reason: 'r' -> ACCEPTED
    +0 SYSTEM add_merged child_no: '3708-20261123-00003' -> ACCEPTED
    +0 SYSTEM add_merged child_no: '3708-20261123-00003' -> =
    +0 OPERATOR@370800 add_merged child_no: '3708-20261123-00004' -> !ticket_unknown
    +0 OPERATOR@370000 merge main_no: '3708-20261123-00002' -> !merge_loop)");
}

TEST_CASE("a withdrawal needs evidence; refusals need a reason, a channel, and a supervisor") {
  story s;
  s.accepted().play(R"(
    +0 OPERATOR@370000 withdraw -> !field_required
    +0 OPERATOR@370800 withdraw evidence: 'e' -> !ticket_unknown
    +0 OPERATOR@370000 refuse remark: 'r' -> !field_required
    +0 OPERATOR@370000 refuse reason: REFUSAL_REASON_LEGAL_CHANNEL -> !field_required
    +0 OPERATOR@370000 refuse reason: REFUSAL_REASON_IN_PETITION -> ACCEPTED
    +0 OPERATOR@370000 refuse reason: REFUSAL_REASON_IN_PETITION -> !already_open
    +0 DISPATCHER@370000 decide_refusal confirm: true -> !role_not_allowed
    +0 SUPERVISOR@370000 decide_refusal confirm: false -> ACCEPTED
    +0 SUPERVISOR@370000 decide_refusal confirm: true -> !nothing_open
    +0 OPERATOR@370000 withdraw evidence: 'e' -> WITHDRAWN)");
}

TEST_CASE("only an administrator of the desk's line archives or recomputes") {
  story s;
  s.accepted().play(R"(
    +0 ADMINISTRATOR@370883 recalculate reason: 'r' -> !ticket_unknown
    +0 ADMINISTRATOR@370000 recalculate -> !field_required
    +0 ADMINISTRATOR@370000 recalculate reason: 'r' -> =
    +0 OPERATOR@370000 withdraw evidence: 'e' -> WITHDRAWN
    +0 ADMINISTRATOR@370100 archive -> !ticket_unknown
    +0 ADMINISTRATOR@370000 archive -> ARCHIVED)");
}

TEST_CASE("a complaint about a union goes neither to it nor below it, not as co-handler either") {
  story s;
  s.accepted().play(R"(
    +0 OPERATOR@370000 supplement intake { matter { complained_unit: '370883' } } -> ACCEPTED
    +0 DISPATCHER@370000 dispatch unit: '370883' -> !unit_complained_about
    +0 DISPATCHER@370000 dispatch unit: '370800' co_units: '370883' -> !unit_complained_about
    +0 DISPATCHER@370000 dispatch unit: '370800' -> DISPATCHED)");
}

TEST_CASE("a supervision order is answered, sent back, answered again and closed by its issuer") {
  story s;
  s.accepted().dispatched().handling().play(R"(
    +0 SUPERVISOR@370800 supervise text: 't' -> !field_required
    +0 SUPERVISOR@370800 supervise order_no: 'D1' -> !field_required
    +0 SUPERVISOR@370800 supervise order_no: 'D1' text: 't' -> HANDLING
    +0 SUPERVISOR@370800 supervise order_no: 'D1' text: 't' -> !already_done
    +0 LEAD@370881 answer_supervision answer: 'a' -> !ticket_unknown
    +0 LEAD@370883 answer_supervision -> !field_required
    +0 SUPERVISOR@370800 close_supervision accept: true -> !nothing_open
    +0 LEAD@370883 answer_supervision answer: 'a' -> HANDLING
    +0 LEAD@370883 answer_supervision answer: 'a' -> !nothing_open
    +0 LEAD@370883 close_supervision accept: true -> !unit_not_allowed
    +0 SUPERVISOR@370800 close_supervision accept: false -> !field_required
    +0 SUPERVISOR@370800 close_supervision accept: false remark: 'r' -> HANDLING
    +0 LEAD@370883 answer_supervision answer: 'b' -> HANDLING
    +0 SUPERVISOR@370800 close_supervision accept: true -> HANDLING)");
  CHECK(s.ticket().supervisions(0).state() == v1::SUPERVISION_STATE_CLOSED);
}
