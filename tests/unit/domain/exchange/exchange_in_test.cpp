#include "tests/unit/domain/exchange/exchange_in_kit.hpp"

namespace hotline::domain {
namespace {

constexpr const char* full_intake = R"(
  intake {
    source: SOURCE_HOTLINE_12345 partner_due_at: 1796399999999
    caller { name: "赵师傅" phone: "13805310001" } employer { name: "某置业公司" }
    matter { kind: KIND_COMPLAINT category: "wages.arrears" content: "拖欠工资" region: "370883" }
  }
  attachments { name: "欠条.jpg" reference: "http://a/1" })";

}  // namespace

TEST_CASE("a ticket from a partner") {
  const auto event = told(v1::PARTNER_EVENT_KIND_CREATE, full_intake);
  v1::Command command = only(event, nullptr);
  const v1::Intake& intake = command.create().intake();
  CHECK(!command.create().draft());
  CHECK(intake.external_no() == "JN1");
  CHECK(intake.external_partner() == "p-12345-370800");
  CHECK(intake.source() == v1::SOURCE_HOTLINE_12345);
  CHECK(intake.partner_due_at() == 1796399999999);
  CHECK(intake.attachments_size() == 1);
  // The rules take it as it is.
  command.set_ticket_no("3708-20261123-00001");
  const auto decided = decide(nullptr, command, test::shipped_province(), now);
  REQUIRE_MESSAGE(decided.has_value(), (decided ? "" : decided.error().DebugString()));
  CHECK(decided->ticket.state() == v1::STATE_ACCEPTED);
}

TEST_CASE("a new ticket may be returned within the partner's limit, counted from its receipt") {
  struct row {
    const char* limit;
    const char* received;
    const char* until;  ///< "" = for ever
  };
  const row rows[] = {{"2wd", "2026-11-23 10:00", "2026-11-25 17:30"},
                      {"2wd", "2026-11-20 20:00", "2026-11-24 17:30"},  // a Friday evening
                      {"24h", "2026-11-21 08:00", "2026-11-22 08:00"},
                      {"", "2026-11-23 10:00", ""}};
  for (const row& one : rows) {
    CAPTURE(one.limit);
    CAPTURE(one.received);
    v1::FeedItem item;
    *item.mutable_event() = told(v1::PARTNER_EVENT_KIND_CREATE, full_intake);
    item.set_received_at(to_unix_ms(*parse_civil_minute(one.received)));
    v1::Partner partner = city();
    partner.set_return_limit(one.limit);
    const auto made = commands_of(item, partner, nullptr, {}, test::shipped_province(), now);
    REQUIRE(made.commands.size() == 1);
    const auto until = made.commands[0].create().intake().partner_return_until_at();
    CHECK(until == (*one.until ? to_unix_ms(*parse_civil_minute(one.until)) : 0));
  }
}

TEST_CASE("what a partner leaves out is for an operator to complete") {
  auto event = told(v1::PARTNER_EVENT_KIND_CREATE, "text: \"拖欠工资\" due_at: 1796399999999");
  v1::Command command = only(event, nullptr);
  CHECK(command.create().draft());
  CHECK(command.create().intake().matter().content() == "拖欠工资");
  CHECK(command.create().intake().partner_due_at() == 1796399999999);
  command.set_ticket_no("3708-20261123-00001");
  const auto decided = decide(nullptr, command, test::shipped_province(), now);
  REQUIRE(decided.has_value());
  CHECK(decided->ticket.state() == v1::STATE_DRAFT);
}

TEST_CASE("who speaks about which ticket") {
  const auto urge = told(v1::PARTNER_EVENT_KIND_URGE);
  CHECK(asked(urge, nullptr) == "!exchange.no-ticket");
  v1::Ticket other;
  other.set_state(v1::STATE_HANDLING);
  CHECK(asked(urge, &other) == "!exchange.no-part");
  v1::Ticket ticket = sent_by_city(v1::STATE_HANDLING);
  const auto create = told(v1::PARTNER_EVENT_KIND_CREATE, full_intake);
  CHECK(asked(create, &ticket) == "!exchange.other-content");
  ticket.mutable_intake()->mutable_matter()->set_content("拖欠工资");
  CHECK(asked(create, &ticket) == "");
  ticket.mutable_intake()->set_external_no("JN2");
  CHECK(asked(create, &ticket) == "!exchange.another-ticket");
}

