// What comes late, again, or when it is over.
#include "tests/unit/domain/exchange/exchange_in_kit.hpp"

namespace hotline::domain {

TEST_CASE("a withdrawal again is none; its words are kept") {
  const v1::Ticket ticket = sent_by_city(v1::STATE_WITHDRAWN);
  CHECK(asked(told(v1::PARTNER_EVENT_KIND_WITHDRAW), &ticket) == "");
  CHECK(asked(told(v1::PARTNER_EVENT_KIND_WITHDRAW, "text: '重复派单'"), &ticket) == "annotate");
}

TEST_CASE("the number again for a ticket that has ended is news, unless it is late") {
  v1::Ticket ticket = sent_by_city(v1::STATE_REJECTED);
  ticket.mutable_intake()->mutable_matter()->set_content("拖欠工资");
  auto create = told(v1::PARTNER_EVENT_KIND_CREATE, "text: '拖欠工资'");
  create.set_sequence(1);
  CHECK(asked(create, &ticket) == "!exchange.too-late");
  CHECK(asked(create, &ticket, carried_out(v1::EVENT_KIND_URGED, 2, 0)) == "");
}

TEST_CASE("a result of a visit says all it says, where it cannot be recorded") {
  const v1::Ticket ticket = sent_by_city(v1::STATE_HANDLING);
  const auto visit = told(v1::PARTNER_EVENT_KIND_VISIT_RESULT,
                          "visit { reached: true solved: SOLVED_NO "
                          "satisfaction: SATISFACTION_VERY_BAD remark: '未付款' }");
  CHECK(only(visit, &ticket).annotate().text() ==
        "对方告知回访结果，已接通，未解决，非常不满意：未付款");
}

TEST_CASE("what a handler says after its answer is for a person, the same answer for nobody") {
  using enum v1::PartnerEventKind;
  const std::string late = "!exchange.too-late";
  v1::Ticket ticket = given_to_city();
  auto& transfer = *ticket.mutable_transfers(0);
  transfer.set_answered_at(2);
  transfer.set_answer("已付清");
  ticket.mutable_reply()->set_text("已付清");
  ticket.mutable_reply()->set_replied_at(2);
  ticket.set_state(v1::STATE_REVIEWED);
  CHECK(asked(told(PARTNER_EVENT_KIND_FINISH, "text: '已付清'"), &ticket) == "");
  CHECK(asked(told(PARTNER_EVENT_KIND_FINISH, "reply { text: '已付清' }"), &ticket) == "");
  CHECK(asked(told(PARTNER_EVENT_KIND_FINISH, "reply { text: '已付清' amount_paid_fen: 1 }"),
              &ticket) == late);
  CHECK(asked(told(PARTNER_EVENT_KIND_FINISH, "text: '公司反悔'"), &ticket) == late);
  CHECK(asked(told(PARTNER_EVENT_KIND_SIGN), &ticket) == "");
  CHECK(asked(told(PARTNER_EVENT_KIND_SIGN, "handler_name: '王律师'"), &ticket) == late);
  for (const auto kind : {PARTNER_EVENT_KIND_PROGRESS, PARTNER_EVENT_KIND_REFUSE,
                          PARTNER_EVENT_KIND_REWORK, PARTNER_EVENT_KIND_SUPPLEMENT_REQ})
    CHECK(asked(told(kind, "text: 't'"), &ticket) == late);

  transfer.set_refused(true);
  transfer.set_answer("不属职责（3）");
  ticket.set_state(v1::STATE_ACCEPTED);
  CHECK(asked(told(PARTNER_EVENT_KIND_REFUSE, "text: '不属职责' reason_code: '3'"), &ticket) == "");
  CHECK(asked(told(PARTNER_EVENT_KIND_FINISH, "text: '已付清'"), &ticket) == late);
}

TEST_CASE("a handler may not change the matter, and what it supplies is not lost") {
  const v1::Ticket ticket = given_to_city();
  CHECK(asked(told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, "text: 't'"), &ticket) == "annotate");
  CHECK(asked(told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, "intake { matter { place: 'p' } }"),
              &ticket) == "annotate,!exchange.handler-reports");
}

TEST_CASE("two numbers that do not belong together are for a person") {
  const v1::Ticket ticket = sent_by_city(v1::STATE_HANDLING);
  const auto urge = [](const std::string& no) {
    return told(v1::PARTNER_EVENT_KIND_URGE, "ticket_no: '" + no + "'");
  };
  CHECK(asked(urge("3708-20261123-00001"), &ticket) == "urge");
  CHECK(asked(urge("something of theirs"), &ticket) == "urge");
  CHECK(asked(urge("3708-20261123-00002"), &ticket) == "!exchange.other-number");
}

