// The form of what comes in: each convention of the messages, and the numbers with check digits.
#include <doctest/doctest.h>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <set>
#include <string>

#include "common/domain/form.hpp"
#include "common/domain/personal.hpp"
#include "story.hpp"

using namespace hotline;
using hotline::test::story;

TEST_CASE("phones: mobile, landline with area code, service numbers") {
  for (const char* good : {"13805310001", "0531-86012351", "053186012351", "0531-86012351-123",
                           "4001234567", "12351", "95588"}) {
    CHECK_MESSAGE(domain::is_phone(good), good);
  }
  for (const char* bad : {"", "1380531000", "138053100011", "12805310001", "86012351", "0531",
                          "1380531000a", "0531--------", "99999"}) {
    CHECK_MESSAGE(!domain::is_phone(bad), bad);
  }
}

TEST_CASE("identity numbers and credit codes have check characters") {
  CHECK(domain::is_identity_no("11010519491231002X"));  // the example of GB 11643
  CHECK_FALSE(domain::is_identity_no("110105194912310021"));
  CHECK_FALSE(domain::is_identity_no("11010519491231002"));
  CHECK_FALSE(domain::is_identity_no("1101051949123100XX"));
  CHECK(domain::is_credit_code("91350100M000100Y43"));  // the example of GB 32100
  CHECK_FALSE(domain::is_credit_code("91350100M000100Y44"));
  CHECK_FALSE(domain::is_credit_code("91350100I000100Y43"));
  CHECK_FALSE(domain::is_credit_code("91350100M000100Y4"));
}

TEST_CASE("each convention of a field is checked, and the path names the field") {
  struct fault {
    std::string intake;
    std::string code;
    std::string field;
  };
  const fault faults[] = {
      {"source: 77", "enum_unknown", "intake.source"},
      {"matter { people: -1 }", "field_invalid", "intake.matter.people"},
      {"matter { people: 1000001 }", "field_invalid", "intake.matter.people"},
      {"matter { amount_claimed_fen: -1 }", "field_invalid", "intake.matter.amount_claimed_fen"},
      {"matter { amount_claimed_fen: 1000000000001 }", "field_invalid",
       "intake.matter.amount_claimed_fen"},
      {"matter { occurred_date: '2026-02-30' }", "field_invalid", "intake.matter.occurred_date"},
      {"matter { occurred_date: '1066-01-01' }", "field_invalid", "intake.matter.occurred_date"},
      {"matter { occurred_date: '2026-11-24' }", "field_invalid", "intake.matter.occurred_date"},
      {"call { called_at: 1 }", "field_invalid", "intake.call.called_at"},
      {"call { called_at: 1795500000000 }", "field_invalid", "intake.call.called_at"},
      {"partner_due_at: 4102444800001", "field_invalid", "intake.partner_due_at"},
      {"caller { phone: '1' }", "field_invalid", "intake.caller.phone"},
      {"caller { identity_no: '1' }", "field_invalid", "intake.caller.identity_no"},
      {"caller { tags: '' }", "field_required", "intake.caller.tags"},
      {"employer { credit_code: '1' }", "field_invalid", "intake.employer.credit_code"},
      {"matter { region: '110000' }", "region_unknown", "intake.matter.region"},
      {"matter { category: 'nonsense' }", "field_invalid", "intake.matter.category"},
      {"matter { complained_unit: 'x' }", "unit_unknown", "intake.matter.complained_unit"},
      {"external_partner: '370883'", "unit_unknown", "intake.external_partner"},
      {"matter { arrears_from_date: '2026-03-01' arrears_to_date: '2026-02-01' }", "field_invalid",
       "intake.matter.arrears_to_date"},
      {"title: '" + std::string(401, 'x') + "'", "field_too_long", "intake.title"},
      {"matter { content: '" + std::string(24'001, 'x') + "' }", "field_too_long",
       "intake.matter.content"},
  };
  for (const auto& f : faults) {
    INFO(f.intake.substr(0, 80));
    story s;
    s.play("2026-11-23 09:00 OPERATOR@370000 create draft: true intake { " + f.intake + " } -> !" +
           f.code);
    CHECK(s.rejection().field() == f.field);
    CHECK_FALSE(s.rejection().text().empty());
    CHECK_FALSE(s.rejection().text_en().empty());
  }
}

namespace {

namespace pb = google::protobuf;

/// Calls `with` for every text field below `message` that `wanted` names, after setting it.
void each_set(pb::Message& message, const std::string& value, auto wanted, auto with,
              int depth = 0) {
  const auto* d = message.GetDescriptor();
  const auto* r = message.GetReflection();
  for (int i = 0; i < d->field_count(); ++i) {
    const auto* field = d->field(i);
    if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated() &&
        depth < 4) {
      each_set(*r->MutableMessage(&message, field), value, wanted, with, depth + 1);
      r->ClearField(&message, field);
    } else if (wanted(*field) && !field->is_repeated()) {
      if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
        r->SetString(&message, field, value);
      } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_INT64) {
        r->SetInt64(&message, field, 1'795'395'600'000);
      } else {
        r->SetInt32(&message, field, 1);
      }
      with(*field);
      r->ClearField(&message, field);
    }
  }
}

