// What a partner may do to the tickets it sent or was sent, files, and the callers of merged
// tickets.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "story.hpp"

using hotline::test::story;
namespace v1 = hotline::v1;

namespace {

constexpr const char* sha_a = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A complaint that 12345 sent in; its desk is the province's.
story& sent_in(story& s) {
  return s.accepted("external_no: '12345-1' external_partner: 'p-12345-370800'");
}

std::string attach(std::string_view who, std::string_view file, std::string_view outcome) {
  return fmt::format("+0 {} add_attachment attachment {{ {} }} -> {}", who, file, outcome);
}

/// A step of a story is one line.
std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

TEST_CASE(
    "the partner a ticket came from urges, supervises, supplements and notes; no other does") {
  story s;
  sent_in(s).dispatched();
  s.play(R"(
    +0 PARTNER@p-12348 urge text: 't' -> !ticket_unknown
    +0 PARTNER@p-12345-370800 urge text: 't' -> DISPATCHED
    +0 PARTNER@p-12345-370800 annotate text: 't' -> DISPATCHED
    +0 PARTNER@p-12345-370800 supplement intake { matter { people: 12 } } -> DISPATCHED
    +0 PARTNER@p-12345-370800 supplement intake { external_partner: 'p-12348' } -> !unit_not_allowed
    +0 PARTNER@p-12345-370800 supervise text: 't' -> !field_required
    +0 PARTNER@p-12345-370800 supervise order_no: 'D1' text: 't' -> DISPATCHED
    +0 PARTNER@p-12345-370800 sign -> !role_not_allowed
    +0 PARTNER@p-12345-370800 rework reason: 'r' -> !state_not_allowed)");
  CHECK(s.ticket().urges() == 1);
  REQUIRE(s.ticket().supervisions_size() == 1);
  CHECK(s.ticket().supervisions(0).origin() == v1::SUPERVISION_ORIGIN_PARTNER);
  // The desk that deals with the partner says whether the answer will do.
  CHECK(s.ticket().supervisions(0).by_unit() == "370000");
  s.play(R"(
    +0 PARTNER@p-12345-370800 withdraw -> !field_required
    +0 PARTNER@p-12345-370800 withdraw evidence: 'e' -> WITHDRAWN)");
  CHECK(s.ticket().end_reason() == "partner");
}

TEST_CASE("the partner a ticket came from records its own visit and orders a rework") {
  story s;
  sent_in(s).dispatched().handling().replied();
  s.play(R"(
    +0 LEAD@370800 review pass: true -> REVIEWED
    +0 PARTNER@p-12345-370800 record_visit visit { reached: true solved: SOLVED_NO } -> !field_required
    +0 PARTNER@p-12345-370800 record_visit visit { reached: true solved: SOLVED_YES } -> CLOSED
    +0 PARTNER@p-12345-370800 record_visit visit { reached: true solved: SOLVED_YES } -> !state_not_allowed
    +1d PARTNER@p-12345-370800 rework reason: 'r' -> REWORK)");
}

TEST_CASE("who a ticket was only transferred to notes and attaches, until it has answered") {
  story s;
  s.accepted().play(R"(
    +0 DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' -> TRANSFERRED
    +0 PARTNER@p-12348 annotate text: '已签收' -> TRANSFERRED
    +0 PARTNER@p-12348 urge text: 't' -> !unit_not_allowed
    +0 PARTNER@p-12348 withdraw evidence: 'e' -> !unit_not_allowed
    +0 PARTNER@p-12348 set_partner_due partner_due_at: 1795771800000 reason: 'r' -> !unit_not_allowed
    +0 PARTNER@p-12348 record_partner_answer answer: 'a' refused: true -> ACCEPTED
    +0 PARTNER@p-12348 annotate text: 't' -> !unit_not_allowed)");
}

TEST_CASE("another deadline of the partner moves ours, also back") {
  story s;
  sent_in(s).dispatched();
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-30 17:30");
  // Friday 27 November 17:30; ours is a working day earlier.
  s.play(R"(
    +0 PARTNER@p-12345-370800 set_partner_due partner_due_at: 1795771800000 -> !field_required
    +0 PARTNER@p-12345-370800 set_partner_due partner_due_at: 1795000000000 reason: 'r' -> !field_invalid
    +0 PARTNER@p-12345-370800 set_partner_due partner_due_at: 1795771800000 reason: 'r' -> DISPATCHED
    +0 PARTNER@p-12345-370800 set_partner_due partner_due_at: 1795771800000 reason: 'r' -> =)");
  CHECK(s.ticket().intake().partner_due_at() == 1795771800000);
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-26 17:30");
  s.play("+0 DISPATCHER@370000 set_partner_due reason: 'r' -> DISPATCHED");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-30 17:30");
}

TEST_CASE("a part that was handed down stays within a deadline the partner has brought forward") {
  story s;
  sent_in(s).play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370300' -> DISPATCHED
    +5min OFFICER@370300 sign -> HANDLING
    +0 OFFICER@370300 hand_down unit: '370306' limit: '4wd' -> DISPATCHED
    +0 PARTNER@p-12345-370800 set_partner_due partner_due_at: 1795771800000 reason: 'r' -> DISPATCHED)");
  for (const auto& c : s.ticket().clocks()) {
    if (c.kind() == v1::CLOCK_KIND_HANDLE) CHECK(c.due_at() == 1795685400000);
  }
}