TEST_CASE("what the partner a ticket came from may ask for, by state") {
  using enum v1::PartnerEventKind;
  struct row {
    v1::PartnerEventKind kind;
    std::string more;
    std::string waiting, handling, reviewed, closed, terminated, archived;
  };
  const std::string late = "!exchange.too-late";
  const std::string no_until = "!exchange.extension-until";
  const std::string not_theirs = "!exchange.not-transferred";
  const std::string files = "add_attachment,add_attachment";
  const std::string words = "annotate,add_attachment";
  const row rows[] = {
      {PARTNER_EVENT_KIND_URGE, "", "urge", "urge", "urge", late, late, late},
      {PARTNER_EVENT_KIND_SUPERVISE, "order_no: '7'", "supervise", "supervise", "supervise",
       "supervise", "supervise", "supervise"},
      {PARTNER_EVENT_KIND_SUPPLEMENT, "intake { matter { place: 'x' } }", "supplement",
       "supplement", "annotate," + late, "annotate," + late, late, late},
      {PARTNER_EVENT_KIND_SUPPLEMENT, "text: 'x' attachments { name: 'a' }", words, words, words,
       words + "," + late, late, late},
      {PARTNER_EVENT_KIND_ATTACH, "attachments { name: 'a' } attachments { name: 'b' }", files,
       files, files, files, files, files},
      {PARTNER_EVENT_KIND_REWORK, "due_at: 1796399999999", "annotate", "annotate",
       "rework,set_partner_due", "rework,set_partner_due", late, late},
      {PARTNER_EVENT_KIND_VISIT_RESULT, "visit { reached: true }", "annotate", "annotate",
       "record_visit", "record_visit", late, late},
      {PARTNER_EVENT_KIND_WITHDRAW, "", "withdraw", "withdraw", "withdraw", late, late, late},
      {PARTNER_EVENT_KIND_EXTEND_RESP, "granted: true due_at: 1796399999999", "set_partner_due",
       "set_partner_due", "set_partner_due", "annotate", "annotate", late},
      {PARTNER_EVENT_KIND_EXTEND_RESP, "text: 'no'", "annotate", "annotate", "annotate", "annotate",
       "annotate", late},
      {PARTNER_EVENT_KIND_EXTEND_RESP, "granted: true", no_until, no_until, no_until, no_until,
       no_until, no_until},
      {PARTNER_EVENT_KIND_PROGRESS, "text: 'x'", "annotate", "annotate", "annotate", "annotate",
       "annotate", late},
      {PARTNER_EVENT_KIND_REFUSE, "", not_theirs, not_theirs, not_theirs, not_theirs, not_theirs,
       not_theirs},
  };
  for (const row& r : rows) {
    CAPTURE(v1::PartnerEventKind_Name(r.kind));
    CAPTURE(r.more);
    const auto event = told(r.kind, r.more);
    for (const auto& [state, wanted] : {std::pair{v1::STATE_DISPATCHED, r.waiting},
                                        {v1::STATE_HANDLING, r.handling},
                                        {v1::STATE_REVIEWED, r.reviewed},
                                        {v1::STATE_CLOSED, r.closed},
                                        {v1::STATE_TERMINATED, r.terminated},
                                        {v1::STATE_ARCHIVED, r.archived}}) {
      CAPTURE(v1::State_Name(state));
      const v1::Ticket ticket = sent_by_city(state);
      CHECK(asked(event, &ticket) == wanted);
    }
  }
}

TEST_CASE("an order of supervision is due when the partner says") {
  const v1::Ticket ticket = sent_by_city(v1::STATE_HANDLING);
  auto event = told(v1::PARTNER_EVENT_KIND_SUPERVISE, "order_no: '督7' text: '请速办'");
  CHECK(only(event, &ticket).supervise().limit() == "");
  event.set_due_at(to_unix_ms(now + std::chrono::hours(48)));
  const v1::Command command = only(event, &ticket);
  CHECK(command.supervise().limit() == "2880min");
  CHECK(command.supervise().order_no() == "督7");
  event.set_due_at(to_unix_ms(now - std::chrono::hours(1)));
  CHECK(only(event, &ticket).supervise().limit() == "1min");
}

TEST_CASE("a supplement cannot change where a ticket came from") {
  const v1::Ticket ticket = sent_by_city(v1::STATE_HANDLING);
  const auto event = told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, full_intake);
  const auto made = told_us(event, &ticket);
  REQUIRE(!made.commands.empty());
  const v1::Intake& intake = made.commands.front().supplement().intake();
  CHECK(intake.source() == v1::SOURCE_UNSPECIFIED);
  CHECK(intake.partner_due_at() == 0);
  CHECK(intake.matter().content() == "拖欠工资");
}

