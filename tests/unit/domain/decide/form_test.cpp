// The form of what comes in: each convention of the messages, and the numbers with check digits.
#include <doctest/doctest.h>

#include <string>

#include "common/domain/form.hpp"
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