TEST_CASE("a file has a name, a place, a hash and a size; the same bytes again are no other file") {
  story s;
  sent_in(s).dispatched().handling();
  const auto whole = fmt::format("name: 'n' reference: 'r' sha256: '{}' size_bytes: 9", sha_a);
  s.play(attach("OFFICER@370883", "reference: 'r' size_bytes: 9", "!field_required"));
  s.play(attach("OFFICER@370883", fmt::format("name: 'n' sha256: '{}' size_bytes: 9", sha_a),
                "!field_required"));
  s.play(attach("OFFICER@370883", "name: 'n' reference: 'r' size_bytes: 9", "!field_invalid"));
  s.play(attach("OFFICER@370883", "name: 'n' reference: 'r' sha256: 'ab' size_bytes: 9",
                "!field_invalid"));
  s.play(attach("OFFICER@370883", fmt::format("name: 'n' reference: 'r' sha256: '{}'", sha_a),
                "!field_invalid"));
  s.play(attach("OFFICER@370883",
                fmt::format("name: 'n' reference: 'r' sha256: '{}' size_bytes: 104857601", sha_a),
                "!field_invalid"));
  s.play(attach("OFFICER@370881", whole, "!ticket_unknown"));
  s.play(attach("PARTNER@p-12348", whole, "!ticket_unknown"));
  s.play(attach("PARTNER@p-12345-370800", whole, "HANDLING"));
  s.play(attach("OFFICER@370883", whole, "="));
  CHECK(s.ticket().intake().attachments_size() == 1);
  for (int i = 1; i < 50; ++i) {
    s.play(attach("OFFICER@370883",
                  fmt::format("name: 'n' reference: 'r' sha256: '{:064x}' size_bytes: 9", i),
                  "HANDLING"));
  }
  s.play(attach("OFFICER@370883",
                fmt::format("name: 'n' reference: 'r' sha256: '{:064x}' size_bytes: 9", 99),
                "!field_too_long"));
}

TEST_CASE("a merged ticket ends once with its main one, is archived, and does not come back") {
  story s;
  s.accepted().play(R"(
    +0 OPERATOR@370000 merge main_no: '3708-20261123-00002' -> MERGED
    +1d OPERATOR@370000 follow_main -> !role_not_allowed
    +0 SYSTEM follow_main -> MERGED
    +0 SYSTEM follow_main -> =
    +0 OPERATOR@370000 unmerge reason: 'r' -> !state_not_allowed)");
  CHECK(s.ticket().closed_at() != 0);
  s.play("2027-12-31 09:00 SYSTEM tick -> ARCHIVED");
}

