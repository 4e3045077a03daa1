#include "catalogue.hpp"

#include <fmt/core.h>
#include <google/protobuf/text_format.h>

#include <stdexcept>
#include <string>

#include "common/domain/civil.hpp"
#include "small_province.hpp"

namespace hotline::model {
namespace {

constexpr const char* ticket_no = "3708-20261123-00001";

v1::Command read(const std::string& text) {
  v1::Command command;
  if (!google::protobuf::TextFormat::ParseFromString(text, &command)) {
    throw std::runtime_error("cannot read " + text);
  }
  command.set_ticket_no(ticket_no);
  return command;
}

v1::Actor actor(v1::Role role, const char* unit) {
  v1::Actor a;
  // Another person in each post: four eyes are two people.
  a.set_user(v1::Role_Name(role) + "@" + unit);
  a.set_unit(unit);
  a.set_role(role);
  return a;
}

/// Words without a date.
const std::vector<v1::Command>& timeless() {
  static const std::vector<v1::Command> list = [] {
    std::vector<v1::Command> all;
    for (const char* text : {
             "supplement { intake { matter { content: 'more' } } }",
             "supplement { intake { matter { content: '他要跳楼' } } }",
             "supplement { intake { source: SOURCE_PHONE matter { kind: KIND_COMPLAINT category: "
             "'wages' region: '370883' content: 'c' } } }",
             "change_urgency { urgency: URGENCY_NORMAL reason: 'r' }",
             "change_urgency { urgency: URGENCY_URGENT reason: 'r' }",
             "change_urgency { urgency: URGENCY_CRITICAL reason: 'r' }",
             "answer_directly { answer: 'a' }",
             "check_answer { pass: true }",
             "check_answer { pass: false remark: 'r' }",
             "refuse { reason: REFUSAL_REASON_IN_PETITION }",
             "decide_refusal { confirm: true }",
             "decide_refusal { confirm: false }",
             "dispatch { unit: '370883' }",
             "dispatch { unit: '370800' co_units: '370881' }",
             "dispatch { unit: '370883' urgency: URGENCY_CRITICAL }",
             "sign {}",
             "return_ticket { reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' }",
             "decide_return { uphold: true }",
             "decide_return { uphold: true unit: '370881' }",
             "decide_return { uphold: false }",
             "redispatch { unit: '370881' reason: 'r' }",
             "redispatch { unit: '370871' reason: 'r' }",
             "redispatch { unit: '370883' reason: 'r' }",
             "hand_down { unit: '370883' }",
             "hand_down { unit: '370883-s01' }",
             "hand_down { unit: '370883-d01' }",
             "hand_down { unit: '370883-s01' limit: '1wd' }",
             "add_co_handler { unit: '370881' ask: 'q' }",
             "add_co_handler { unit: 'p-12345-370800' ask: 'q' }",
             "release_co_handler { unit: '370881' reason: 'r' }",
             "give_opinion { opinion: 'o' }",
             "report_progress { text: 't' first_result: true }",
             "request_extension { days: 1 reason: 'r' }",
             "request_extension { days: 5 reason: 'r' caller_told: true }",
             "decide_extension { grant: true }",
             "decide_extension { grant: false }",
             "decide_suspension { grant: true }",
             "decide_suspension { grant: false }",
             "resume { reason: 'r' }",
             "urge { text: 't' }",
             "supervise { order_no: 'D1' text: 't' }",
             "answer_supervision { answer: 'a' }",
             "close_supervision { accept: true }",
             "close_supervision { accept: false remark: 'r' }",
             "take_over { reason: 'r' }",
             "request_take_over { reason: 'r' }",
             "decide_take_over { grant: true }",
             "decide_take_over { grant: false remark: 'r' }",
             "reply { reply { result: RESULT_SOLVED text: 't' } }",
             "review { pass: true }",
             "review { pass: false remark: 'r' }",
             "record_visit { visit { reached: false } }",
             "record_visit { visit { reached: true solved: SOLVED_YES } }",
             "record_visit { visit { reached: true solved: SOLVED_NO remark: 'r' } }",
             "rework { reason: 'r' }",
             "request_termination { reason: TERMINATION_REASON_REPEAT explanation: 'e' }",
             "decide_termination { grant: true }",
             "decide_termination { grant: false }",
             "request_exclusion { mark: 'hard' reason: 'r' }",
             "decide_exclusion { grant: true }",
             "merge { main_no: '3708-20261123-00002' }",
             "add_merged { child_no: '3708-20261123-00003' }",
             "follow_main {}",
             "record_visit { visit { reached: true solved: SOLVED_YES caller_of: "
             "'3708-20261123-00003' } }",
             "unmerge { reason: 'r' }",
             "withdraw { evidence: 'e' }",
             "transfer_out { partner: 'p-12345-370800' reason: 'r' }",
             "transfer_out { partner: 'p-12345-370800' reason: 'r' by_hand: true }",
             "record_partner_answer { answer: 'a' }",
             "record_partner_answer { answer: 'a' step: PARTNER_STEP_ACCEPTED }",
             "record_partner_answer { answer: 'a' step: PARTNER_STEP_SIGNED }",
             "record_partner_answer { answer: 'a' step: PARTNER_STEP_SUPPLEMENT_ASKED }",
             "record_partner_answer { answer: 'a' step: PARTNER_STEP_EXTENSION_ASKED days: 5 }",
             "decide_partner_extension { grant: true }",
             "decide_partner_extension { grant: false remark: 'r' }",
             "record_partner_answer { answer: 'a' refused: true }",
             "annotate { text: 't' }",
             "add_attachment { attachment { name: 'n' reference: 'r' size_bytes: 1 sha256: "
             "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' } }",
             "add_link { link { kind: LINK_KIND_RELATED ticket_no: '3708-20261123-00009' } }",
             "reveal { fields: 'caller.phone' reason: 'r' }",
             "archive {}",
             "recalculate { reason: 'r' }",
             "tick {}",
         }) {
      all.push_back(read(text));
    }
    for (const char* clock :
         {"HANDLE", "SIGN", "REVIEW", "RETURN_DECISION", "SUPERVISION_ANSWER"}) {
      for (const char* rung : {"DUE", "ESCALATE", "ESCALATE_TOP"}) {
        for (int assignment = 0; assignment < 3; ++assignment) {
          all.push_back(
              read(fmt::format("escalate {{ clock: CLOCK_KIND_{} rung: RUNG_{} assignment: {} }}",
                               clock, rung, assignment)));
        }
      }
    }
    return all;
  }();
  return list;
}

}  // namespace

const std::vector<v1::Actor>& actors() {
  static const std::vector<v1::Actor> list = {
      actor(v1::ROLE_SYSTEM, ""),
      actor(v1::ROLE_OPERATOR, province_unit),
      actor(v1::ROLE_DISPATCHER, province_unit),
      actor(v1::ROLE_SUPERVISOR, province_unit),
      actor(v1::ROLE_LEAD, province_unit),
      actor(v1::ROLE_ADMINISTRATOR, province_unit),
      actor(v1::ROLE_DISPATCHER, city_unit),
      actor(v1::ROLE_SUPERVISOR, city_unit),
      actor(v1::ROLE_LEAD, city_unit),
      actor(v1::ROLE_LEAD, county_unit),
      actor(v1::ROLE_OFFICER, county_unit),
      actor(v1::ROLE_LEAD, other_county_unit),
      actor(v1::ROLE_DISPATCHER, other_county_unit),
      actor(v1::ROLE_ADMINISTRATOR, other_county_unit),
      actor(v1::ROLE_LEAD, zone_unit),
      actor(v1::ROLE_LEAD, street_unit),
      actor(v1::ROLE_LEAD, office_unit),
      actor(v1::ROLE_PARTNER, partner_unit),
  };
  return list;
}

std::vector<v1::Command> commands_at(instant now) {
  auto all = timeless();
  all.push_back(read(fmt::format("record_contact {{ contacted_at: {} reached: true result: 'r' }}",
                                 to_unix_ms(now))));
  for (const int days : {0, 3}) {
    const auto due = days == 0 ? 0 : to_unix_ms(now + std::chrono::days(days));
    all.push_back(read(fmt::format("set_partner_due {{ partner_due_at: {} reason: 'r' }}", due)));
  }
  for (const int days : {2, 30}) {
    const auto date = std::chrono::year_month_day(std::chrono::sys_days(domain::civil_date(now)) +
                                                  std::chrono::days(days));
    all.push_back(
        read(fmt::format("request_suspension {{ reason: SUSPENSION_REASON_AWAITS_PAYMENT "
                         "evidence: 'e' review_date: '{:04}-{:02}-{:02}' }}",
                         static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                         static_cast<unsigned>(date.day()))));
  }
  return all;
}

v1::Command create_command(v1::Kind kind, v1::Urgency urgency) {
  auto command = read(
      "create { intake { source: SOURCE_PHONE caller { phone: '13805310001' "
      "consent_to_share: true } matter { kind: KIND_COMPLAINT category: 'wages' "
      "region: '370883' content: 'c' } } }");
  command.mutable_create()->mutable_intake()->mutable_matter()->set_kind(kind);
  command.mutable_create()->mutable_intake()->set_urgency(urgency);
  return said_by(std::move(command), actor(v1::ROLE_OPERATOR, city_unit));
}

v1::Command create_draft() {
  return said_by(read("create { draft: true intake { caller { phone: '13805310001' } } }"),
                 actor(v1::ROLE_OPERATOR, city_unit));
}

v1::Command create_about_union(v1::Urgency urgency) {
  auto command = create_command(v1::KIND_COMPLAINT, urgency);
  command.mutable_create()->mutable_intake()->mutable_matter()->set_complained_unit(county_unit);
  return command;
}

v1::Command said_by(v1::Command command, const v1::Actor& who) {
  *command.mutable_actor() = who;
  return command;
}

v1::Command tick_command() {
  v1::Command command;
  command.set_ticket_no(ticket_no);
  command.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  command.mutable_tick();
  return command;
}

}  // namespace hotline::model
