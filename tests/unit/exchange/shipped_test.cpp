// The four shipped partners: their samples, and that what one side writes the other side reads.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "common/domain/civil.hpp"
#include "common/domain/exchange_out.hpp"
#include "common/exchange/our_field.hpp"
#include "common/exchange/read_message.hpp"
#include "common/exchange/write_message.hpp"
#include "tests/unit/exchange/exchange_kit.hpp"

namespace hotline::exchange {
namespace {

std::vector<v1::PartnerEvent> events_of(const partner& from, std::string_view bytes) {
  const auto read = read_message(from, bytes);
  REQUIRE_MESSAGE(read.has_value(), (read ? "" : to_string({read.error()})));
  std::vector<v1::PartnerEvent> events;
  for (const read_item& item : *read) {
    REQUIRE_MESSAGE(item.event.has_value(), (item.event ? "" : to_string(item.event.error())));
    events.push_back(*item.event);
  }
  return events;
}

/// The partner as it would be configured on the other side: what it sends us is what we would send.
v1::Partner mirrored(const v1::Partner& config) {
  v1::Partner made = config;
  const v1::Inbound& in = config.inbound();
  v1::Outbound& out = *made.mutable_outbound();
  out.Clear();
  out.set_url("http://127.0.0.1:1/");
  *out.mutable_format() = in.format();
  out.mutable_format()->set_xml_root("Message");
  for (const v1::EventWord& word : in.events()) {
    const bool known =
        std::ranges::find(out.events(), word.kind(), &v1::EventWord::kind) != out.events().end();
    if (!known) *out.add_events() = word;
  }
  for (const v1::FieldMapping& field : in.fields()) {
    v1::FieldMapping& back = *out.add_fields() = field;
    back.clear_required();
    back.clear_default_value();
    // A name that was recognised is a code now; it is not written back.
    if (back.recognise_place()) out.mutable_fields()->RemoveLast();
  }
  v1::FieldMapping& word = *out.add_fields();
  word.set_theirs(in.event_path());
  word.set_ours("kind");
  made.mutable_inbound()->mutable_format()->clear_items();
  return made;
}

std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> pieces = {"欠薪", "<",   ">",  "&",  "\"", "'",
                                                  "\\",   "𠮷",  "\n", "a",  "1",  "；",
                                                  "{",    "]]>", "é",  "㙍", " "};
  std::string text = "x";
  for (std::uint64_t n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
  return text + "x";
}

/// A value of the field in our words, that its rule can write.
std::string random_value(const v1::FieldMapping& rule, const our_path& path, const v1::Partner& of,
                         std::mt19937_64& random) {
  using field_type = google::protobuf::FieldDescriptor;
  const field_type& field = path.field();
  for (const v1::CodeTable& table : of.tables()) {
    if (table.name() != rule.table()) continue;
    const auto count = static_cast<std::uint64_t>(table.entries_size());
    return table.entries(static_cast<int>(random() % count)).ours();
  }
  if (is_instant(field)) {
    const auto second = static_cast<std::int64_t>(random() % 1'000'000'000);
    return domain::format_rfc3339(from_unix_ms((1'000'000'000 + second) * 1000));
  }
  if (is_day(field)) return "2026-0" + std::to_string(1 + random() % 9) + "-15";
  if (is_whole_number(field)) return std::to_string(random() % 100'000);
  if (field.cpp_type() == field_type::CPPTYPE_BOOL) return "true";
  return rule.separator().empty() ? random_text(random) : "http://a/b";
}

v1::PartnerEvent random_event(const v1::Partner& of, std::mt19937_64& random) {
  v1::PartnerEvent event;
  const auto& words = of.inbound().events();
  const auto count = static_cast<std::uint64_t>(words.size());
  event.set_partner(of.name());
  event.set_kind(words[static_cast<int>(random() % count)].kind());
  for (const v1::FieldMapping& rule : of.inbound().fields()) {
    const auto& only = rule.events();
    if (!only.empty() && std::ranges::find(only, event.kind()) == only.end()) continue;
    if (rule.recognise_place() || (!rule.required() && random() % 3 == 0)) continue;
    const auto path = resolve_ours(rule.ours());
    REQUIRE(path.has_value());
    REQUIRE(set_ours(event, *path, 0, random_value(rule, *path, of, random), {}).has_value());
  }
  return event;
}

}  // namespace

TEST_CASE("a start as shipped contacts nobody") {
  CHECK(shipped_config().partners_size() == 4);
  for (const v1::Partner& one : shipped_config().partners()) {
    CAPTURE(one.name());
    CHECK(one.inactive());
    for (const std::string& url :
         {one.outbound().url(), one.inbound().pull().url(), one.reconciliation().list_url()})
      CHECK((url.empty() || url.starts_with("http://127.0.0.1:")));
  }
  CHECK(partner_warnings(shipped_config()).empty());
}

TEST_CASE("济宁市12345: a pushed ticket") {
  const auto events = events_of(shipped("jining-12345"), sample("jining-12345.json"));
  REQUIRE(events.size() == 1);
  const v1::PartnerEvent& event = events[0];
  CHECK(event.kind() == v1::PARTNER_EVENT_KIND_CREATE);
  CHECK(event.external_no() == "JN20261123000815");
  CHECK(event.intake().matter().kind() == v1::KIND_COMPLAINT);
  CHECK(event.intake().matter().category() == "wages.project_arrears");
  CHECK(event.intake().matter().region() == "370883");
  CHECK(event.intake().matter().amount_claimed_fen() == 18600050);
  CHECK(event.intake().urgency() == v1::URGENCY_URGENT);
  CHECK(event.intake().caller().consent_to_share());
  REQUIRE(event.attachments_size() == 1);
  CHECK(event.attachments(0).size_bytes() == 204800);
}

TEST_CASE("山东省12345: a pulled page in GB18030") {
  const auto events = events_of(shipped("shandong-12345"), sample("shandong-12345.xml"));
  REQUIRE(events.size() == 2);
  CHECK(events[0].intake().matter().region() == "370211");
  CHECK(events[0].intake().matter().content().find("㙍") != std::string::npos);
  CHECK(events[0].intake().caller().gender() == v1::GENDER_FEMALE);
  CHECK(events[0].attachments_size() == 2);
  CHECK(events[1].kind() == v1::PARTNER_EVENT_KIND_URGE);
}

TEST_CASE("12348 and the national 12351") {
  const auto aid = events_of(shipped("legal-aid-12348"), sample("legal-aid-12348.json"));
  REQUIRE(aid.size() == 1);
  CHECK(aid[0].kind() == v1::PARTNER_EVENT_KIND_SIGN);
  CHECK(aid[0].ticket_no() == "3708-20261123-00042");
  const auto national = events_of(shipped("national-12351"), sample("national-12351.json"));
  REQUIRE(national.size() == 1);
  CHECK(national[0].intake().caller().platform_work() == v1::PLATFORM_WORK_FOOD_DELIVERY);
  CHECK(national[0].intake().matter().evidence_size() == 2);
  CHECK(national[0].sequence() == 1);
}

TEST_CASE("a referral for legal aid carries clocks and the ground of no means test") {
  v1::PartnerEvent event;
  event.set_kind(v1::PARTNER_EVENT_KIND_CREATE);
  event.set_serial("3708-20261123-00042:5");
  event.set_ticket_no("3708-20261123-00042");
  event.set_occurred_at(1795406400000);
  event.mutable_intake()->mutable_caller()->set_name("赵师傅");
  event.mutable_intake()->mutable_caller()->set_phone("13805310001");
  event.mutable_intake()->mutable_caller()->set_migrant_worker(true);
  event.mutable_intake()->mutable_matter()->set_category("wages.arrears");
  event.mutable_intake()->mutable_matter()->set_content("拖欠工资");
  const partner to = shipped("legal-aid-12348");
  const auto written = [&] {
    const auto made = write_message(to, event);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : to_string({made.error()})));
    return made->body;
  };
  std::string body = written();
  for (const char* part :
       {R"("reviewDays":"7")", R"("assignDays":"3")", R"("exemptApplicant":"进城务工人员")",
        R"("exemptCause":"申请支付劳动报酬")", R"("cause":"追索劳动报酬")",
        R"("law":"法律援助法第四十二条第三项")"}) {
    CAPTURE(part);
    CHECK(body.find(part) != std::string::npos);
  }
  // Seven days from the 6th: all of the 13th is theirs.
  event.set_due_at(1799856000000);
  CHECK(written().find(R"("answerBy":"2027-01-13 23:59:59")") != std::string::npos);
  // The law is named where both say so, and only there.
  event.mutable_intake()->mutable_matter()->set_category("union.dues");
  body = written();
  CHECK(body.find(R"("exemptApplicant":"进城务工人员")") != std::string::npos);
  CHECK(body.find(R"("exemptCause":"否")") != std::string::npos);
  CHECK(body.find("第四十二条") == std::string::npos);
  event.mutable_intake()->mutable_caller()->set_migrant_worker(false);
  event.mutable_intake()->mutable_matter()->set_category("wages.arrears");
  CHECK(written().find("第四十二条") == std::string::npos);
  event.mutable_intake()->mutable_matter()->set_category("union.dues");
  body = written();
  CHECK(body.find(R"("exemptApplicant":"否")") != std::string::npos);
  CHECK(body.find(R"("exemptCause":"否")") != std::string::npos);
  CHECK(body.find(R"("cause":"其他劳动争议")") != std::string::npos);
}

TEST_CASE("each shipped partner hears that its CREATE is refused, and why") {
  for (const v1::Partner& config : shipped_config().partners()) {
    CAPTURE(config.name());
    v1::PartnerEvent named;
    named.set_kind(v1::PARTNER_EVENT_KIND_CREATE);
    named.set_external_no("JN1");
    REQUIRE_FALSE(domain::why_untold(config, named));
    auto told = domain::refusal_of_item(config, named, v1::ITEM_REFUSAL_NOT_OURS,
                                        "请转人社，电话 13805310001", instant(milliseconds(1)));
    told.set_ticket_no("3708-20261123-00001");
    told.set_serial("3708-20261123-00001:-999");
    told.set_sequence(1);
    const auto written = write_message(shipped(config.name()), told);
    REQUIRE_MESSAGE(written.has_value(), (written ? "" : to_string({written.error()})));
    CHECK(written->body.find("JN1") != std::string::npos);
    CHECK(written->body.find("13805310001") == std::string::npos);
    const auto& tables = config.tables();
    const auto words = std::ranges::find(tables, std::string("refusal"), &v1::CodeTable::name);
    REQUIRE(words != tables.end());
    CHECK(words->entries_size() == v1::ItemRefusal_MAX);
    const auto& word = words->entries(v1::ITEM_REFUSAL_NOT_OURS - 1).theirs();
    CHECK(written->body.find(word) != std::string::npos);
  }
}

TEST_CASE("the names of an item that cannot be mapped are read as far as they go") {
  const auto city = shipped("jining-12345");
  const auto named = read_names(
      city, R"({"data":{"list":[{"action":"派单","workOrderCode":"JN1","serial":"7"}]}})");
  CHECK(named.kind() == v1::PARTNER_EVENT_KIND_CREATE);
  CHECK(named.external_no() == "JN1");
  CHECK(named.serial() == "7");
  CHECK(read_names(city, R"({"data":{"list":[{"action":"?","workOrderCode":"JN1"}]}})").kind() ==
        v1::PARTNER_EVENT_KIND_UNSPECIFIED);
  CHECK(read_names(city, R"({"data":{"list":[{"action":"派单","workOrderCode":["JN1"]}]}})")
            .external_no()
            .empty());
  for (const char* none : {"{", "{}", R"({"data":{"list":[]}})", R"({"data":{"list":[{},{}]}})"})
    CHECK(read_names(city, none).ByteSizeLong() == 0);
}

TEST_CASE("what one side writes the other side reads") {
  std::mt19937_64 random(20261123);
  for (const v1::Partner& config : shipped_config().partners()) {
    CAPTURE(config.name());
    const v1::Partner both = mirrored(config);
    const partner side = ready(both);
    const auto across = [&](const v1::PartnerEvent& event) {
      const auto made = write_message(side, event);
      REQUIRE_MESSAGE(made.has_value(), (made ? "" : to_string({made.error()})));
      auto events = events_of(side, made->body);
      REQUIRE(events.size() == 1);
      return std::move(events[0]);
    };
    for (int round = 0; round < 400; ++round) {
      const v1::PartnerEvent sent = random_event(both, random);
      // Defaults, and codes of theirs that stand for several of ours, may change it once.
      const v1::PartnerEvent got = across(sent);
      CHECK(across(got).DebugString() == got.DebugString());
      CHECK(got.kind() == sent.kind());
      CHECK(got.external_no() == sent.external_no());
      CHECK(got.serial() == sent.serial());
      CHECK(got.occurred_at() == sent.occurred_at());
      CHECK(got.text() == sent.text());
      CHECK(got.intake().matter().content() == sent.intake().matter().content());
      CHECK(got.intake().caller().phone() == sent.intake().caller().phone());
      CHECK(got.attachments_size() == sent.attachments_size());
    }
  }
}

}  // namespace hotline::exchange
