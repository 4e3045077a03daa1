// Whose lateness it is: lights and the lasting mark follow the unit that had to act, and nobody is
// held up by somebody else's silence.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "common/domain/derive.hpp"
#include "common/runtime/config_loader.hpp"
#include "story.hpp"

using namespace hotline;
using hotline::test::story;

namespace {

constexpr const char* file_reply =
    "+0 OFFICER@370883 reply reply { result: RESULT_SOLVED text: 't' } -> ";
constexpr const char* contact =
    "+1h OFFICER@370883 record_contact contacted_at: 1795399200000 reached: true result: 'r' -> "
    "HANDLING";

const v1::Assignment& part(const story& s, std::string_view unit) {
  const auto& parts = s.ticket().assignments();
  const auto found = std::ranges::find(parts, unit, &v1::Assignment::unit);
  REQUIRE(found != parts.end());
  return *found;
}

/// The shipped province with other numbers.
domain::province with(auto change) {
  auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
  REQUIRE(config.has_value());
  change(*config->mutable_policies()->mutable_sla());
  auto built = domain::build_province(*config);
  REQUIRE_MESSAGE(built.has_value(), built.error().detail);
  return std::move(*built);
}

v1::Command system_command(const story& s, const char* reason) {
  v1::Command command;
  command.set_ticket_no(s.ticket().no());
  command.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  command.mutable_recalculate()->set_reason(reason);
  return command;
}

const v1::Clock& clock_of(const v1::Ticket& t, v1::ClockKind kind) {
  const auto found = std::ranges::find(t.clocks(), kind, &v1::Clock::kind);
  REQUIRE(found != t.clocks().end());
  return *found;
}

}  // namespace

TEST_CASE("a late review does not shine on who has replied in time, nor on the ticket") {
  story s;
  s.accepted().dispatched().handling().replied();
  s.play("2026-11-27 17:30 SYSTEM tick -> REPLIED");
  REQUIRE(s.clock(v1::CLOCK_KIND_REVIEW).overdue());
  CHECK(part(s, "370883").light() == v1::LIGHT_UNSPECIFIED);
  CHECK_FALSE(part(s, "370883").overdue());
  CHECK_FALSE(s.ticket().overdue());
  s.play(R"(
    +1h LEAD@370800 review pass: true -> REVIEWED
    +1h OPERATOR@370000 record_visit visit { reached: true solved: SOLVED_YES } -> CLOSED)");
  CHECK(domain::closing_of(s.ticket()).on_time);
}

TEST_CASE("a late decision about a return does not shine on who asked for it") {
  story s;
  s.accepted().dispatched();
  s.play(R"(
    +1h LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> DISPATCHED
    2026-11-25 17:30 SYSTEM tick -> DISPATCHED)");
  REQUIRE(s.clock(v1::CLOCK_KIND_RETURN_DECISION).overdue());
  CHECK(part(s, "370883").light() == v1::LIGHT_UNSPECIFIED);
  CHECK_FALSE(part(s, "370883").overdue());
  CHECK_FALSE(s.ticket().overdue());
}

TEST_CASE("signing late lights red, but only handling late is late for ever") {
  story s;
  s.accepted().dispatched();
  s.play("2026-11-25 09:00 OFFICER@370883 sign -> HANDLING");
  CHECK(s.clock(v1::CLOCK_KIND_SIGN).state() == v1::CLOCK_STATE_MISSED);
  CHECK(part(s, "370883").light() == v1::LIGHT_RED);
  CHECK_FALSE(part(s, "370883").overdue());
  CHECK_FALSE(s.ticket().overdue());
  s.play("2026-12-01 09:00 SYSTEM tick -> HANDLING");
  CHECK(part(s, "370883").overdue());
  CHECK(s.ticket().overdue());
}

TEST_CASE("while a return is decided nobody claims the ticket and its sign clock stands still") {
  story s;
  s.accepted().dispatched();
  REQUIRE(domain::is_claimable(domain::queue_score(s.ticket())));
  const auto due = s.due(v1::CLOCK_KIND_SIGN);
  CHECK(due == "2026-11-24 17:30");
  s.play(
      "+1h LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> DISPATCHED");
  CHECK_FALSE(domain::is_claimable(domain::queue_score(s.ticket())));
  CHECK(s.clock(v1::CLOCK_KIND_SIGN).state() == v1::CLOCK_STATE_PAUSED);
  s.play(
      "2026-11-25 10:05 DISPATCHER@370000 decide_return uphold: false remark: 'r' -> DISPATCHED");
  CHECK(domain::is_claimable(domain::queue_score(s.ticket())));
  CHECK(s.clock(v1::CLOCK_KIND_SIGN).state() == v1::CLOCK_STATE_RUNNING);
  // Asked on Monday at 10:05, decided on Wednesday at 10:05: two working days later.
  CHECK(s.due(v1::CLOCK_KIND_SIGN) == "2026-11-26 17:30");
  CHECK_FALSE(s.clock(v1::CLOCK_KIND_SIGN).overdue());
}

