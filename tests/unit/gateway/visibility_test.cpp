// Who sees which ticket, and who the caller is.
#include "services/gateway/visibility.hpp"

#include <doctest/doctest.h>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

v1::Actor actor_of(std::string unit, std::string user = "li") {
  v1::Actor actor;
  actor.set_user(std::move(user));
  actor.set_unit(std::move(unit));
  actor.set_role(v1::ROLE_OFFICER);
  return actor;
}

v1::Ticket zoucheng_ticket() {
  v1::Ticket t;
  t.set_state(v1::STATE_HANDLING);
  t.set_desk("370000");
  t.set_created_by("zhang");
  v1::Assignment& main = *t.add_assignments();
  main.set_unit("370883");
  main.set_role(v1::ASSIGNMENT_ROLE_MAIN);
  main.set_state(v1::ASSIGNMENT_STATE_HANDLING);
  main.set_officer("wang");
  t.add_transfers()->set_partner("p-12345-370100");
  v1::Caller& caller = *t.mutable_intake()->mutable_caller();
  caller.set_name("赵师傅");
  caller.set_phone("13805310001");
  caller.set_migrant_worker(true);
  caller.set_confidential(true);
  return t;
}

TEST_CASE("a ticket is seen by those with a part in it and by those above them") {
  const auto land = shipped_province();
  const v1::Ticket t = zoucheng_ticket();
  CHECK(may_see(land->org, actor_of("370883"), t));
  CHECK(may_see(land->org, actor_of("370800"), t));
  CHECK(may_see(land->org, actor_of("370000"), t));
  CHECK(may_see(land->org, actor_of("p-12345-370100"), t));
  CHECK_FALSE(may_see(land->org, actor_of("370882"), t));
  CHECK_FALSE(may_see(land->org, actor_of("370200"), t));
  CHECK_FALSE(may_see(land->org, actor_of("p-12345-370200"), t));
  CHECK_FALSE(may_see(land->org, actor_of("nowhere"), t));
  CHECK_FALSE(may_see(land->org, actor_of(""), t));
}

TEST_CASE("a caller who asked for it is known to the officer and to who took the call") {
  v1::Ticket t = zoucheng_ticket();
  CHECK(may_see_caller(actor_of("370883", "wang"), t));
  CHECK(may_see_caller(actor_of("370000", "zhang"), t));
  CHECK_FALSE(may_see_caller(actor_of("370883", "zhao"), t));
  CHECK_FALSE(may_see_caller(actor_of("370000", "wang"), t));
  CHECK_FALSE(may_see_caller(actor_of("370800", "zhang"), t));
  t.mutable_intake()->mutable_caller()->set_confidential(false);
  CHECK(may_see_caller(actor_of("370883", "zhao"), t));
}

TEST_CASE("hiding the caller leaves the matter") {
  v1::Ticket t = zoucheng_ticket();
  t.mutable_intake()->mutable_call()->set_number("13805310001");
  t.mutable_intake()->mutable_matter()->set_region("370883");
  t.add_contacts()->set_number("13805310001");
  v1::Event event;
  *event.mutable_change()->mutable_intake() = t.intake();
  event.mutable_cause()->mutable_record_contact()->set_number("13805310001");
  hide_caller(t);
  hide_caller(event);
  CHECK(t.DebugString().find("13805310001") == std::string::npos);
  CHECK(event.DebugString().find("13805310001") == std::string::npos);
  CHECK(t.intake().caller().name().empty());
  CHECK(t.intake().caller().migrant_worker());
  CHECK(t.intake().matter().region() == "370883");
}

}  // namespace
}  // namespace hotline::gateway
