// What is shown: nothing sealed, nothing personal in full, and only what the groups allow.
#include "common/domain/projection.hpp"

#include <doctest/doctest.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <string>
#include <vector>

#include "hotline/v1/personal.pb.h"
#include "world.hpp"

namespace hotline::test {
namespace {

namespace pb = google::protobuf;
using domain::action;
using domain::field_access;

const std::string phone = "13805310001";
const std::string identity = "11010519491231002X";
const std::string token = "~AAAA13805310001BBBB";

enum class stored { plain, sealed };

std::string personal_value(v1::Personal kind, stored how) {
  if (how == stored::sealed) return token;
  switch (kind) {
    case v1::PERSONAL_NAME: return "赵师傅";
    case v1::PERSONAL_PHONE: return phone;
    case v1::PERSONAL_IDENTITY_NO: return identity;
    case v1::PERSONAL_ADDRESS: return "济宁市邹城市钢山街道 8 号";
    default: return "";
  }
}

/// Fills every field there is: numbers into all words, values or tokens into personal fields.
void fill(pb::Message& message, stored how, int depth = 0) {
  const auto* r = message.GetReflection();
  const auto* d = message.GetDescriptor();
  for (int i = 0; i < d->field_count(); ++i) {
    const auto* field = d->field(i);
    if (field->containing_oneof() && !field->real_containing_oneof()) continue;
    if (field->real_containing_oneof()) continue;
    if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      if (depth > 5) continue;
      fill(field->is_repeated() ? *r->AddMessage(&message, field)
                                : *r->MutableMessage(&message, field),
           how, depth + 1);
    } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
      const auto kind = field->options().GetExtension(v1::personal);
      const bool called = field->full_name() == "hotline.v1.RecordContact.number";
      const auto text = kind != v1::PERSONAL_UNSPECIFIED ? personal_value(kind, how)
                        : called                         ? personal_value(v1::PERSONAL_PHONE, how)
                                                         : "拨打 " + phone + "，身份证 " + identity;
      if (field->is_repeated()) {
        r->AddString(&message, field, text);
      } else {
        r->SetString(&message, field, text);
      }
    }
  }
}

/// The fields of a full ticket, the actors, parts and flags of a situation.
v1::Ticket filled(const v1::Ticket& like, stored how) {
  v1::Ticket t;
  fill(*t.mutable_intake(), how);
  t.set_no(like.no());
  t.set_state(like.state());
  t.set_desk(like.desk());
  t.set_created_by(like.created_by());
  *t.mutable_assignments() = like.assignments();
  *t.mutable_transfers() = like.transfers();
  *t.mutable_clocks() = like.clocks();
  t.set_escalated_to(like.escalated_to());
  fill(*t.add_contacts(), how);
  fill(*t.add_visits(), how);
  fill(*t.mutable_reply(), how);
  fill(*t.add_requests(), how);
  t.set_answer("请拨 " + phone);
  t.mutable_intake()->set_external_partner(like.intake().external_partner());
  t.mutable_intake()->mutable_matter()->set_complained_unit(
      like.intake().matter().complained_unit());
  t.mutable_intake()->set_sensitivity(like.intake().sensitivity());
  auto& caller = *t.mutable_intake()->mutable_caller();
  caller.set_confidential(like.intake().caller().confidential());
  caller.set_consent_to_share(like.intake().caller().consent_to_share());
  return t;
}

v1::Event event_of(const v1::Ticket& t, v1::Command::BodyCase cause, stored how) {
  v1::Event e;
  e.set_ticket_no(t.no());
  e.set_kind(v1::EVENT_KIND_CONTACTED);
  *e.mutable_change()->mutable_intake() = t.intake();
  fill(*e.mutable_change()->mutable_contact(), how);
  fill(*e.mutable_change()->mutable_visit(), how);
  fill(*e.mutable_change()->mutable_reply(), how);
  e.mutable_change()->set_answer("请拨 " + phone);
  const auto* body = v1::Command::descriptor()->FindFieldByNumber(cause);
  fill(*e.mutable_cause()->GetReflection()->MutableMessage(e.mutable_cause(), body), how);
  return e;
}

void each_text(const pb::Message& message, const auto& with) {
  const auto* r = message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  r->ListFields(message, &fields);
  for (const auto* field : fields) {
    const int size = field->is_repeated() ? r->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
        each_text(field->is_repeated() ? r->GetRepeatedMessage(message, field, i)
                                       : r->GetMessage(message, field),
                  with);
      } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
        with(*field, field->is_repeated() ? r->GetRepeatedString(message, field, i)
                                          : r->GetString(message, field));
      }
    }
  }
}