TEST_CASE("a co-handler that lets its limit pass is recorded as silent and holds nobody up") {
  story s;
  s.accepted().dispatched().handling();
  s.play("+0 OFFICER@370883 add_co_handler unit: '370881' ask: 'q' limit: '1wd' -> HANDLING");
  s.play(contact).play(std::string(file_reply) + "!co_opinion_open");
  s.play("2026-11-25 09:00 SYSTEM tick -> HANDLING");
  CHECK(part(s, "370881").light() == v1::LIGHT_RED);
  CHECK(part(s, "370883").light() == v1::LIGHT_UNSPECIFIED);
  CHECK_FALSE(s.ticket().overdue());
  s.play(std::string(file_reply) + "REPLIED");
  CHECK(part(s, "370881").state() == v1::ASSIGNMENT_STATE_CANCELLED);
  CHECK(part(s, "370881").opinion().empty());
  CHECK(s.clock(v1::CLOCK_KIND_CO_OPINION).state() == v1::CLOCK_STATE_MISSED);
}

TEST_CASE("the main unit and its superiors release a co-handler, with a reason") {
  story s;
  s.accepted().dispatched().handling();
  s.play(R"(
    +0 OFFICER@370883 release_co_handler unit: '370881' reason: 'r' -> !nothing_open
    +0 OFFICER@370883 add_co_handler unit: '370881' ask: 'q' -> HANDLING
    +0 OFFICER@370881 release_co_handler unit: '370881' reason: 'r' -> !unit_not_allowed
    +0 OFFICER@370883 release_co_handler unit: '370881' -> !field_required
    +0 OFFICER@370883 release_co_handler reason: 'r' -> !field_required
    +0 SUPERVISOR@370800 release_co_handler unit: '370881' reason: 'r' -> HANDLING
    +0 OFFICER@370881 give_opinion opinion: 'o' -> !unit_not_allowed)");
  CHECK(part(s, "370881").state() == v1::ASSIGNMENT_STATE_MOVED);
  s.play(contact).play(std::string(file_reply) + "REPLIED");
}

TEST_CASE("a take-over that was asked for is granted or denied by the superior") {
  story denied;
  denied.accepted().dispatched().handling().play(R"(
    +0 LEAD@370800 decide_take_over grant: true -> !nothing_open
    +0 LEAD@370883 request_take_over reason: 'no lawyer' -> HANDLING
    +0 LEAD@370883 decide_take_over grant: true -> !unit_not_allowed
    +0 LEAD@370800 decide_take_over grant: false -> !field_required
    +0 LEAD@370800 decide_take_over grant: false remark: 'r' -> HANDLING)");
  CHECK(denied.events().back().kind() == v1::EVENT_KIND_TAKE_OVER_DECIDED);
  CHECK(denied.ticket().requests(0).state() == v1::REQUEST_STATE_DENIED);
  CHECK(domain::accountable_unit(denied.ticket()) == "370883");
  denied.play("+0 LEAD@370883 request_take_over reason: 'threats' -> HANDLING");

  denied.play("+0 LEAD@370800 decide_take_over grant: true -> HANDLING");
  CHECK(denied.events().back().kind() == v1::EVENT_KIND_TAKEN_OVER);
  CHECK(denied.ticket().requests(1).state() == v1::REQUEST_STATE_GRANTED);
  CHECK(domain::accountable_unit(denied.ticket()) == "370800");
}

TEST_CASE("a reviewer that is late still reviews, after the breach has gone up") {
  story s;
  s.accepted().dispatched().handling().replied();
  s.play(R"(
    2026-11-26 17:30 SYSTEM tick -> REPLIED
    +0 SYSTEM escalate rung: RUNG_ESCALATE clock: CLOCK_KIND_REVIEW assignment: 1 -> REPLIED
    +0 LEAD@370883 review pass: true -> !unit_not_allowed)");
  REQUIRE(domain::accountable_unit(s.ticket()) == "370000");
  s.play("+1h LEAD@370800 review pass: true -> REVIEWED");
}

TEST_CASE("who handled a ticket does not review its reply") {
  story s;
  s.accepted().play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370800' -> DISPATCHED
    +5min LEAD@370800 sign -> HANDLING
    +0 LEAD@370800 hand_down unit: '370883' -> DISPATCHED
    +0 LEAD@370883 sign -> HANDLING
    +1h LEAD@370883 record_contact contacted_at: 1795399200000 reached: true result: 'r' -> HANDLING
    +0 LEAD@370883 reply reply { result: RESULT_SOLVED text: 't' } -> REPLIED
    +0 LEAD@370800 review pass: true -> !unit_not_allowed)");
  CHECK(s.rejection().rule() == "review.four-eyes");
  s.play("+0 SUPERVISOR@370800 review pass: true -> REPLIED");
}

