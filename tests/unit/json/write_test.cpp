// How messages look as JSON, and how messages that did not come as JSON are held to its rules.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "tests/unit/json/test_codec.hpp"

namespace hotline::json {
namespace {

TEST_CASE("defaults are left out, the rest is compact and in the order of the message") {
  const codec c = make_test_codec();
  CHECK(c.write(v1::Ticket()) == "{}");
  v1::TicketSummary line;
  line.set_no("3708-20261123-00042");
  line.set_state(v1::STATE_DISPATCHED);
  line.set_priority(true);
  line.set_due_at(1'795'395'600'000);
  line.set_version(7);
  v1::QueuePage page;
  page.set_total(-3);
  *page.add_tickets() = line;
  page.add_tickets();
  CHECK(c.write(page) ==
        R"({"total":-3,"tickets":[{"no":"3708-20261123-00042","state":"STATE_DISPATCHED",)"
        R"("priority":true,"due_at":"2026-11-23T09:00:00.000+08:00","version":7},{}]})");
}

TEST_CASE("text is escaped where JSON wants it and nowhere else") {
  const codec c = make_test_codec();
  v1::Annotate note;
  note.set_text(std::string("工\"\\/\n\t\r\x01\x7F\0😀", 16));
  CHECK(c.write(note) == R"({"text":"工\"\\/\n\t\r\u0001\u007f\u0000😀"})");
}

TEST_CASE("a field with presence is written even when it is zero") {
  const codec c = make_test_codec();
  v1::Change change;
  change.set_overdue(false);
  change.set_escalated_to("");
  change.set_escalated_rung(v1::RUNG_UNSPECIFIED);
  change.set_suspended_at(0);
  const std::string text = c.write(change);
  CHECK(text == R"({"escalated_to":"","escalated_rung":"RUNG_UNSPECIFIED","suspended_at":"",)"
                R"("overdue":false})");
  v1::Change back;
  REQUIRE(c.read(text, back).has_value());
  CHECK(back.has_suspended_at());
  CHECK(back.has_escalated_rung());
}

TEST_CASE("an empty message within a message is kept, because it is present") {
  v1::Command command;
  command.mutable_sign();
  CHECK(make_test_codec().write(command) == R"({"sign":{}})");
}

TEST_CASE("numbers have their shortest exact form") {
  const codec c = make_test_codec();
  v1::ClockView view;
  view.set_rate(0.1);
  CHECK(c.write(view) == R"({"rate":0.1})");
  view.set_rate(1e21);
  CHECK(c.write(view) == R"({"rate":1e+21})");
  view.set_rate(std::nan(""));
  CHECK(c.write(view) == "{}");
}

TEST_CASE("an enumeration number of a newer version is shown as it is") {
  v1::Ticket ticket;
  ticket.set_state(static_cast<v1::State>(77));
  CHECK(make_test_codec().write(ticket) == R"({"state":77})");
}

TEST_CASE("a message from protobuf bytes is held to the same rules") {
  const codec c = make_test_codec();
  const auto kind_and_path = [&c](const google::protobuf::Message& m) {
    const auto checked = c.check(m);
    return checked ? std::string("fine")
                   : std::string(to_string(checked.error().kind)) + " " + checked.error().path;
  };
  v1::CreateTicket create;
  CHECK(kind_and_path(create) == "fine");
  create.mutable_intake()->set_title("工资\n");
  create.mutable_intake()->set_partner_due_at(1'795'395'600'000);
  CHECK(kind_and_path(create) == "fine");
  SUBCASE("characters") {
    create.mutable_intake()->add_attachments();
    create.mutable_intake()->add_attachments()->set_name("a\rb");
    CHECK(kind_and_path(create) == "forbidden_character intake.attachments[1].name");
  }
  SUBCASE("enumerations") {
    create.mutable_intake()->set_source(static_cast<v1::Source>(55));
    CHECK(kind_and_path(create) == "unknown_enum_value intake.source");
  }
  SUBCASE("instants") {
    for (const std::int64_t ms : {std::int64_t{1}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
      create.mutable_intake()->set_partner_due_at(ms);
      CHECK(kind_and_path(create) == "instant_range intake.partner_due_at");
    }
  }
  SUBCASE("unknown fields") {
    create.mutable_intake()
        ->GetReflection()
        ->MutableUnknownFields(create.mutable_intake())
        ->AddVarint(999, 1);
    CHECK(kind_and_path(create) == "unknown_field intake.?");
  }
  SUBCASE("numbers that are none") {
    v1::SetClock set;
    set.set_rate(INFINITY);
    CHECK(kind_and_path(set) == "out_of_range rate");
  }
}

}  // namespace
}  // namespace hotline::json
