// Which files of a ticket partners are told of.
#include <doctest/doctest.h>

#include <string>

#include "common/domain/exchange_out.hpp"
#include "tests/unit/domain/decide/story.hpp"

namespace hotline::domain {
namespace {

std::string file_of(char digit) {
  return "attachment { name: 'a.jpg' reference: 'r' size_bytes: 1 sha256: '" +
         std::string(64, digit) + "' }";
}

v1::Partner city() {
  v1::Partner p;
  p.set_name("jining-12345");
  p.set_unit("p-12345-370800");
  p.set_consent_needed(true);
  for (int kind = v1::PARTNER_EVENT_KIND_CREATE; kind <= v1::PARTNER_EVENT_KIND_ATTACH; ++kind)
    p.mutable_outbound()->add_events()->set_kind(static_cast<v1::PartnerEventKind>(kind));
  return p;
}

}  // namespace

TEST_CASE("a ticket goes to another house with the caller's files only if the caller agrees") {
  struct row {
    bool agreed, confidential;
    int files;
  };
  for (const auto& r : {row{true, false, 1}, row{false, false, 0}, row{true, true, 0}}) {
    CAPTURE(r.agreed);
    CAPTURE(r.confidential);
    test::story s;
    s.accepted();
    s.play("+1h OPERATOR@370000 add_attachment " + file_of('4') + " -> ACCEPTED");
    s.play(
        "+1h DISPATCHER@370000 transfer_out partner: \"p-12345-370800\" reason: \"职责\" -> "
        "TRANSFERRED");
    v1::Ticket ticket = s.ticket();
    auto& caller = *ticket.mutable_intake()->mutable_caller();
    caller.set_consent_to_share(r.agreed);
    caller.set_confidential(r.confidential);
    const auto& land = test::shipped_province();
    const auto create = told_to(city(), ticket, s.events().back(), land.org);
    REQUIRE(create.has_value());
    CHECK(create->attachments_size() == r.files);
    CHECK(create->intake().attachments_size() == r.files);

    s.play("+1h OPERATOR@370000 add_attachment " + file_of('5') + " -> TRANSFERRED");
    const auto added = s.events().back();
    REQUIRE(added.kind() == v1::EVENT_KIND_ATTACHED);
    CHECK(told_to(city(), ticket, added, land.org).has_value() == (r.files > 0));
  }
}

TEST_CASE("a file its citizen adds goes to both houses like one that staff add") {
  const std::string added =
      "+1h CHANNEL@370000 supplement intake { attachments { name: 'a.jpg' reference: 'r' "
      "size_bytes: 1 sha256: '" +
      std::string(64, '6') + "' } } -> ";
  const auto& land = test::shipped_province();
  test::story out;
  out.accepted(
      "attachments { name: 'b.jpg' reference: 'q' "
      "size_bytes: 1 sha256: '" +
      std::string(64, '5') + "' } ");
  out.play(
      "+1h DISPATCHER@370000 transfer_out partner: \"p-12345-370800\" reason: \"职责\" -> "
      "TRANSFERRED");
  out.play(added + "TRANSFERRED");
  auto told = told_to(city(), out.ticket(), out.events().back(), land.org);
  REQUIRE(told.has_value());
  CHECK(told->kind() == v1::PARTNER_EVENT_KIND_ATTACH);
  REQUIRE(told->attachments_size() == 1);
  CHECK(told->attachments(0).reference() == "r");

  test::story in;
  in.accepted("external_partner: \"p-12345-370800\" external_no: \"JN1\" ");
  in.play(added + "ACCEPTED");
  const v1::Event with_file = in.events().back();
  told = told_to(city(), in.ticket(), with_file, land.org);
  REQUIRE(told.has_value());
  CHECK(told->kind() == v1::PARTNER_EVENT_KIND_ATTACH);
  CHECK(told->attachments_size() == 1);
  in.play("+1h CHANNEL@370000 supplement intake { matter { content: '补充' } } -> ACCEPTED");
  CHECK_FALSE(told_to(city(), in.ticket(), in.events().back(), land.org).has_value());
  v1::Ticket confidential = in.ticket();
  confidential.mutable_intake()->mutable_caller()->set_confidential(true);
  CHECK_FALSE(told_to(city(), confidential, with_file, land.org).has_value());
}

TEST_CASE("the result goes back to whom the ticket came from with its evidence") {
  test::story s;
  s.accepted("external_partner: \"p-12345-370800\" external_no: \"JN1\" ");
  s.dispatched().handling().replied();
  s.play("+1h SUPERVISOR@370800 review pass: true -> REVIEWED");
  v1::Partner visits = city();
  visits.mutable_inbound()->add_events()->set_kind(v1::PARTNER_EVENT_KIND_VISIT_RESULT);
  v1::Ticket ticket = s.ticket();
  ticket.mutable_reply()->add_evidence()->set_reference("r");
  const auto& land = test::shipped_province();
  const auto told = told_to(visits, ticket, s.events().back(), land.org);
  REQUIRE(told.has_value());
  CHECK(told->kind() == v1::PARTNER_EVENT_KIND_FINISH);
  CHECK(told->attachments_size() == 1);
  ticket.mutable_intake()->mutable_caller()->set_confidential(true);
  const auto guarded = told_to(visits, ticket, s.events().back(), land.org);
  CHECK(guarded->attachments().empty());
  CHECK(guarded->reply().evidence().empty());
}

}  // namespace hotline::domain