TEST_CASE("how a transferred ticket goes") {
  using enum v1::PartnerEventKind;
  const v1::Ticket ticket = given_to_city();
  for (const auto kind :
       {PARTNER_EVENT_KIND_PROGRESS, PARTNER_EVENT_KIND_URGE, PARTNER_EVENT_KIND_VISIT_RESULT})
    CHECK(asked(told(kind), &ticket) == "annotate");
  for (const auto kind :
       {PARTNER_EVENT_KIND_SUPERVISE, PARTNER_EVENT_KIND_REWORK, PARTNER_EVENT_KIND_EXTEND_RESP})
    CHECK(asked(told(kind), &ticket) == "!exchange.handler-reports");

  const auto progress =
      told(PARTNER_EVENT_KIND_PROGRESS, "text: '需补充材料' handler_name: '王律师'");
  CHECK(only(progress, &ticket).annotate().text() == "对方告知进展，王律师：需补充材料");

  const auto late = only(told(PARTNER_EVENT_KIND_EXTEND_REQ, "days: 5 text: '取证'"), &ticket);
  CHECK(late.record_partner_answer().step() == v1::PARTNER_STEP_EXTENSION_ASKED);
  CHECK(late.record_partner_answer().days() == 5);
  CHECK(late.record_partner_answer().answer() == "对方申请延期，5 个工作日：取证");
  v1::Ticket waiting = ticket;
  auto& asked_before = *waiting.add_requests();
  asked_before.set_kind(v1::REQUEST_KIND_PARTNER_EXTENSION);
  asked_before.set_state(v1::REQUEST_STATE_OPEN);
  CHECK(asked(told(PARTNER_EVENT_KIND_EXTEND_REQ, "days: 5"), &waiting) == "annotate");

  const auto refused = only(told(PARTNER_EVENT_KIND_REFUSE, "reason_code: '3'"), &ticket);
  CHECK(refused.record_partner_answer().refused());
  CHECK(refused.record_partner_answer().answer() == "对方退回（3）");

  const auto finish = told(PARTNER_EVENT_KIND_FINISH,
                           "reply { result: RESULT_SOLVED text: '已付清' amount_paid_fen: 100 } "
                           "attachments { name: 'a' }");
  CHECK(asked(finish, &ticket) == "add_attachment,record_partner_answer");
  const auto made = told_us(finish, &ticket);
  CHECK(made.commands.back().record_partner_answer().answer() == "已付清");
  CHECK(made.commands.back().record_partner_answer().result().amount_paid_fen() == 100);
}

TEST_CASE("how far a handler has got is a step; again, or late, it is words") {
  using step_row = std::pair<v1::PartnerEventKind, v1::PartnerStep>;
  v1::Ticket ticket = given_to_city();
  for (const auto& [kind, step] :
       {step_row{v1::PARTNER_EVENT_KIND_ACCEPT, v1::PARTNER_STEP_ACCEPTED},
        step_row{v1::PARTNER_EVENT_KIND_SIGN, v1::PARTNER_STEP_SIGNED},
        step_row{v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ, v1::PARTNER_STEP_SUPPLEMENT_ASKED}}) {
    const auto command = only(told(kind, "handler_name: '王律师' text: 't'"), &ticket);
    CHECK(command.record_partner_answer().step() == step);
    CHECK(command.record_partner_answer().answer().ends_with("，王律师：t"));
  }
  auto& clock = *ticket.add_clocks();
  clock.set_kind(v1::CLOCK_KIND_SUPPLEMENT);
  clock.set_state(v1::CLOCK_STATE_RUNNING);
  CHECK(asked(told(v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ), &ticket) == "annotate");
  ticket.mutable_transfers(0)->set_signed_at(2);
  CHECK(asked(told(v1::PARTNER_EVENT_KIND_SIGN), &ticket) == "annotate");
  CHECK(asked(told(v1::PARTNER_EVENT_KIND_ACCEPT), &ticket) == "annotate");
}

TEST_CASE("who sent a matter may add to it while another handles it") {
  v1::Ticket ticket = sent_by_city(v1::STATE_TRANSFERRED);
  CHECK(asked(told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, "intake { matter { place: 'p' } }"),
              &ticket) == "supplement");
}

TEST_CASE("a partner's answer is taken by the rules") {
  test::story s;
  s.accepted();
  s.play(
      "+1h DISPATCHER@370000 transfer_out partner: \"p-12345-370800\" reason: \"职责\" "
      "-> TRANSFERRED");
  for (const bool refuse : {true, false}) {
    CAPTURE(refuse);
    const auto event = refuse ? told(v1::PARTNER_EVENT_KIND_REFUSE, "text: '不属职责'")
                              : told(v1::PARTNER_EVENT_KIND_FINISH,
                                     "reply { result: RESULT_SOLVED text: '已付清' }");
    v1::Command command = only(event, &s.ticket());
    command.set_ticket_no(s.ticket().no());
    const auto decided =
        decide(&s.ticket(), command, test::shipped_province(), s.now() + std::chrono::hours(1));
    REQUIRE_MESSAGE(decided.has_value(), (decided ? "" : decided.error().DebugString()));
    CHECK(decided->ticket.state() == (refuse ? v1::STATE_ACCEPTED : v1::STATE_REVIEWED));
  }
}

}  // namespace hotline::domain