bool is_code(const std::string& name) {
  for (const char* code : {"sha256", "reference", "recording", "call_id", "credit_code"}) {
    if (name == code) return true;
  }
  return false;
}

/// What holds of every answer, whoever asks.
void check_shown(const pb::Message& shown, const domain::view& view) {
  each_text(shown, [&](const pb::FieldDescriptor& field, const std::string& text) {
    INFO(field.full_name() << " = " << text);
    REQUIRE_FALSE(text.starts_with('~'));
    const bool personal = field.options().GetExtension(v1::personal) != v1::PERSONAL_UNSPECIFIED ||
                          field.full_name() == "hotline.v1.RecordContact.number";
    const bool leaks =
        text.find(phone) != std::string::npos || text.find(identity) != std::string::npos ||
        text.find("赵师傅") != std::string::npos || text.find("钢山") != std::string::npos;
    if (personal) REQUIRE_FALSE(leaks);
    if (view.content != field_access::full && !is_code(field.name())) REQUIRE_FALSE(leaks);
    REQUIRE(field.name() != "phone_index");
    const bool of_caller = personal && !field.full_name().starts_with("hotline.v1.Employer");
    if (view.caller == field_access::hidden && of_caller) REQUIRE(text.empty());
    if (view.employer == field_access::hidden && personal) REQUIRE(text.empty());
    const bool word = !personal && field.name() != "no" && field.name() != "ticket_no";
    if (view.caller == field_access::hidden && word && !is_code(field.name())) {
      REQUIRE(text.find("0001") == std::string::npos);  // not even how the number ends
    }
    if (view.files == field_access::hidden) {
      REQUIRE(field.name() != "recording");
      REQUIRE(field.name() != "sha256");
    }
  });
}

std::optional<std::string> test_opener(std::string_view path, std::string_view sealed) {
  if (sealed != token) return std::nullopt;
  return path == "caller.name" ? "赵师傅" : phone;
}

