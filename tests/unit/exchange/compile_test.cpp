#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "common/exchange/signature.hpp"
#include "tests/unit/exchange/exchange_kit.hpp"

namespace hotline::exchange {
namespace {

std::vector<domain::config_mistake> mistakes(const std::function<void(v1::Partner&)>& change) {
  v1::HotlineConfig config;
  *config.add_partners() = small_partner();
  change(*config.mutable_partners(0));
  return check_partners(config, shipped_land().org, shipped_land().policy.config());
}

struct example {
  std::string path;  ///< behind "partners[0]"
  std::function<void(v1::Partner&)> change;
};

v1::CodeTable& table(v1::Partner& p, std::string_view theirs, std::string_view ours) {
  auto& made = *p.add_tables();
  made.set_name("t");
  auto& entry = *made.add_entries();
  entry.set_theirs(std::string(theirs));
  entry.set_ours(std::string(ours));
  return made;
}

}  // namespace

TEST_CASE("the small partner is right") {
  CHECK(mistakes([](v1::Partner&) {}).empty());
}

TEST_CASE("every mistake is found, at its place") {
  const example examples[] = {
      {".name", [](auto& p) { p.set_name("Small Partner"); }},
      {".title", [](auto& p) { p.clear_title(); }},
      {".unit", [](auto& p) { p.set_unit("370800"); }},
      {".unit", [](auto& p) { p.set_unit("p-unknown"); }},
      {".source", [](auto& p) { p.clear_source(); }},
      {".return_limit", [](auto& p) { p.set_return_limit("two days"); }},
      {"", [](auto& p) { p.clear_inbound(), p.clear_outbound(); }},
      {".inbound", [](auto& p) { p.mutable_inbound()->clear_push(); }},
      {".inbound", [](auto& p) { p.mutable_inbound()->clear_event_path(); }},
      {".inbound", [](auto& p) { p.mutable_inbound()->clear_answer_refused(); }},
      {".inbound", [](auto& p) { p.mutable_inbound()->mutable_fields(0)->set_ours("ticket_no"); }},
      {".inbound", [](auto& p) { p.mutable_inbound()->mutable_fields()->RemoveLast(); }},
      {".inbound.format", [](auto& p) { p.mutable_inbound()->mutable_format()->clear_syntax(); }},
      {".inbound.format.charset",
       [](auto& p) { p.mutable_inbound()->mutable_format()->set_charset(v1::CHARSET_GB18030); }},
      {".inbound.format.items",
       [](auto& p) { p.mutable_inbound()->mutable_format()->set_items("a..b"); }},
      {".inbound.event_path", [](auto& p) { p.mutable_inbound()->set_event_path("a[]"); }},
      {".inbound.events[2]", [](auto& p) { p.mutable_inbound()->add_events()->set_theirs("x"); }},
      {".inbound.events[1]",
       [](auto& p) { p.mutable_inbound()->mutable_events(1)->set_theirs("new"); }},
      {".inbound.signature", [](auto& p) { p.mutable_inbound()->clear_signature(); }},
      {".inbound.signature",
       [](auto& p) { p.mutable_inbound()->mutable_signature()->clear_keys(); }},
      {".inbound.signature",
       [](auto& p) {
         p.mutable_inbound()->mutable_signature()->set_scheme(v1::SIGNATURE_SCHEME_LEGACY_SHA1);
       }},
      {".inbound.signature.window_s",
       [](auto& p) { p.mutable_inbound()->mutable_signature()->set_window_s(86400); }},
      {".inbound.signature.addresses[1]",
       [](auto& p) {
         auto& rules = *p.mutable_inbound()->mutable_signature();
         rules.set_scheme(v1::SIGNATURE_SCHEME_LEGACY_SHA1);
         rules.add_addresses("10.0.0.0/8");
         rules.add_addresses("0.0.0.0/0");
       }},
      {".outbound.fields[2].where[0].ours",
       [](auto& p) { map_out(p, "a", "text").add_where()->set_ours("nothing"); }},
      {".outbound.fields[2].where[0].values[0]",
       [](auto& p) {
         auto& only = *map_out(p, "a", "text").add_where();
         only.set_ours("intake.matter.category");
         only.add_values("wages.unknown");
       }},
      {".outbound.fields[2].where[0]",
       [](auto& p) { map_out(p, "a", "text").add_where()->set_ours("state"); }},
      {".inbound.fields[2].where",
       [](auto& p) { map_in(p, "a", "text").add_where()->set_ours("state"); }},
      {".inbound.signature.addresses[0]",
       [](auto& p) { p.mutable_inbound()->mutable_signature()->add_addresses("somewhere"); }},
      {".inbound.signature.keys[0].secret_file",
       [](auto& p) {
         p.mutable_inbound()->mutable_signature()->mutable_keys(0)->set_secret_file("../key");
       }},
      {".inbound.signature.keys[0].until_date",
       [](auto& p) {
         p.mutable_inbound()->mutable_signature()->mutable_keys(0)->set_until_date("2026-13-01");
       }},
      {".inbound.pull.url",
       [](auto& p) { p.mutable_inbound()->mutable_pull()->set_every("5min"); }},
      {".inbound.pull.every",
       [](auto& p) { p.mutable_inbound()->mutable_pull()->set_url("http://a/"); }},
      {".inbound.file", [](auto& p) { p.mutable_inbound()->mutable_file()->set_directory("in"); }},
      {".inbound.fields[2].theirs", [](auto& p) { map_in(p, "a b", "text"); }},
      {".inbound.fields[2].ours", [](auto& p) { map_in(p, "a", "intake.nothing"); }},
      {".inbound.fields[2].ours", [](auto& p) { map_in(p, "a", "intake"); }},
      {".inbound.fields[2].ours", [](auto& p) { map_in(p, "a", "partner"); }},
      {".inbound.fields[2].ours", [](auto& p) { map_in(p, "a", "intake.external_partner"); }},
      {".inbound.fields[2]", [](auto& p) { map_in(p, "a", "attachments[].name"); }},
      {".inbound.fields[2]", [](auto& p) { map_in(p, "a[]", "text"); }},
      {".inbound.fields[2].table", [](auto& p) { map_in(p, "a", "text").set_table("none"); }},
      {".inbound.fields[2].fixed", [](auto& p) { map_in(p, "a", "text").set_fixed("x"); }},
      {".inbound.fields[2].date_format",
       [](auto& p) { map_in(p, "a", "text").set_date_format("yyyy-MM-dd"); }},
      {".inbound.fields[2].date_format",
       [](auto& p) { map_in(p, "a", "occurred_at").set_date_format("HH:mm"); }},
      {".inbound.fields[2].scale", [](auto& p) { map_in(p, "a", "text").set_scale(100); }},
      {".inbound.fields[2].scale",
       [](auto& p) { map_in(p, "a", "intake.matter.people").set_scale(12); }},
      {".inbound.fields[2].default_value",
       [](auto& p) { map_in(p, "a", "intake.urgency").set_default_value("URGENT"); }},
      {".inbound.fields[2].recognise_place",
       [](auto& p) { map_in(p, "a", "text").set_recognise_place(true); }},
      {".tables[0].entries[0].ours",
       [](auto& p) {
         map_in(p, "a", "intake.urgency").set_table("t");
         table(p, "1", "URGENCY_HIGH");
       }},
      {".tables[0].entries[0].ours",
       [](auto& p) {
         map_in(p, "a", "intake.matter.category").set_table("t");
         table(p, "1", "wages.unknown");
       }},
      {".tables[0].entries[0].ours",
       [](auto& p) {
         map_in(p, "a", "intake.matter.region").set_table("t");
         table(p, "1", "379999");
       }},
      {".tables[0].otherwise_ours",
       [](auto& p) {
         map_in(p, "a", "granted").set_table("t");
         table(p, "1", "true").set_otherwise_ours("perhaps");
       }},
      {".tables[0].entries[0]", [](auto& p) { table(p, "", "x"); }},
      {".tables[1].name", [](auto& p) { table(p, "a", "b"), table(p, "a", "b"); }},
      {".outbound", [](auto& p) { p.mutable_outbound()->clear_url(); }},
      {".outbound", [](auto& p) { p.mutable_outbound()->clear_events(); }},
      {".outbound", [](auto& p) { p.mutable_outbound()->clear_fields(); }},
      {".outbound", [](auto& p) { p.mutable_outbound()->set_answer_code_path("code"); }},
      {".outbound.url", [](auto& p) { p.mutable_outbound()->set_url("ftp://a/"); }},
      {".outbound.retry[0]", [](auto& p) { p.mutable_outbound()->add_retry("soon"); }},
      {".outbound.breaker_wait", [](auto& p) { p.mutable_outbound()->set_breaker_wait("1"); }},
      {".outbound.format.xml_root",
       [](auto& p) { p.mutable_outbound()->mutable_format()->set_syntax(v1::SYNTAX_XML); }},
      {".outbound.fields[2].theirs",
       [](auto& p) {
         p.mutable_outbound()->mutable_format()->set_syntax(v1::SYNTAX_XML);
         p.mutable_outbound()->mutable_format()->set_xml_root("r");
         map_out(p, "1a", "text");
       }},
      {".states[0]", [](auto& p) { p.add_states()->set_theirs("1"); }},
      {".personal_fields[0]", [](auto& p) { p.add_personal_fields("caller.platform"); }},
      {".attachments.serve_url",
       [](auto& p) { p.mutable_attachments()->set_serve_url("https://a.cn/files/"); }},
      {".attachments.serve_url",
       [](auto& p) { p.mutable_attachments()->set_serve_url("a.cn/files"); }},
      {".attachments.serve_days", [](auto& p) { p.mutable_attachments()->set_serve_days(91); }},
      {".attachments",
       [](auto& p) {
         p.mutable_attachments()->set_serve_url("https://a.cn/files");
         p.mutable_attachments()->set_upload_url("https://a.cn/up");
       }},
      {".reconciliation.at",
       [](auto& p) {
         p.mutable_reconciliation()->set_external_no_path("no");
         p.mutable_reconciliation()->set_at("25:00");
       }},
  };
  for (const auto& [path, change] : examples) {
    const std::string wanted = "partners[0]" + path;
    CAPTURE(wanted);
    const auto found = mistakes(change);
    CAPTURE(domain::join_mistakes(found));
    CHECK(std::ranges::find(found, wanted, &domain::config_mistake::path) != found.end());
  }
}

TEST_CASE("names and units of partners are their own") {
  v1::HotlineConfig config;
  *config.add_partners() = small_partner();
  *config.add_partners() = small_partner();
  const auto& land = shipped_land();
  auto found = check_partners(config, land.org, land.policy.config());
  CHECK(found.size() == 2);
  config.mutable_partners(1)->set_name("other");
  config.mutable_partners(1)->set_inactive(true);
  CHECK(check_partners(config, land.org, land.policy.config()).empty());
  const auto book = build_partner_book(config, land);
  REQUIRE(book.has_value());
  CHECK(book->all().size() == 1);
  CHECK(book->find("small") != nullptr);
  CHECK(book->find("other") == nullptr);
  CHECK(book->of_unit("p-12345-370800") == book->find("small"));
  CHECK(book->of_unit("370800") == nullptr);
}

TEST_CASE("a weak signature is warned about while it is in use") {
  v1::HotlineConfig config;
  auto& weak = *config.add_partners() = small_partner();
  CHECK(partner_warnings(config).empty());
  weak.mutable_inbound()->mutable_signature()->set_scheme(v1::SIGNATURE_SCHEME_LEGACY_SHA1);
  CHECK(partner_warnings(config).size() == 1);
  weak.set_inactive(true);
  CHECK(partner_warnings(config).empty());
}

TEST_CASE("a partner that is told of files and can get none is warned about") {
  v1::HotlineConfig config;
  auto& one = *config.add_partners() = small_partner();
  one.mutable_outbound()->set_url("http://127.0.0.1:1/");
  auto& field = *one.mutable_outbound()->add_fields();
  field.set_theirs("files[].url");
  field.set_ours("attachments[].reference");
  CHECK(partner_warnings(config).size() == 1);
  SUBCASE("inactive") { one.set_inactive(true); }
  SUBCASE("uploaded") { one.mutable_attachments()->set_upload_url("http://127.0.0.1:1/up"); }
  SUBCASE("served") { one.mutable_attachments()->set_serve_url("https://12351.cn/v1/files"); }
  CHECK(partner_warnings(config).empty());
}

TEST_CASE("the addresses of the legacy scheme are no list of anybody") {
  for (const char* wide : {"0.0.0.0/0", "::/0", "10.0.0.0/7", "::ffff:0:0/96", "::ffff:0:0/90",
                           "2000::/3", "::ffff:0.0.0.0/99"}) {
    CAPTURE(wide);
    CHECK(is_network(wide));
    CHECK(is_too_wide(wide));
  }
  for (const char* narrow :
       {"10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "::1", "::ffff:10.0.0.0/104"}) {
    CAPTURE(narrow);
    CHECK_FALSE(is_too_wide(narrow));
  }
}

TEST_CASE("what a partner would never be told is found") {
  v1::Partner p = small_partner();
  p.set_inactive(true);  // what lists are for is another question
  const auto gaps = [&] {
    std::string all;
    for (const auto& one : partner_gaps(p)) all += one + "\n";
    return all;
  };
  const auto tell = [&](v1::PartnerEventKind kind) {
    p.mutable_outbound()->add_events()->set_kind(kind);
  };
  const auto word = [&](v1::PartnerEventKind kind) {
    p.mutable_inbound()->add_events()->set_kind(kind);
  };
  CHECK(gaps() ==
        "partner small sends tickets and never hears ACCEPT, REFUSE, FINISH, WITHDRAW, ATTACH\n");
  for (const auto kind : {v1::PARTNER_EVENT_KIND_ACCEPT, v1::PARTNER_EVENT_KIND_REFUSE,
                          v1::PARTNER_EVENT_KIND_FINISH, v1::PARTNER_EVENT_KIND_ATTACH})
    tell(kind);
  p.add_states()->set_state(v1::STATE_WITHDRAWN);
  CHECK(gaps().find("WITHDRAWN and is never told") != std::string::npos);
  CHECK(gaps().find("no word for the states DRAFT, ACCEPTED") != std::string::npos);
  CHECK(gaps().find("no field tells it") != std::string::npos);
  tell(v1::PARTNER_EVENT_KIND_WITHDRAW);
  p.clear_states();
  CHECK(gaps().empty());
  word(v1::PARTNER_EVENT_KIND_FINISH);
  CHECK(gaps().find("has words for FINISH but is never told CREATE") != std::string::npos);
  tell(v1::PARTNER_EVENT_KIND_CREATE);
  CHECK(gaps().find("no word for REFUSE: they would wait") != std::string::npos);
  CHECK(gaps().find("never hears SUPPLEMENT") != std::string::npos);
}

TEST_CASE("an active partner both ways without a list to compare with is found") {
  v1::Partner p = small_partner();
  p.mutable_outbound()->set_url("http://127.0.0.1:1/told");
  const auto is_found = [&] {
    return std::ranges::any_of(partner_gaps(p), [](const std::string& gap) {
      return gap.find("has no reconciliation") != std::string::npos;
    });
  };
  CHECK(is_found());
  p.set_inactive(true);
  CHECK_FALSE(is_found());
  p.set_inactive(false);
  p.mutable_reconciliation()->set_list_url("http://127.0.0.1:1/list?day={day}");
  CHECK_FALSE(is_found());
  p.clear_reconciliation();
  p.clear_outbound();
  CHECK_FALSE(is_found());
}

}  // namespace hotline::exchange
