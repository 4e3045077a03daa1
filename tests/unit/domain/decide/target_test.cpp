// Where a ticket may go: duties of offices, ranks of unions, and that what the rules propose
// passes.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "common/domain/routing.hpp"
#include "story.hpp"

using namespace hotline;
using hotline::test::shipped_province;
using hotline::test::story;

namespace {

/// A matter of this category, of this kind and place.
v1::Command create(std::string_view category, v1::Kind kind, std::string_view region) {
  v1::Command c;
  c.set_ticket_no("3700-20261123-00001");
  c.mutable_actor()->set_user("u");
  c.mutable_actor()->set_unit("370000");
  c.mutable_actor()->set_role(v1::ROLE_OPERATOR);
  auto& intake = *c.mutable_create()->mutable_intake();
  intake.set_source(v1::SOURCE_PHONE);
  intake.mutable_caller()->set_phone("13805310001");
  auto& matter = *intake.mutable_matter();
  matter.set_kind(kind);
  matter.set_category(std::string(category));
  matter.set_region(std::string(region));
  matter.set_content("c");
  return c;
}

v1::Command dispatch(const v1::Ticket& t, const std::string& unit) {
  v1::Command c;
  c.set_ticket_no(t.no());
  c.mutable_actor()->set_user("dispatch");
  c.mutable_actor()->set_unit(t.desk());
  c.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  c.mutable_dispatch()->set_unit(unit);
  return c;
}

/// What dispatching a matter of this category to the unit is refused with; empty = it is not.
std::string refused_with(const std::string& category, const std::string& unit) {
  const auto now = from_unix_ms(1795395600000);
  const auto& land = shipped_province();
  const auto made = domain::decide(nullptr, create(category, v1::KIND_HELP, "370100"), land, now);
  REQUIRE(made.has_value());
  const auto sent = domain::decide(&made->ticket, dispatch(made->ticket, unit), land, now);
  return sent ? "" : sent.error().rule();
}

}  // namespace

TEST_CASE("every proposal of the shipped rules is a dispatch the rules accept") {
  const auto& land = shipped_province();
  const auto now = from_unix_ms(1795395600000);  // 2026-11-23 09:00 in Shandong
  int sent = 0;
  for (const auto& category : land.policy.config().categories().categories()) {
    for (const auto kind : {v1::KIND_CONSULT, v1::KIND_HELP, v1::KIND_COMPLAINT}) {
      // A province, a city with offices, a county with an office, a zone, a city without offices.
      for (const char* region : {"370000", "370100", "370883", "370176", "370500"}) {
        INFO(category.code(), " ", v1::Kind_Name(kind), " ", region);
        const auto made = domain::decide(nullptr, create(category.code(), kind, region), land, now);
        REQUIRE(made.has_value());
        const auto route = domain::propose_route(made->ticket.intake(), now, land.routing());
        auto order = dispatch(made->ticket, route.unit);
        order.mutable_dispatch()->mutable_co_units()->Assign(route.co_units.begin(),
                                                             route.co_units.end());
        const auto verdict = domain::decide(&made->ticket, order, land, now);
        CHECK_MESSAGE(verdict.has_value(), route.unit, " ", verdict ? "" : verdict.error().rule());
        ++sent;
      }
    }
  }
  CHECK(sent > 1'000);
}

TEST_CASE("an office gets what its duties cover, and what asks for no duty") {
  struct line {
    const char* category;
    const char* unit;
    const char* rule;
  };
  const line lines[] = {
      {"mental.crisis", "370000-d02", ""},  // the duty is the parent category's
      {"mental", "370000-d02", ""},
      {"mutual.claim", "370100-d03", ""},
      {"mutual.claim", "370000-d01", ""},
      {"mental.crisis", "370100-d01", "target.duties"},  // legal aid
      {"mutual.claim", "370100-d02", "target.duties"},
      {"mutual.claim", "370100-t01", "target.duties"},  // a team that lists none
      {"legal.aid", "370100-d01", ""},
      {"wages.arrears", "370100-d01", ""},
      {"relief.illness", "370100-d02", ""},
      {"wages.arrears", "370100-t01", ""},
      {"mental.crisis", "370100", ""},  // a union has every duty
  };
  for (const auto& l : lines) {
    INFO(l.category, " ", l.unit);
    CHECK(refused_with(l.category, l.unit) == l.rule);
  }
}

TEST_CASE("a county hands a matter to its own office") {
  story s;
  s.accepted().dispatched().handling().play(
      "+5min OFFICER@370883 hand_down unit: '370883-d01' advice: '请法律援助中心办理' -> "
      "DISPATCHED");
  CHECK(s.ticket().assignments().rbegin()->unit() == "370883-d01");
}

TEST_CASE("a development zone ranks with the counties: a ticket goes over by one step") {
  story s;
  s.accepted().play(R"(
    +5min DISPATCHER@370000 dispatch unit: '370102' -> DISPATCHED
    +5min DISPATCHER@370100 redispatch unit: '370100' reason: 'r' -> !unit_outside
    +0 DISPATCHER@370100 redispatch unit: '370100-d01' reason: 'r' -> !unit_outside
    +0 DISPATCHER@370100 redispatch unit: '370176' reason: '高新区管辖' -> DISPATCHED
    +5min DISPATCHER@370100 redispatch unit: '370102' reason: 'r' -> DISPATCHED)");
}
