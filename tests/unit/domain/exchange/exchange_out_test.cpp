#include "common/domain/exchange_out.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/domain/merging.hpp"
#include "tests/unit/domain/decide/story.hpp"

namespace hotline::domain {
namespace {

constexpr const char* from_city = "external_partner: \"p-12345-370800\" external_no: \"JN1\" ";

v1::Partner city() {
  v1::Partner p;
  p.set_name("jining-12345");
  p.set_unit("p-12345-370800");
  p.set_consent_needed(true);
  p.add_personal_fields("caller.name");
  p.add_personal_fields("caller.phone");
  for (int kind = v1::PARTNER_EVENT_KIND_CREATE; kind <= v1::PARTNER_EVENT_KIND_ATTACH; ++kind)
    p.mutable_outbound()->add_events()->set_kind(static_cast<v1::PartnerEventKind>(kind));
  auto& state = *p.add_states();
  state.set_state(v1::STATE_HANDLING);
  state.set_theirs("1");
  return p;
}

/// What the partner is told of the whole story, "ACCEPT PROGRESS …".
std::string told(const v1::Partner& partner, const test::story& s) {
  std::string kinds;
  for (const v1::Event& event : s.history()) {
    const auto one = told_to(partner, s.ticket(), event, test::shipped_province().org);
    if (!one) continue;
    CHECK(one->serial() == s.ticket().no() + ":" + std::to_string(event.version()));
    CHECK(one->occurred_at() == event.at());
    if (!kinds.empty()) kinds += ' ';
    kinds += v1::PartnerEventKind_Name(one->kind()).substr(sizeof("PARTNER_EVENT_KIND"));
  }
  return kinds;
}

std::optional<v1::PartnerEvent> last(const v1::Partner& partner, const test::story& s) {
  return told_to(partner, s.ticket(), s.events().back(), test::shipped_province().org);
}

}  // namespace

TEST_CASE("the partner a ticket came from follows it to its end") {
  test::story s;
  s.accepted(from_city).dispatched();
  CHECK(told(city(), s) == "ACCEPT PROGRESS");
  s.play("+1h OFFICER@370883 sign -> HANDLING");
  const auto signed_by = last(city(), s);
  REQUIRE(signed_by.has_value());
  CHECK(signed_by->kind() == v1::PARTNER_EVENT_KIND_SIGN);
  CHECK(signed_by->external_no() == "JN1");
  CHECK(signed_by->state() == "1");
  CHECK(signed_by->handler_unit() == "370883");
}

TEST_CASE("the result is told when it is final, or at the review to who visits itself") {
  test::story s;
  s.accepted(from_city).dispatched().handling().replied();
  s.play(R"(
    +1h SUPERVISOR@370800 review pass: true -> REVIEWED
  )");
  CHECK(told(city(), s) == "ACCEPT PROGRESS SIGN");
  v1::Partner visits = city();
  visits.mutable_inbound()->add_events()->set_kind(v1::PARTNER_EVENT_KIND_VISIT_RESULT);
  CHECK(told(visits, s) == "ACCEPT PROGRESS SIGN FINISH");
  s.play(R"(
    +1h OPERATOR@370000 record_visit visit { reached: true contacted_by_unit: true solved: SOLVED_YES satisfaction: SATISFACTION_GOOD } -> CLOSED
  )");
  CHECK(told(city(), s) == "ACCEPT PROGRESS SIGN VISIT_RESULT FINISH");
  CHECK(told(visits, s) == "ACCEPT PROGRESS SIGN FINISH VISIT_RESULT");
  v1::Partner quiet = city();
  quiet.mutable_outbound()->clear_events();
  quiet.mutable_outbound()->add_events()->set_kind(v1::PARTNER_EVENT_KIND_FINISH);
  CHECK(told(quiet, s) == "FINISH");
}

TEST_CASE(
    "who sent a matter that was merged hears so, and how the main ticket ended, in words for all") {
  v1::Partner partner = city();
  auto& closed = *partner.add_states();
  closed.set_state(v1::STATE_CLOSED);
  closed.set_theirs("9");
  test::story s;
  s.accepted(from_city).dispatched();
  s.play("+1h DISPATCHER@370000 merge main_no: '3708-20261123-00099' -> MERGED");
  const auto merged = last(partner, s);
  REQUIRE(merged.has_value());
  CHECK(merged->kind() == v1::PARTNER_EVENT_KIND_PROGRESS);
  CHECK(merged->text() == "已与同一诉求合并办理");
  CHECK(merged->text().find("3708") == std::string::npos);
  CHECK(merged->state() == "1");
  s.play(
      "+1d SYSTEM follow_main ended_as: STATE_CLOSED result: RESULT_SOLVED public_answer: "
      "'公司已付清' -> MERGED");
  const auto ended = last(partner, s);
  REQUIRE(ended.has_value());
  CHECK(ended->kind() == v1::PARTNER_EVENT_KIND_FINISH);
  CHECK(ended->reply().result() == v1::RESULT_SOLVED);
  CHECK(ended->text() == "已与同一诉求合并办理，答复：公司已付清");
  CHECK(ended->state() == "9");
  CHECK(told(partner, s) == "ACCEPT PROGRESS PROGRESS FINISH");
}

TEST_CASE("what is said of a main ticket is nothing its caller or its unit said") {
  v1::Ticket main;
  main.set_state(v1::STATE_CLOSED);
  main.mutable_reply()->set_result(v1::RESULT_SOLVED);
  main.mutable_reply()->set_text("赵师傅 13805310001 已收到两万元");
  main.mutable_reply()->set_public_answer("已付清，咨询 13805310001");
  const auto how = how_it_ended(main);
  CHECK(how.ended_as() == v1::STATE_CLOSED);
  CHECK(how.result() == v1::RESULT_SOLVED);
  CHECK(how.public_answer() == "已付清，咨询 138****0001");
  main.mutable_intake()->mutable_caller()->set_confidential(true);
  CHECK(how_it_ended(main).public_answer().empty());
  main.mutable_intake()->mutable_caller()->set_confidential(false);
  main.mutable_intake()->set_sensitivity(v1::SENSITIVITY_SENSITIVE);
  CHECK(how_it_ended(main).public_answer().empty());
  test::story s;
  s.accepted(from_city).dispatched();
  s.play("+1h DISPATCHER@370000 merge main_no: '3708-20261123-00099' -> MERGED");
  s.play("+1d SYSTEM follow_main ended_as: STATE_WITHDRAWN -> MERGED");
  CHECK(last(city(), s)->text() == "已与同一诉求合并办理，该诉求已由诉求人撤回");
}

TEST_CASE("what the caller of a merged ticket says goes to nobody else's partner") {
  test::story s;
  s.accepted(from_city).dispatched().handling().replied();
  s.play(R"(
    +0 SYSTEM add_merged child_no: '3708-20261123-00003' -> REPLIED
    +1h SUPERVISOR@370800 review pass: true -> REVIEWED
    +1h OPERATOR@370000 record_visit visit { reached: true solved: SOLVED_NO satisfaction: SATISFACTION_BAD remark: '王师傅不满意' caller_of: '3708-20261123-00003' } -> REVIEWED
  )");
  CHECK(!last(city(), s).has_value());
}

TEST_CASE("a pause is told, and its end") {
  test::story s;
  s.accepted(from_city).dispatched().handling();
  s.play(R"(
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-12-01' -> HANDLING
    +0 LEAD@370800 decide_suspension grant: true -> SUSPENDED
    +1d OFFICER@370883 resume -> HANDLING)");
  CHECK(told(city(), s) == "ACCEPT PROGRESS SIGN PROGRESS PROGRESS");
  test::story denied;
  denied.accepted(from_city).dispatched().handling();
  denied.play(R"(
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-12-01' -> HANDLING
    +0 LEAD@370800 decide_suspension grant: false -> HANDLING)");
  CHECK(told(city(), denied) == "ACCEPT PROGRESS SIGN");
}

TEST_CASE("a partner that has no part is told nothing") {
  test::story s;
  s.accepted().dispatched().handling();
  CHECK(told(city(), s) == "");
}

TEST_CASE("a transferred ticket: what goes out") {
  test::story s;
  s.accepted();
  s.play(
      "+1h DISPATCHER@370000 transfer_out partner: \"p-12345-370800\" reason: \"职责\" "
      "-> TRANSFERRED");
  v1::Ticket ticket = s.ticket();
  ticket.mutable_intake()->mutable_caller()->set_identity_no("11010519491231002X");
  const auto out = told_to(city(), ticket, s.events().back(), test::shipped_province().org);
  REQUIRE(out.has_value());
  CHECK(out->kind() == v1::PARTNER_EVENT_KIND_CREATE);
  CHECK(out->ticket_no() == s.ticket().no());
  CHECK(out->due_at() == s.clock(v1::CLOCK_KIND_PARTNER_ANSWER).due_at());
  CHECK(out->intake().caller().phone() == s.ticket().intake().caller().phone());
  CHECK(out->intake().caller().identity_no() == "");  // not on the partner's list
  CHECK(!out->intake().caller().phone().empty());
  v1::Partner another = city();
  another.set_unit("p-12348");
  CHECK(!last(another, s).has_value());
}

TEST_CASE("what is added to a transferred ticket goes out, with the limit that runs") {
  test::story s;
  s.accepted();
  s.play(R"(
    +1h DISPATCHER@370000 transfer_out partner: "p-12345-370800" reason: "职责" -> TRANSFERRED
    +1h PARTNER@p-12345-370800 record_partner_answer step: PARTNER_STEP_SUPPLEMENT_ASKED answer: "请补充" -> TRANSFERRED
    +1d OPERATOR@370000 supplement reason: "补" intake { matter { place: "p" } } -> TRANSFERRED
  )");
  const auto out = last(city(), s);
  REQUIRE(out.has_value());
  CHECK(out->kind() == v1::PARTNER_EVENT_KIND_SUPPLEMENT);
  CHECK(out->due_at() == s.clock(v1::CLOCK_KIND_PARTNER_ANSWER).due_at());
  CHECK(out->due_at() != 0);
}

TEST_CASE("a partner that asks for time hears whether it has it, and until when") {
  test::story s;
  s.accepted();
  s.play(R"(
    +1h DISPATCHER@370000 transfer_out partner: "p-12345-370800" reason: "职责" -> TRANSFERRED
    +1h PARTNER@p-12345-370800 record_partner_answer step: PARTNER_STEP_EXTENSION_ASKED days: 5 answer: "取证" -> TRANSFERRED
    +1h DISPATCHER@370000 decide_partner_extension grant: true days: 3 remark: "同意三天" -> TRANSFERRED
  )");
  const auto granted = last(city(), s);
  REQUIRE(granted.has_value());
  CHECK(granted->kind() == v1::PARTNER_EVENT_KIND_EXTEND_RESP);
  CHECK(granted->granted());
  CHECK(granted->days() == 3);
  CHECK(granted->text() == "同意三天");
  CHECK(granted->due_at() == s.clock(v1::CLOCK_KIND_PARTNER_ANSWER).due_at());
  CHECK(granted->due_at() != 0);
  s.play(R"(
    +1h PARTNER@p-12345-370800 record_partner_answer step: PARTNER_STEP_EXTENSION_ASKED days: 5 answer: "取证" -> TRANSFERRED
    +1h DISPATCHER@370000 decide_partner_extension grant: false remark: "已延一次" -> TRANSFERRED
  )");
  const auto declined = last(city(), s);
  REQUIRE(declined.has_value());
  CHECK(declined->kind() == v1::PARTNER_EVENT_KIND_EXTEND_RESP);
  CHECK(!declined->granted());
  CHECK(declined->text() == "已延一次");
  CHECK(told(city(), s) == "CREATE EXTEND_RESP EXTEND_RESP");
}

TEST_CASE("what a person hands over is told by nobody else") {
  test::story s;
  s.accepted();
  s.play(R"(
    +1h DISPATCHER@370000 transfer_out partner: "p-12345-370800" reason: "职责" by_hand: true -> TRANSFERRED
    +1h OPERATOR@370000 urge text: "急" -> TRANSFERRED
  )");
  CHECK(told(city(), s) == "");
  test::story back;
  back.accepted(from_city);
  back.play(
      "+1h DISPATCHER@370000 transfer_out partner: \"p-12345-370800\" reason: \"职责\" by_hand: "
      "true -> TRANSFERRED");
  CHECK(told(city(), back) == "ACCEPT");
}

TEST_CASE("who sent a matter hears how far another has got with it") {
  test::story s;
  s.accepted(from_city);
  s.play(R"(
    +1h DISPATCHER@370000 transfer_out partner: "p-12348" reason: "职责" -> TRANSFERRED
    +1h PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_ACCEPTED answer: "予以援助" -> TRANSFERRED
  )");
  CHECK(told(city(), s) == "ACCEPT PROGRESS PROGRESS");
  CHECK(last(city(), s)->text() == "予以援助");
}

TEST_CASE("nothing personal without consent") {
  test::story s;
  s.accepted();
  s.play(
      "+1h DISPATCHER@370000 transfer_out partner: \"p-12345-370800\" reason: \"职责\" "
      "-> TRANSFERRED");
  v1::Ticket ticket = s.ticket();
  ticket.mutable_intake()->mutable_matter()->set_content("找我 13805310001 联系");
  const auto told_of = [&](const v1::Partner& partner) {
    const auto out = told_to(partner, ticket, s.events().back(), test::shipped_province().org);
    REQUIRE(out.has_value());
    return *out;
  };
  v1::Partner all = city();
  all.add_personal_fields("caller.identity_no");
  CHECK(told_of(all).intake().matter().content().find("13805310001") != std::string::npos);
  // Words may hold what the list does not allow.
  CHECK(told_of(city()).intake().matter().content().find("13805310001") == std::string::npos);
  CHECK(!told_of(city()).intake().caller().phone().empty());

  ticket.mutable_intake()->mutable_caller()->set_consent_to_share(false);
  CHECK(told_of(all).intake().caller().phone() == "");
  CHECK(told_of(all).intake().caller().name() == "");
  CHECK(told_of(all).intake().matter().content().find("13805310001") == std::string::npos);
  all.set_consent_needed(false);
  CHECK(!told_of(all).intake().caller().phone().empty());
  ticket.mutable_intake()->mutable_caller()->set_confidential(true);
  CHECK(told_of(all).intake().caller().phone() == "");
}

TEST_CASE("a sensitive matter does not exist for partners") {
  test::story s;
  s.accepted(from_city).dispatched();
  v1::Ticket ticket = s.ticket();
  ticket.mutable_intake()->set_sensitivity(v1::SENSITIVITY_SENSITIVE);
  CHECK(!told_to(city(), ticket, s.history().front(), test::shipped_province().org).has_value());
}

TEST_CASE("nobody is told what they have just told us") {
  test::story s;
  s.accepted();
  s.play(R"(
    +1h DISPATCHER@370000 transfer_out partner: "p-12345-370800" reason: "职责" -> TRANSFERRED
    +1h PARTNER@p-12345-370800 record_partner_answer refused: true answer: "不属职责" -> ACCEPTED
  )");
  CHECK(told(city(), s) == "CREATE");
}

}  // namespace hotline::domain
