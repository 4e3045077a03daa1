// The pure part of the dispatch service: which events it looks at, what it proposes and orders.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/domain/proposal.hpp"
#include "common/domain/reaction.hpp"
#include "services/dispatch/dispatcher.hpp"
#include "tests/unit/domain/decide/story.hpp"

using hotline::dispatch::propose_command;
using hotline::test::shipped_province;
using hotline::test::story;
namespace domain = hotline::domain;
namespace v1 = hotline::v1;

namespace {

bool wants_any(const story& s) {
  return std::ranges::any_of(s.events(), domain::calls_for_dispatch);
}

v1::RouteProposal proposed(const story& s) {
  return domain::propose_dispatch(s.ticket(), shipped_province(), s.now());
}

std::optional<v1::Command> ordered(const story& s) {
  return propose_command(s.ticket(), shipped_province(), s.now());
}

bool says(const v1::RouteProposal& p, const std::string& words) {
  return std::ranges::any_of(p.reasons(), [&](const std::string& reason) {
    return reason.find(words) != std::string::npos;
  });
}

constexpr auto without_place = R"(
  2026-11-23 09:00 OPERATOR@370000 create intake { source: SOURCE_PHONE caller { phone: '13805310001' } employer { name: '某公司' } matter { kind: KIND_COMPLAINT category: 'wages.arrears' content: '工友说要跳楼' } } -> ACCEPTED)";

}  // namespace

TEST_CASE("what the rules are sure of is ordered, with rule, reasons and version") {
  story s;
  s.accepted();
  CHECK(wants_any(s));
  const auto order = ordered(s);
  REQUIRE(order.has_value());
  CHECK(order->dispatch().unit() == "370883");
  CHECK(order->dispatch().routing_rule() == "wages");
  CHECK(order->dispatch().priority());  // 农民工
  CHECK(order->expected_version() == s.ticket().version());
  CHECK(domain::decide(&s.ticket(), *order, shipped_province(), s.now()).has_value());
}

TEST_CASE("the question that fired goes into the order") {
  story s;
  s.accepted("matter { complex: ANSWER_YES }");
  const auto order = ordered(s);
  REQUIRE(order.has_value());
  CHECK(order->dispatch().triage_rule() == "triage.joint");
  CHECK(order->dispatch().disposals(0) == v1::DISPOSAL_JOINT);
}

TEST_CASE("a ticket whose place is unclear stays at the desk, urgent and with a proposal") {
  story s;
  s.play(without_place);
  CHECK(s.ticket().urgency() == v1::URGENCY_CRITICAL);
  CHECK_FALSE(ordered(s).has_value());
  const auto p = proposed(s);
  CHECK_FALSE(p.sure());
  CHECK(p.unit() == "370000");
  CHECK(p.urgency() == v1::URGENCY_CRITICAL);
  CHECK(p.version() == s.ticket().version());
  CHECK(p.ticket_no() == s.ticket().no());
  CHECK(says(p, "跳楼"));
}

TEST_CASE("a supplemented place lets the dispatch go on") {
  story s;
  s.play(without_place)
      .play("+5min OPERATOR@370000 supplement intake { matter { region: '370883' } } -> ACCEPTED");
  CHECK(wants_any(s));
  const auto order = ordered(s);
  REQUIRE(order.has_value());
  CHECK(order->dispatch().unit() == "370883");
  CHECK(order->dispatch().urgency() == v1::URGENCY_CRITICAL);
}

TEST_CASE("a refusal is waited for; overruled, the dispatch goes on") {
  story s;
  s.accepted().play("+5min OPERATOR@370000 refuse reason: REFUSAL_REASON_IN_PETITION -> ACCEPTED");
  CHECK_FALSE(wants_any(s));
  CHECK_FALSE(ordered(s).has_value());
  CHECK(says(proposed(s), "不予受理"));
  story confirmed = s;
  s.play("+5min SUPERVISOR@370000 decide_refusal confirm: false -> ACCEPTED");
  CHECK(wants_any(s));
  CHECK(ordered(s).has_value());
  confirmed.play("+5min SUPERVISOR@370000 decide_refusal confirm: true -> REJECTED");
  CHECK_FALSE(wants_any(confirmed));
}

TEST_CASE("never again to a unit that returned the ticket") {
  story s;
  s.accepted().dispatched().play(R"(
    +5min LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_REGION basis: 'b' -> DISPATCHED
    +5min DISPATCHER@370000 decide_return uphold: true -> ACCEPTED)");
  CHECK(wants_any(s));
  CHECK_FALSE(ordered(s).has_value());
  CHECK_FALSE(proposed(s).sure());
  CHECK(says(proposed(s), "曾退回"));
}

TEST_CASE("what a partner sends back is for the dispatcher to decide") {
  story s;
  s.accepted("caller { consent_to_share: true }").dispatched().play(R"(
    +5min DISPATCHER@370000 transfer_out partner: 'p-12348' reason: 'r' -> TRANSFERRED
    +5min PARTNER@p-12348 record_partner_answer refused: true answer: 'a' -> ACCEPTED)");
  CHECK(wants_any(s));
  CHECK_FALSE(ordered(s).has_value());
  CHECK(says(proposed(s), "退回转办件"));
}

TEST_CASE("what somebody has judged less urgent than it sounds stays so; what is harder, harder") {
  story s;
  s.accepted("title: '跳楼'")
      .play(
          "+1min DISPATCHER@370000 change_urgency urgency: URGENCY_NORMAL reason: 'r' -> ACCEPTED");
  CHECK_FALSE(wants_any(s));
  CHECK(proposed(s).urgency() == v1::URGENCY_NORMAL);
  story raised;
  raised.accepted().play(
      "+1min DISPATCHER@370000 change_urgency urgency: URGENCY_CRITICAL reason: 'r' -> ACCEPTED");
  CHECK(proposed(raised).urgency() == v1::URGENCY_CRITICAL);
}

TEST_CASE("what neither comes to the desk nor says more is not looked at") {
  story s;
  s.accepted().dispatched();
  CHECK_FALSE(wants_any(s));
  s.play("+5min OFFICER@370883 sign -> HANDLING");
  CHECK_FALSE(wants_any(s));
  CHECK_FALSE(ordered(s).has_value());
}