/// The rule check_form names for every such field of every command; counts them.
int refused_everywhere(const std::string& value, const std::string& rule, auto wanted) {
  int fields = 0;
  const auto* bodies = v1::Command::descriptor()->FindOneofByName("body");
  for (int i = 0; i < bodies->field_count(); ++i) {
    v1::Command command;
    auto* body = command.GetReflection()->MutableMessage(&command, bodies->field(i));
    each_set(*body, value, wanted, [&](const pb::FieldDescriptor& field) {
      ++fields;
      const auto no = domain::check_form(command);
      INFO(bodies->field(i)->name() << ": " << field.full_name());
      REQUIRE(no.has_value());
      CHECK(no->code() == v1::REJECT_CODE_FIELD_INVALID);
      CHECK(no->rule() == rule);
      CHECK(no->field().ends_with(field.name()));
    });
  }
  return fields;
}

}  // namespace

TEST_CASE("a masked or sealed value never comes back, in no personal field of no command") {
  const auto personal = [](const pb::FieldDescriptor& f) { return domain::is_personal(f); };
  // Nine personal fields in an intake, which create and supplement carry, and the number called.
  CHECK(refused_everywhere("138****0001", "form.masked", personal) == 2 * 9 + 1);
  CHECK(refused_everywhere("张*", "form.masked", personal) == 2 * 9 + 1);
  CHECK(refused_everywhere("~AbC", "form.sealed", personal) == 2 * 9 + 1);
  story s;
  s.play(R"(
    2026-11-23 09:00 OPERATOR@370000 create draft: true intake { caller { phone: '138****0001' } } -> !field_invalid
    +0 SYSTEM create draft: true intake { caller { phone: '~AbC' } } -> !field_invalid
    +0 OPERATOR@370000 create draft: true intake { matter { content: '每月 3*8 小时 ~' } caller { name: '张三~' } } -> DRAFT)");
}

TEST_CASE("fields the hotline sets itself are refused from everybody") {
  const std::set<std::string> kept = {
      "hotline.v1.Caller.phone_index", "hotline.v1.Reply.assignment", "hotline.v1.Reply.replied_at",
      "hotline.v1.Reply.filed_by",     "hotline.v1.Visit.visited_at", "hotline.v1.Visit.visitor"};
  // The index in create and supplement; a reply in reply and in a partner's answer; a visit once.
  CHECK(refused_everywhere("x", "form.read-only", [&](const pb::FieldDescriptor& f) {
          return kept.contains(f.full_name());
        }) == 2 + 2 * 3 + 2);
}

TEST_CASE("what a partner sends in came from that partner and no other") {
  story s;
  s.play(R"(
    2026-11-23 09:00 PARTNER@p-12351 create draft: true intake { external_partner: 'p-12345-370100' caller { phone: '13805310001' } } -> !unit_not_allowed
    +0 PARTNER@p-12351 create draft: true intake { caller { phone: '13805310001' } } -> DRAFT)");
  CHECK(s.ticket().intake().external_partner() == "p-12351");
}

TEST_CASE("a draft needs a phone or a content; what is complete is accepted") {
  story s;
  s.play(R"(
    2026-11-23 09:00 OPERATOR@370000 create draft: true -> !incomplete
    +0 OPERATOR@370000 create draft: true intake { title: '我的标题' caller { phone: '13805310001' } } -> DRAFT
    +0 OPERATOR@370000 supplement -> !field_required
    +5min OPERATOR@370000 supplement intake { source: SOURCE_PHONE } -> DRAFT
    +5min OPERATOR@370000 supplement intake { matter { kind: KIND_CONSULT category: 'wages' content: 'c' } } -> ACCEPTED)");
  CHECK(s.ticket().intake().title() == "我的标题");
}

TEST_CASE("a title nobody wrote is the first line of the content, thirty characters at most") {
  story s;
  s.play(R"(
    2026-11-23 09:00 OPERATOR@370000 create draft: true intake { matter { content: '\n 公司欠薪\n三个月' } } -> DRAFT)");
  CHECK(s.ticket().intake().title() == "公司欠薪");
  s.play("+0 OPERATOR@370000 supplement intake { matter { content: '公司欠薪三年' } } -> DRAFT");
  CHECK(s.ticket().intake().title() == "公司欠薪三年");
}

TEST_CASE(
    "words that were shown masked are not written back by people, and not lost from outside") {
  for (const char* text : {"回拨 138****0001", "证件 1****************X", "〔隐去〕来电"}) {
    INFO(text);
    story s;
    s.play(
        "2026-11-23 09:00 OPERATOR@370000 create draft: true intake { title: 't' "
        "matter { content: 'c' } } -> DRAFT");
    for (const std::string verb : {"supplement intake { matter { content: '", "annotate text: '"}) {
      const bool intake = verb.starts_with("supplement");
      s.play("+0 OPERATOR@370000 " + verb + text + (intake ? "' } }" : "'") + " -> !field_invalid");
      CHECK(s.rejection().rule() == "form.masked");
      CHECK(s.rejection().field() == (intake ? "intake.matter.content" : "text"));
    }
    s.play(std::string("+0 SYSTEM@370000 annotate text: '") + text + "' -> DRAFT");
  }
}