TEST_CASE("no reading of anybody shows a token or a personal value in full") {
  const auto& org = small_tree();
  constexpr std::array readings = {action::read_ticket, action::read_history, action::list,
                                   action::export_tickets, action::stream};
  constexpr std::array causes = {v1::Command::kCreate,        v1::Command::kSupplement,
                                 v1::Command::kRecordContact, v1::Command::kRecordVisit,
                                 v1::Command::kReply,         v1::Command::kRecordPartnerAnswer,
                                 v1::Command::kAnnotate,      v1::Command::kReveal};
  long views = 0;
  for (const auto& part : all_parts()) {
    for (unsigned flags = 0; flags < 16; ++flags) {
      v1::Ticket like = part.ticket;
      set_sensitive(like, (flags & 1) != 0);
      set_confidential(like, (flags & 2) != 0);
      set_consent(like, (flags & 4) != 0);
      if ((flags & 8) != 0) set_complained(like, "370883");
      const auto how = flags % 3 == 0 ? stored::plain : stored::sealed;
      const auto whole = filled(like, how);
      for (std::size_t a = flags % 7; a < all_actors().size(); a += 7) {
        const auto& actor = all_actors()[a];
        const auto what = readings[(a + flags) % readings.size()];
        const auto view = domain::view_of(org, actor, what, whole);
        INFO(actor.ShortDebugString() << part.name << flags);
        v1::Ticket shown = whole;
        domain::project(shown, view, test_opener);
        check_shown(shown, view);
        v1::Event event = event_of(whole, causes[a % causes.size()], how);
        domain::project(event, view, test_opener);
        check_shown(event, view);
        ++views;
      }
    }
  }
  CHECK(views > 5'000);
}

v1::Actor who(v1::Role role, const char* unit, const char* user = stranger) {
  v1::Actor a;
  a.set_role(role);
  a.set_unit(unit);
  a.set_user(user);
  return a;
}

const v1::Ticket& handled() {
  for (const auto& s : all_parts()) {
    if (s.name == "handled") return s.ticket;
  }
  throw std::runtime_error("no such part");
}

TEST_CASE("personal values are masked, and a token that cannot be opened is four stars") {
  using domain::show_personal;
  CHECK(show_personal("caller.phone", phone, field_access::masked, nullptr) == "138****0001");
  CHECK(show_personal("caller.phone", phone, field_access::full, nullptr) == phone);
  CHECK(show_personal("caller.phone", phone, field_access::hidden, nullptr).empty());
  CHECK(show_personal("caller.name", token, field_access::masked, test_opener) == "赵*");
  CHECK(show_personal("caller.phone", token, field_access::full, test_opener) == phone);
  CHECK(show_personal("caller.phone", token, field_access::full, nullptr) == "****");
  CHECK(show_personal("caller.phone", "~other", field_access::full, test_opener) == "****");
  CHECK(show_personal("caller.phone", "~x", field_access::full,
                      [](auto, auto) { return std::optional<std::string>("~y"); }) == "****");
  CHECK(show_personal("caller.phone", token, field_access::masked, domain::open_nothing) == "****");
  CHECK(show_personal("caller.phone", "", field_access::full, nullptr).empty());
}

TEST_CASE("the handler reads the words in full and the caller masked") {
  const auto t = filled(handled(), stored::sealed);
  const auto view = domain::view_of(small_tree(), who(v1::ROLE_OFFICER, "370883", signer),
                                    action::read_ticket, t);
  v1::Ticket shown = t;
  domain::project(shown, view, test_opener);
  CHECK(shown.intake().caller().phone() == "138****0001");
  CHECK(shown.intake().caller().name() == "赵*");
  CHECK(shown.intake().matter().content() == t.intake().matter().content());
  CHECK(shown.contacts(0).number() == "138****0001");
  CHECK(shown.intake().employer().contact_phone() == "138****0001");
  CHECK(shown.intake().attachments_size() == 1);
  CHECK(shown.intake().caller().phone_index().empty());
  CHECK(shown.requests_size() == 1);
}

TEST_CASE("revealing shows in full what the group allows, field by field") {
  const auto t = filled(handled(), stored::sealed);
  const auto& org = small_tree();
  const auto officer = who(v1::ROLE_OFFICER, "370883", signer);
  CHECK(domain::access_to(org, officer, action::reveal, t, "caller.phone") == field_access::full);
  CHECK(domain::access_to(org, officer, action::reveal, t, "employer.contact") ==
        field_access::full);
  CHECK(domain::access_to(org, officer, action::reveal, t, "intake.title") == field_access::hidden);
  v1::Ticket accused = t;
  set_complained(accused, "370883");
  CHECK(domain::access_to(org, officer, action::reveal, accused, "caller.phone") ==
        field_access::hidden);
  CHECK(domain::access_to(org, officer, action::reveal, accused, "contact.number") ==
        field_access::hidden);
}

/// A ticket whose words speak of its caller, stored as it is at rest.
v1::Ticket told_in_words() {
  v1::Ticket t = handled();
  auto& intake = *t.mutable_intake();
  intake.set_title("赵大明反映欠薪");
  intake.set_external_no("12345-2026-77");
  auto& caller = *intake.mutable_caller();
  caller.set_name("~name");
  caller.set_phone("~phone");
  caller.set_address("~address");
  caller.set_beneficiary("孙小妹");
  caller.set_gender(v1::GENDER_MALE);
  caller.set_union_member(true);
  caller.set_migrant_worker(true);
  caller.add_tags("瓦工");
  caller.set_no_reply_wanted(true);
  intake.mutable_call()->set_seat("07");
  intake.mutable_employer()->set_contact("钱经理");
  auto& matter = *intake.mutable_matter();
  matter.set_content("赵大明（赵 大 明）住钢山街道 8 号，电话 138 0531 0001，代孙小妹问；欠薪两万");
  matter.set_place("邹城市钢山街道8号旁工地");
  matter.add_evidence("赵大明的工资条");
  t.add_contacts()->set_result("赵大明说已收到");
  auto& part = *t.mutable_assignments(0);
  part.set_advice("请联系赵大明");
  part.set_opinion("孙小妹系其妻");
  t.set_answer("已告知赵大明");
  return t;
}

std::optional<std::string> opener_of_words(std::string_view path, std::string_view /*sealed*/) {
  if (path == "caller.name") return "赵大明";
  if (path == "caller.phone") return phone;
  return "济宁市邹城市钢山街道8号";
}

TEST_CASE("who must not learn the caller does not learn it from the words") {
  struct reader {
    const char* name;
    v1::Actor actor;
    bool accused;
    bool confidential;
  };
  v1::Actor moved = who(v1::ROLE_SUPERVISOR, "370800");
  moved.add_other_units("370883");
  for (const auto& [name, actor, accused, confidential] :
       {reader{"the accused", who(v1::ROLE_LEAD, "370883"), true, false},
        reader{"the accused under another post", moved, true, false},
        reader{"a dispatcher of a confidential caller", who(v1::ROLE_DISPATCHER, "370800"), false,
               true}}) {
    INFO(name);
    v1::Ticket t = told_in_words();
    if (accused) set_complained(t, "370883");
    set_confidential(t, confidential);
    t.set_desk("370800");
    auto view = domain::view_of(small_tree(), actor, action::read_ticket, t);
    REQUIRE(view.caller == field_access::hidden);
    domain::withhold(view, t, opener_of_words);

    v1::Event note;
    note.mutable_cause()->mutable_annotate()->set_text("赵大明来电催问，13805310001");
    domain::project(note, view, opener_of_words);
    CHECK(note.cause().annotate().text() == "〔隐去〕来电催问，〔隐去〕");

    v1::Ticket shown = t;
    domain::project(shown, view, opener_of_words);
    const auto& intake = shown.intake();
    CHECK(intake.title() == "〔隐去〕反映欠薪");
    CHECK(intake.matter().content() ==
          "〔隐去〕（〔隐去〕）住〔隐去〕，电话 〔隐去〕，代〔隐去〕问；欠薪两万");
    CHECK(intake.matter().place() == "邹城市〔隐去〕旁工地");
    CHECK(intake.matter().evidence(0) == "〔隐去〕的工资条");
    CHECK(shown.contacts(0).result() == "〔隐去〕说已收到");
    CHECK(shown.assignments(0).advice() == "请联系〔隐去〕");
    CHECK(shown.assignments(0).opinion() == "〔隐去〕系其妻");
    CHECK(shown.answer() == "已告知〔隐去〕");
    CHECK(intake.external_no().empty());
    CHECK_FALSE(intake.has_call());
    v1::Caller left;
    left.set_confidential(confidential);
    left.set_no_reply_wanted(true);
    CHECK(intake.caller().SerializeAsString() == left.SerializeAsString());
    CHECK(intake.employer().contact() == (accused ? "" : "钱*"));
    CHECK((domain::access_to(small_tree(), actor, action::reveal, t, "employer.contact") ==
           field_access::hidden) == accused);
  }
}

TEST_CASE("a partner knows its own number of a matter whose caller is hidden from it") {
  v1::Ticket t = told_in_words();
  t.mutable_intake()->set_external_partner("p-12345-370800");
  const auto view = domain::view_of(small_tree(), who(v1::ROLE_PARTNER, "p-12345-370800"),
                                    action::read_ticket, t);
  REQUIRE(view.caller == field_access::hidden);
  domain::project(t, view, opener_of_words);
  CHECK(t.intake().external_no() == "12345-2026-77");
  CHECK(t.intake().title() == "〔隐去〕反映欠薪");
}

TEST_CASE("a partner sees the matter and its own part, nothing of how the unions work") {
  auto like = handled();
  like.mutable_intake()->set_external_partner("p-12345-370800");
  set_consent(like, true);
  auto t = filled(like, stored::plain);
  t.add_links()->set_remark("内部");
  const auto view = domain::view_of(small_tree(), who(v1::ROLE_PARTNER, "p-12345-370800"),
                                    action::read_ticket, t);
  v1::Ticket shown = t;
  domain::project(shown, view, nullptr);
  CHECK(shown.intake().caller().phone() == "138****0001");
  CHECK(shown.assignments().empty());
  CHECK(shown.requests().empty());
  CHECK(shown.contacts().empty());
  CHECK(shown.visits().empty());
  CHECK(shown.links().empty());
  CHECK(shown.created_by().empty());
  CHECK(shown.state() == t.state());
  set_consent(t, false);
  const auto without = domain::view_of(small_tree(), who(v1::ROLE_PARTNER, "p-12345-370800"),
                                       action::read_ticket, t);
  shown = t;
  domain::project(shown, without, nullptr);
  CHECK(shown.intake().caller().phone().empty());
  CHECK(shown.intake().employer().contact().empty());
  CHECK(shown.intake().matter().content().find(phone) == std::string::npos);
  CHECK(shown.intake().attachments().empty());
}

TEST_CASE("an auditor reads who did what of a sensitive ticket, and no words") {
  auto like = handled();
  set_sensitive(like, true);
  const auto t = filled(like, stored::plain);
  const auto view =
      domain::view_of(small_tree(), who(v1::ROLE_AUDITOR, "370800"), action::read_history, t);
  v1::Event event = event_of(t, v1::Command::kAnnotate, stored::plain);
  domain::project(event, view, nullptr);
  CHECK(event.kind() == v1::EVENT_KIND_CONTACTED);
  CHECK(event.has_cause());
  CHECK(event.cause().annotate().text().empty());
  CHECK(event.change().intake().matter().content().empty());
  CHECK(event.change().intake().caller().phone() == "138****0001");
}

TEST_CASE("an export on the machine masks everything and leaves the files out") {
  for (const auto how : {stored::plain, stored::sealed}) {
    auto t = filled(handled(), how);
    domain::project(t, domain::masked_view(), domain::open_nothing);
    check_shown(t, domain::masked_view());
    CHECK(t.no() == handled().no());
  }
}

}  // namespace
}  // namespace hotline::test