TEST_CASE("what comes late overwrites nothing that was said after it") {
  using enum v1::PartnerEventKind;
  struct row {
    const char* what;
    v1::PartnerEventKind kind;
    const char* more;
    v1::State state;
    v1::EventKind before;  ///< what was carried out of a message
    std::string in_time;   ///< what it asks for when that came first
    std::string late;      ///< when it was said first
  };
  const row rows[] = {
      {"another value", PARTNER_EVENT_KIND_SUPPLEMENT, "intake { matter { place: 'old' } }",
       v1::STATE_HANDLING, v1::EVENT_KIND_SUPPLEMENTED, "supplement", "annotate,!exchange.late"},
      {"a value that is missing", PARTNER_EVENT_KIND_SUPPLEMENT, "intake { matter { people: 9 } }",
       v1::STATE_HANDLING, v1::EVENT_KIND_SUPPLEMENTED, "supplement", "supplement"},
      {"one of each", PARTNER_EVENT_KIND_SUPPLEMENT, "intake { matter { place: 'old' people: 9 } }",
       v1::STATE_HANDLING, v1::EVENT_KIND_SUPPLEMENTED, "supplement", "supplement,!exchange.late"},
      {"the same value", PARTNER_EVENT_KIND_SUPPLEMENT, "intake { matter { place: 'new' } }",
       v1::STATE_HANDLING, v1::EVENT_KIND_SUPPLEMENTED, "supplement", "annotate"},
      {"what an urge said later overwrote nothing", PARTNER_EVENT_KIND_SUPPLEMENT,
       "intake { matter { place: 'old' } }", v1::STATE_HANDLING, v1::EVENT_KIND_URGED, "supplement",
       "supplement"},
      {"an older limit", PARTNER_EVENT_KIND_EXTEND_RESP, "granted: true due_at: 1796399999999",
       v1::STATE_HANDLING, v1::EVENT_KIND_PARTNER_DUE_CHANGED, "set_partner_due", "annotate"},
      {"a rework done already", PARTNER_EVENT_KIND_REWORK, "", v1::STATE_REVIEWED,
       v1::EVENT_KIND_REWORK_ORDERED, "rework", "annotate,!exchange.late"},
      {"the limit of a rework", PARTNER_EVENT_KIND_REWORK, "due_at: 1796399999999",
       v1::STATE_REVIEWED, v1::EVENT_KIND_PARTNER_DUE_CHANGED, "rework,set_partner_due", "rework"},
      {"a visit before another", PARTNER_EVENT_KIND_VISIT_RESULT, "visit { reached: true }",
       v1::STATE_CLOSED, v1::EVENT_KIND_VISITED, "record_visit", "annotate,!exchange.late"},
  };
  for (const row& one : rows) {
    CAPTURE(one.what);
    v1::Ticket ticket = sent_by_city(one.state);
    ticket.mutable_intake()->mutable_matter()->set_place("new");
    for (const bool counts : {true, false}) {
      CAPTURE(counts);
      auto event = told(one.kind, one.more);
      event.set_occurred_at(1000);
      if (counts) event.set_sequence(5);
      const auto before = [&](std::int64_t earlier) {
        // Who counts is believed by the count, whatever its clock says.
        return carried_out(one.before, counts ? 5 + earlier : 0, 1000 + (counts ? 0 : earlier));
      };
      CHECK(asked(event, &ticket, before(-1)) == one.in_time);
      CHECK(asked(event, &ticket, before(0)) == one.in_time);
      CHECK(asked(event, &ticket, before(1)) == one.late);
    }
  }
}

TEST_CASE("what is late says so, with its words") {
  const v1::Ticket ticket = sent_by_city(v1::STATE_HANDLING);
  auto event = told(v1::PARTNER_EVENT_KIND_EXTEND_RESP, "granted: true text: '同意'");
  event.set_due_at(to_unix_ms(*parse_civil_minute("2026-12-01 17:30")));
  event.set_sequence(2);
  const auto made = told_us(event, &ticket, carried_out(v1::EVENT_KIND_PARTNER_DUE_CHANGED, 3, 0));
  REQUIRE(made.commands.size() == 1);
  CHECK(made.commands[0].annotate().text() == "对方答复延期（迟到），期限 2026-12-01 17:30：同意");
}

TEST_CASE("only the partner's own messages, and those whose place is known, make others late") {
  v1::Ticket ticket = sent_by_city(v1::STATE_HANDLING);
  ticket.mutable_intake()->mutable_matter()->set_place("new");
  auto event = told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, "intake { matter { place: 'old' } }");
  event.set_sequence(1);
  v1::Event other;
  other.set_version(2);
  other.set_kind(v1::EVENT_KIND_SUPPLEMENTED);
  heard_before before;
  for (const char* id : {"", "feed:00ff:0", "web-1:2:3:4:5", "feed:00ff:0:1000:2"}) {
    CAPTURE(id);
    other.set_command_id(id);
    other.mutable_actor()->set_unit("370800");
    before.add(other, "p-12345-370800");
    CHECK(asked(event, &ticket, before) == "supplement");
  }
  other.mutable_actor()->set_unit("p-12345-370800");
  before.add(other, "p-12345-370800");
  CHECK(asked(event, &ticket, before) == "annotate,!exchange.late");
}

}  // namespace hotline::domain
