// 转出: whom the exchange reaches, the partner's limits step by step, and material it asks for.
#include <doctest/doctest.h>

#include "common/runtime/config_loader.hpp"
#include "tests/unit/domain/decide/story.hpp"

namespace hotline::test {
namespace {

constexpr auto answer = v1::CLOCK_KIND_PARTNER_ANSWER;
constexpr auto supplement = v1::CLOCK_KIND_SUPPLEMENT;
constexpr auto decision = v1::CLOCK_KIND_EXTENSION_DECISION;

/// The shipped province with its partners changed.
domain::province province_with(const std::function<void(v1::Partner&)>& change) {
  auto config = *runtime::load_config(HOTLINE_CONFIG_DIR);
  for (v1::Partner& one : *config.mutable_partners()) change(one);
  return *domain::build_province(config);
}

/// Wednesday, 6 January 2027: accepted and referred for legal aid.
void refer(story& s) {
  s.play(R"(
    2027-01-06 10:00 OPERATOR@370000 create intake { source: SOURCE_PHONE caller { name: '赵师傅' phone: '13805310001' consent_to_share: true } employer { name: 'x' } matter { kind: KIND_COMPLAINT category: 'wages.arrears' region: '370883' content: 'c' } } -> ACCEPTED
    +0 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: '申请法律援助' -> TRANSFERRED)");
}

}  // namespace

TEST_CASE("a transfer nobody would be told of is refused, unless a person hands it over") {
  constexpr const char* order = "DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r'";
  const auto rule_of = [&](const domain::province& land) {
    story s(land);
    s.accepted().play("+0 " + std::string(order) + " -> !partner_not_reached");
    const std::string rule = s.rejection().rule();
    CHECK(s.rejection().field() == "partner");
    CHECK(s.rejection().text().find("线下移交") != std::string::npos);
    s.play("+0 " + std::string(order) + " by_hand: true -> TRANSFERRED");
    CHECK(s.ticket().transfers(0).by_hand());
    CHECK(s.events().front().cause().transfer_out().by_hand());
    return rule;
  };
  CHECK(rule_of(province_with([](v1::Partner& p) { p.set_inactive(true); })) ==
        "transfer.partner-active");
  CHECK(rule_of(province_with([](v1::Partner& p) {
          p.clear_inactive();
          p.mutable_outbound()->clear_events();
          p.mutable_outbound()->add_events()->set_kind(v1::PARTNER_EVENT_KIND_REFUSE);
        })) == "transfer.partner-is-told");

  // A partner of the tree that no exchange is configured for.
  story s;
  s.accepted().play(R"(
    +0 DISPATCHER@370000 transfer_out partner: 'p-court-370000' reason: 'r' -> !partner_not_reached
    +0 DISPATCHER@370000 transfer_out partner: 'p-court-370000' reason: 'r' by_hand: true -> TRANSFERRED)");
  CHECK(s.due(answer) == "2026-12-07 17:30");  // ten working days, as the policy has it
}

TEST_CASE("a sensitive matter goes to no partner but by hand") {
  story s;
  s.accepted("sensitivity: SENSITIVITY_SENSITIVE").play(R"(
    +0 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' -> !partner_not_reached
    +0 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' by_hand: true -> TRANSFERRED)");
}

TEST_CASE("what goes back to whom it came from needs a partner that hears refusals") {
  constexpr const char* sent = "external_partner: 'p-12345-370800' external_no: 'J1'";
  constexpr const char* back =
      "DISPATCHER@370000 transfer_out partner: 'p-12345-370800' reason: 'r'";
  const auto back_at = [&](v1::PartnerEventKind heard, const char* end) {
    const auto land = province_with([&](v1::Partner& p) {
      p.clear_inactive();
      p.mutable_outbound()->clear_events();
      p.mutable_outbound()->add_events()->set_kind(heard);
    });
    story s(land);
    s.accepted(sent).play("+0 " + std::string(back) + " -> " + end);
  };
  back_at(v1::PARTNER_EVENT_KIND_REFUSE, "TRANSFERRED");
  back_at(v1::PARTNER_EVENT_KIND_CREATE, "!partner_not_reached");
}

TEST_CASE("legal aid: seven days for the review, three for the lawyer") {
  story s;
  refer(s);
  CHECK(s.due(answer) == "2027-01-14 00:00");
  CHECK(s.clock(answer).limit() == "7d!");
  s.play(
      "2027-01-11 09:00 PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_ACCEPTED answer: "
      "'予以援助' -> TRANSFERRED");
  CHECK(s.events().back().kind() == v1::EVENT_KIND_PARTNER_STEP);
  CHECK(s.ticket().transfers(0).accepted_at() == to_unix_ms(s.now()));
  CHECK(s.ticket().transfers(0).answered_at() == 0);
  CHECK(s.clock(answer).limit() == "3d!");
  CHECK(s.due(answer) == "2027-01-15 00:00");
  s.play(R"(
    +0 PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_ACCEPTED answer: 'a' -> !already_done
    2027-01-13 09:00 DISPATCHER@370000 record_partner_answer step: PARTNER_STEP_SIGNED answer: '王律师' -> TRANSFERRED
    +0 PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_SIGNED answer: 'a' -> !already_done)");
  CHECK(s.clock(answer).limit() == "180d");
  s.play("+30d PARTNER@p-12348 record_partner_answer answer: '调解结案' -> REVIEWED");
}

TEST_CASE("a limit of the law ends on a working day") {
  story s;
  s.play(R"(
    2027-01-06 10:00 OPERATOR@370000 create intake { source: SOURCE_PHONE caller { name: '赵师傅' phone: '13805310001' consent_to_share: true } employer { name: 'x' } matter { kind: KIND_COMPLAINT category: 'wages.arrears' region: '370883' content: 'c' } } -> ACCEPTED
    2027-01-09 10:00 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' -> TRANSFERRED)");
  CHECK(s.due(answer) == "2027-01-18 17:30");  // the 16th is a Saturday
}

TEST_CASE("while legal aid waits for material its days do not count, and ours do") {
  story s;
  refer(s);
  s.play(
      "2027-01-08 10:00 PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_SUPPLEMENT_ASKED "
      "answer: '请补充欠条' -> TRANSFERRED");
  CHECK(s.clock(answer).state() == v1::CLOCK_STATE_PAUSED);
  CHECK(s.clock(supplement).unit() == "370000");
  CHECK(s.due(supplement) == "2027-01-15 17:30");
  s.play(R"(
    +0 PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_SUPPLEMENT_ASKED answer: 'a' -> !already_open
    +0 PARTNER@p-12348 add_attachment attachment { name: 'n' reference: 'r' size_bytes: 1 sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' } -> TRANSFERRED)");
  CHECK(s.clock(answer).state() ==
        v1::CLOCK_STATE_PAUSED);  // a file of theirs is not what they want
  s.play(
      "2027-01-12 10:00 OPERATOR@370000 supplement reason: '欠条' intake { matter { evidence: "
      "'欠条' } } -> TRANSFERRED");
  CHECK(s.clock(supplement).state() == v1::CLOCK_STATE_MET);
  CHECK(s.clock(answer).state() == v1::CLOCK_STATE_RUNNING);
  // Four days later than the 13th: Sunday, so Monday.
  CHECK(s.due(answer) == "2027-01-18 17:30");
}

TEST_CASE("a file from our side is material, and an answer ends the waiting for it") {
  for (const char* end : {"step: PARTNER_STEP_ACCEPTED answer: 'a' -> TRANSFERRED",
                          "answer: 'a' -> REVIEWED", "answer: 'a' refused: true -> ACCEPTED"}) {
    CAPTURE(end);
    story s;
    refer(s);
    s.play(
        "+1d PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_SUPPLEMENT_ASKED answer: 'a' "
        "-> TRANSFERRED");
    s.play("+1h PARTNER@p-12348 record_partner_answer " + std::string(end));
    CHECK(s.clock(supplement).state() == v1::CLOCK_STATE_CANCELLED);
  }
  story s;
  refer(s);
  s.play(R"(
    +1d PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_SUPPLEMENT_ASKED answer: 'a' -> TRANSFERRED
    +1d OPERATOR@370000 add_attachment attachment { name: 'n' reference: 'r' size_bytes: 1 sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' } -> TRANSFERRED)");
  CHECK(s.clock(answer).state() == v1::CLOCK_STATE_RUNNING);
}

TEST_CASE("an order's own limit counts, and a step is no answer") {
  story s;
  s.accepted().play(R"(
    +0 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' limit: '3wd' -> TRANSFERRED
    +0 PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_ACCEPTED answer: 'a' refused: true -> !field_invalid
    +0 PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_ACCEPTED answer: 'a' result { text: 't' } -> !field_invalid
    +0 PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_ACCEPTED -> !field_required)");
  CHECK(s.clock(answer).limit() == "3wd");
}

TEST_CASE("a partner without further limits keeps the one that runs") {
  const auto land = province_with([](v1::Partner& p) {
    p.clear_inactive();
    p.clear_transfer_limits();
  });
  story s(land);
  s.accepted().play(
      "+0 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' -> TRANSFERRED");
  const auto due = s.due(answer);
  s.play(R"(
    +1d PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_ACCEPTED answer: 'a' -> TRANSFERRED
    +1d PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_SIGNED answer: 'a' -> TRANSFERRED)");
  CHECK(s.due(answer) == due);
}

namespace {

constexpr const char* asks =
    "PARTNER@p-12345-370800 record_partner_answer step: PARTNER_STEP_EXTENSION_ASKED days: 5 "
    "answer: '取证' ";

/// Monday, 23 November 2026, ten in the morning: with the city for two working days.
void give_to_city(story& s) {
  s.accepted().play(
      "+0 DISPATCHER@370000 transfer_out partner: 'p-12345-370800' reason: '职责' -> TRANSFERRED");
  CHECK(s.due(answer) == "2026-11-25 17:30");
}

}  // namespace

TEST_CASE("a partner asks for time: its limit goes on until the desk has decided") {
  story s;
  give_to_city(s);
  s.play("+1d " + std::string(asks) + "-> TRANSFERRED");
  CHECK(s.events().back().kind() == v1::EVENT_KIND_PARTNER_STEP);
  const auto& request = s.ticket().requests(0);
  CHECK(request.kind() == v1::REQUEST_KIND_PARTNER_EXTENSION);
  CHECK(request.state() == v1::REQUEST_STATE_OPEN);
  CHECK(request.from_unit() == "p-12345-370800");
  CHECK(request.decider_unit() == "370000");
  CHECK(request.days() == 5);
  CHECK(s.due(answer) == "2026-11-25 17:30");
  CHECK(s.clock(decision).unit() == "370000");
  CHECK(s.clock(decision).state() == v1::CLOCK_STATE_RUNNING);
  s.play("+0 " + std::string(asks) + "-> !already_open");
  s.play(R"(
    +0 DISPATCHER@370800 decide_partner_extension grant: true -> !ticket_unknown
    +0 PARTNER@p-12345-370800 decide_partner_extension grant: true -> !role_not_allowed
    +0 DISPATCHER@370000 decide_partner_extension grant: true days: 6 -> !extension_too_long
    +0 DISPATCHER@370000 decide_partner_extension grant: false -> !field_required
    +0 DISPATCHER@370000 decide_partner_extension grant: true -> TRANSFERRED)");
  CHECK(s.events().back().kind() == v1::EVENT_KIND_PARTNER_EXTENSION_DECIDED);
  CHECK(s.due(answer) == "2026-12-02 17:30");
  CHECK(s.clock(decision).state() == v1::CLOCK_STATE_MET);
  CHECK(s.ticket().requests(0).state() == v1::REQUEST_STATE_GRANTED);
  s.play("+0 DISPATCHER@370000 decide_partner_extension grant: true -> !nothing_open");
}

TEST_CASE("fewer days, or none") {
  story s;
  give_to_city(s);
  s.play("+1d " + std::string(asks) + "-> TRANSFERRED");
  s.play("+0 SUPERVISOR@370000 decide_partner_extension grant: true days: 2 -> TRANSFERRED");
  CHECK(s.due(answer) == "2026-11-27 17:30");
  CHECK(s.ticket().requests(0).days() == 2);
  s.play("+1d " + std::string(asks) + "-> TRANSFERRED");
  s.play("+0 DISPATCHER@370000 decide_partner_extension grant: false remark: 'r' -> TRANSFERRED");
  CHECK(s.due(answer) == "2026-11-27 17:30");
  CHECK(s.ticket().requests(1).state() == v1::REQUEST_STATE_DENIED);
}

TEST_CASE("how many days is needed") {
  story s;
  give_to_city(s);
  s.play(R"(
    +0 PARTNER@p-12345-370800 record_partner_answer step: PARTNER_STEP_EXTENSION_ASKED answer: 'a' -> !field_required
    +0 PARTNER@p-12345-370800 record_partner_answer step: PARTNER_STEP_EXTENSION_ASKED days: 367 answer: 'a' -> !field_invalid)");
  CHECK(s.rejection().rule() == "transfer.extension-days");
}

TEST_CASE("days of the law are nobody's to prolong; those of the case are") {
  story s;
  refer(s);
  const std::string asks_aid =
      "PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_EXTENSION_ASKED days: 5 answer: "
      "'a' "
      "-> TRANSFERRED";
  s.play("+1d " + asks_aid);
  s.play("+0 DISPATCHER@370000 decide_partner_extension grant: true -> !extension_not_allowed");
  CHECK(s.rejection().rule() == "transfer.statutory");
  CHECK(s.rejection().text().find("法定期限") != std::string::npos);
  s.play(
      "+0 DISPATCHER@370000 decide_partner_extension grant: false remark: '法定期限' -> "
      "TRANSFERRED");
  CHECK(s.due(answer) == "2027-01-14 00:00");
  s.play(R"(
    2027-01-11 09:00 PARTNER@p-12348 record_partner_answer step: PARTNER_STEP_SIGNED answer: 'a' -> TRANSFERRED)");
  CHECK(s.due(answer) == "2027-07-11 00:00");
  s.play("+1d " + asks_aid);
  s.play("+0 DISPATCHER@370000 decide_partner_extension grant: true -> TRANSFERRED");
  CHECK(s.due(answer) == "2027-07-16 00:00");  // that limit counts calendar days
}

TEST_CASE("a limit that stands still is prolonged standing") {
  story s;
  give_to_city(s);
  s.play(R"(
    +0 PARTNER@p-12345-370800 record_partner_answer step: PARTNER_STEP_SUPPLEMENT_ASKED answer: 'a' -> TRANSFERRED)");
  s.play("+0 " + std::string(asks) + "-> TRANSFERRED");
  s.play("+0 DISPATCHER@370000 decide_partner_extension grant: true -> TRANSFERRED");
  CHECK(s.clock(answer).state() == v1::CLOCK_STATE_PAUSED);
  s.play(
      "+0 OPERATOR@370000 supplement reason: 'r' intake { matter { place: 'p' } } -> TRANSFERRED");
  CHECK(s.clock(answer).state() == v1::CLOCK_STATE_RUNNING);
  CHECK(s.due(answer) == "2026-12-02 17:30");
}

TEST_CASE("a limit that has passed runs again") {
  story s;
  give_to_city(s);
  s.play("2026-11-25 17:00 " + std::string(asks) + "-> TRANSFERRED");
  s.play("2026-11-26 09:00 DISPATCHER@370000 decide_partner_extension grant: true -> TRANSFERRED");
  CHECK(!s.clock(answer).overdue());
  CHECK(s.due(answer) == "2026-12-02 17:30");
}

TEST_CASE("what ends the transfer ends the asking") {
  for (const char* end :
       {"PARTNER@p-12345-370800 record_partner_answer answer: 'a' -> REVIEWED",
        "PARTNER@p-12345-370800 record_partner_answer answer: 'a' refused: true -> ACCEPTED",
        "OPERATOR@370000 withdraw evidence: 'e' -> WITHDRAWN"}) {
    CAPTURE(end);
    story s;
    give_to_city(s);
    s.play("+0 " + std::string(asks) + "-> TRANSFERRED");
    s.play("+1h " + std::string(end));
    CHECK(s.ticket().requests(0).state() == v1::REQUEST_STATE_VOID);
    CHECK(s.clock(decision).state() == v1::CLOCK_STATE_CANCELLED);
  }
}

}  // namespace hotline::test