TEST_CASE("who filed a reply does not review it, though another has signed") {
  story s;
  s.accepted().dispatched().handling();
  s.play(contact).play(R"(
    +1h LEAD@370883 reply reply { result: RESULT_SOLVED text: 't' } -> REPLIED
    +0 LEAD@370800 review pass: true -> !unit_not_allowed)");
  CHECK(s.rejection().rule() == "review.four-eyes");
  CHECK(s.ticket().reply().filed_by() == "u-LEAD");
  s.play("+0 SUPERVISOR@370800 review pass: true -> REVIEWED");
}

TEST_CASE("where the lead signs replies off, an officer cannot file one") {
  const auto strict = with([](v1::SlaPolicy& sla) { sla.set_lead_signs_replies(true); });
  story s(strict);
  s.accepted().dispatched().handling().play(contact);
  s.play(std::string(file_reply) + "!role_not_allowed");
  s.play("+0 LEAD@370883 reply reply { result: RESULT_SOLVED text: 't' } -> REPLIED");
}

TEST_CASE("what was suspended counts to the millisecond against the total") {
  story s;
  s.accepted().dispatched().handling();
  // Three pauses of 29 days and half a day: 88.5 days of 90.
  const auto pause = [&](const char* from, const char* until, const char* end) {
    s.play(fmt::format(R"(
      {} OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '{}' -> HANDLING
      +0 LEAD@370800 decide_suspension grant: true -> SUSPENDED
      {} OFFICER@370883 resume -> HANDLING)",
                       from, until, end));
  };
  pause("2026-11-24 12:00", "2026-12-24", "2026-12-24 00:00");
  pause("2026-12-25 12:00", "2027-01-24", "2027-01-24 00:00");
  pause("2027-01-25 12:00", "2027-02-24", "2027-02-24 00:00");
  REQUIRE(s.ticket().suspended_ms() == 88 * 86'400'000LL + 43'200'000LL);
  s.play(R"(
    2027-02-25 12:00 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2027-02-27' -> !suspension_too_long
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2027-02-26' -> HANDLING)");
}

TEST_CASE("another limit of the policy moves what the policy gave, from its own start") {
  const auto before = with([](v1::SlaPolicy&) {});
  const auto after = with([](v1::SlaPolicy& sla) {
    for (auto& h : *sla.mutable_handle_limits()) {
      if (h.kind() == v1::KIND_COMPLAINT) h.set_limit("3wd");
    }
    for (auto& step : *sla.mutable_step_limits()) {
      if (step.clock() == v1::CLOCK_KIND_SIGN && step.urgency() == v1::URGENCY_NORMAL) {
        step.set_limit("4wh");
      }
    }
  });
  story s(before);
  s.accepted().dispatched();
  const auto moved = domain::decide(&s.ticket(), system_command(s, "policy"), after, s.now());
  REQUIRE(moved.has_value());
  REQUIRE(moved->events.size() == 1);
  const auto& handle = clock_of(moved->ticket, v1::CLOCK_KIND_HANDLE);
  CHECK(handle.limit() == "3wd");
  CHECK(handle.due_at() == 1795685400000);  // 2026-11-26 17:30
  CHECK(clock_of(moved->ticket, v1::CLOCK_KIND_SIGN).limit() == "4wh");
  const auto again = domain::decide(&moved->ticket, system_command(s, "policy"), after, s.now());
  REQUIRE(again.has_value());
  CHECK(again->events.empty());
}

TEST_CASE("a limit that was ordered stands whatever the policy says, within the part above") {
  const auto before = with([](v1::SlaPolicy&) {});
  const auto after = with([](v1::SlaPolicy& sla) {
    for (auto& h : *sla.mutable_handle_limits()) {
      if (h.kind() == v1::KIND_COMPLAINT) h.set_limit("3wd");
    }
    sla.set_supervision_limit("5wd");
  });
  story s(before);
  s.accepted().play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370300' -> DISPATCHED
    +5min OFFICER@370300 sign -> HANDLING
    +0 OFFICER@370300 hand_down unit: '370306' limit: '4wd' -> DISPATCHED
    +0 SUPERVISOR@370300 supervise order_no: 'D1' text: 't' -> DISPATCHED)");
  const auto moved = domain::decide(&s.ticket(), system_command(s, "policy"), after, s.now());
  REQUIRE(moved.has_value());
  for (const auto& c : moved->ticket.clocks()) {
    if (c.kind() != v1::CLOCK_KIND_HANDLE) continue;
    CHECK(c.limit() == (c.assignment() == 1 ? "3wd" : "4wd"));
    CHECK(c.due_at() == 1795685400000);  // both on 2026-11-26 17:30
  }
  CHECK(clock_of(moved->ticket, v1::CLOCK_KIND_SUPERVISION_ANSWER).limit() == "1wd");
}