TEST_CASE("the callers of merged tickets are called back as well; that decides nothing") {
  story s;
  s.accepted().dispatched().handling().replied();
  s.play(R"(
    +0 SYSTEM add_merged child_no: '3708-20261123-00003' -> REPLIED
    +0 LEAD@370800 review pass: true -> REVIEWED
    +0 OPERATOR@370000 record_visit visit { caller_of: '3708-20261123-00009' reached: true solved: SOLVED_YES } -> !field_invalid
    +0 OPERATOR@370000 record_visit visit { caller_of: '3708-20261123-00003' } -> REVIEWED
    +0 OPERATOR@370000 record_visit visit { caller_of: '3708-20261123-00003' reached: true solved: SOLVED_NO remark: 'r' } -> REVIEWED
    +0 OPERATOR@370000 record_visit visit {} -> REVIEWED
    +0 OPERATOR@370000 record_visit visit { reached: true solved: SOLVED_YES } -> CLOSED
    +0 OPERATOR@370000 record_visit visit { caller_of: '3708-20261123-00003' reached: true solved: SOLVED_YES } -> CLOSED
    +0 OPERATOR@370000 record_visit visit { reached: true solved: SOLVED_YES } -> !state_not_allowed)");
  CHECK(s.ticket().visits_size() == 5);
  CHECK(s.ticket().reworks() == 0);
}

// 2026-11-25 17:30 +08:00: within two working days of Monday the 23rd.
TEST_CASE("what a partner sent goes back to it until the end of its return limit, not after") {
  constexpr const char* create = R"(
    2026-11-23 09:00 PARTNER@p-12345-370800 create intake {
      source: SOURCE_HOTLINE_12345 partner_return_until_at: 1795599000000
      caller { name: "赵师傅" phone: "13805310001" consent_to_share: true }
      employer { name: "某置业公司" }
      matter { kind: KIND_COMPLAINT category: "wages.arrears" content: "拖欠" region: "370883" } }
      -> ACCEPTED)";
  struct row {
    const char* at;
    const char* step;
    const char* in_time;
    const char* too_late;
  };
  constexpr const char* refuse = "OPERATOR@370000 refuse reason: REFUSAL_REASON_OTHER remark: 'r'";
  constexpr const char* confirm = "SUPERVISOR@370000 decide_refusal confirm: true";
  constexpr const char* deny = "SUPERVISOR@370000 decide_refusal";
  constexpr const char* give_back =
      "DISPATCHER@370000 transfer_out partner: 'p-12345-370800' reason: 'r'";
  constexpr const char* give_on = "DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r'";
  const row rows[] = {{"2026-11-25 17:30", refuse, "ACCEPTED", ""},
                      {"2026-11-25 17:31", refuse, "", "return_too_late"},
                      {"2026-11-25 17:30", confirm, "REJECTED", ""},
                      {"2026-11-25 17:31", confirm, "", "return_too_late"},
                      {"2026-11-25 17:31", deny, "ACCEPTED", ""},
                      {"2026-11-25 17:30", give_back, "TRANSFERRED", ""},
                      {"2026-11-25 17:31", give_back, "", "return_too_late"},
                      {"2026-11-25 17:31", give_on, "TRANSFERRED", ""}};
  for (const row& one : rows) {
    CAPTURE(one.at);
    CAPTURE(one.step);
    story s;
    s.play(one_line(create));
    const bool decides = std::string_view(one.step).find("decide_refusal") != std::string::npos;
    if (decides) s.play(fmt::format("+1min {} -> ACCEPTED", refuse));
    const bool late = *one.too_late != '\0';
    s.play(fmt::format("{} {} -> {}{}", one.at, one.step, late ? "!" : "",
                       late ? one.too_late : one.in_time));
    if (late) CHECK(s.rejection().rule() == "partner.return-limit");
  }
}

TEST_CASE("until when a ticket may be returned to its partner is nobody's to write") {
  story s;
  sent_in(s);
  s.play(R"(
    +0 PARTNER@p-12345-370800 supplement intake { partner_return_until_at: 1795599000000 } -> !field_invalid
    +0 OPERATOR@370000 supplement intake { partner_return_until_at: 1795599000000 } -> !field_invalid)");
  CHECK(s.rejection().rule() == "form.read-only");
}
