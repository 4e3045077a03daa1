// Refusals are on record, each kind once, and beyond a limit say nothing any more.
#include "services/gateway/refusals.hpp"

#include <doctest/doctest.h>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

const sender officer_of_qingdao{"ROLE_OFFICER", "370200", "zhang"};

/// A gateway that records refusals, spoken to without a socket.
struct refusals_fixture {
  explicit refusals_fixture(refusal_limits limits = {})
      : refused(base.audit(), base.clock, test::quiet_log(), limits), door(parts()) {}

  gateway_parts parts() {
    gateway_parts made = base.parts(mode::live);
    made.refused = &refused;
    return made;
  }

  net::response get(const sender& who, const std::string& path,
                    const std::string& address = "10.1.1.1") {
    net::request asked;
    asked.target = path;
    asked.path = path;
    asked.headers = headers_of(who);
    asked.peer = address;
    asked.request_id = "r1";
    return base.redis.run(door.handle(std::move(asked)));
  }

  std::vector<v1::AuditRecord> records() {
    auto page = base.redis.run(base.audit().page({}, 100));
    REQUIRE(page.has_value());
    std::vector<v1::AuditRecord> found;
    for (auto& one : page->records) {
      if (one.record.action() == "request.refused") found.push_back(std::move(one.record));
    }
    return found;
  }

  gateway_fixture base;
  refusals refused;
  gateway door;
};

TEST_CASE("the first refusal of a kind is on record, with who, where and which rule") {
  refusals_fixture f;
  const std::string ticket = "/v1/tickets/" + f.base.dispatch_ticket();
  CHECK(f.records().empty());
  CHECK(f.get(officer_of_qingdao, ticket).status == 404);
  CHECK(f.get(officer_of_qingdao, "/v1/tickets/3708-20261123-99999").status == 404);
  auto records = f.records();
  REQUIRE(records.size() == 1);
  CHECK(records[0].actor().user() == "zhang");
  CHECK(records[0].actor().unit() == "370200");
  CHECK(records[0].address() == "10.1.1.1");
  CHECK(records[0].request_id() == "r1");
  CHECK(records[0].object() == "get_ticket");
  CHECK(records[0].reason() == "not_found");
  CHECK_FALSE(records[0].done());

  // Another kind, another user and another address are records of their own.
  CHECK(f.get(officer_of_qingdao, "/v1/audit").status == 403);
  CHECK(f.get({"ROLE_OFFICER", "370200", "li"}, ticket).status == 404);
  CHECK(f.get(officer_of_qingdao, ticket, "10.1.1.2").status == 404);
  CHECK(f.records().size() == 4);
  // What may be seen is nobody's refusal.
  CHECK(f.get(officer_of_zoucheng, ticket).status == 200);
  CHECK(f.records().size() == 4);
}

TEST_CASE("who is refused too often is told nothing any more, and still does what is theirs") {
  refusals_fixture f({.of_user_max = 3});
  const std::string ticket = "/v1/tickets/" + f.base.dispatch_ticket();
  const std::string absent = "/v1/tickets/3708-20261123-99999";
  for (int i = 0; i < 3; ++i) CHECK(f.get(officer_of_zoucheng, absent).status == 404);
  const auto late = f.get(officer_of_zoucheng, absent);
  CHECK(late.status == 429);
  CHECK(late.header("Retry-After") != nullptr);
  CHECK(f.get(officer_of_zoucheng, ticket).status == 200);
  CHECK(f.get(officer_of_qingdao, absent).status == 404);
}

TEST_CASE("an address is bounded whoever asks, and what is remembered is bounded") {
  refusals_fixture f({.of_user_max = 100, .of_address_max = 4, .keys_max = 3});
  const std::string absent = "/v1/tickets/3708-20261123-99999";
  for (int i = 0; i < 4; ++i) {
    CHECK(f.get({"ROLE_OFFICER", "370200", "user" + std::to_string(i)}, absent).status == 404);
  }
  CHECK(f.get({"ROLE_OFFICER", "370200", "user9"}, absent).status == 429);
  CHECK(f.records().size() == 3);
}

TEST_CASE("the limits are those of the settings, and the usual ones where nothing is set") {
  v1::RefusalSettings settings;
  CHECK(refusal_limits_of(settings).of_user_max == 60);
  CHECK(refusal_limits_of(settings).of_address_max == 600);
  settings.set_user_per_minute_max(12);
  settings.set_address_per_minute_max(34);
  const auto limits = refusal_limits_of(settings);
  CHECK(limits.of_user_max == 12);
  CHECK(limits.of_address_max == 34);
  refusals_fixture f(limits);
  const std::string absent = "/v1/tickets/3708-20261123-99999";
  for (int i = 0; i < 12; ++i) CHECK(f.get(officer_of_qingdao, absent).status == 404);
  CHECK(f.get(officer_of_qingdao, absent).status == 429);
}

TEST_CASE("rules that say no to honest work are no refusals of this kind") {
  net::problem p;
  p.status = 409;
  p.code = "state_not_allowed";
  CHECK_FALSE(is_about_rights(p));
  p.status = 422;
  p.rule = "form.length";
  CHECK_FALSE(is_about_rights(p));
  p.rule = "form.read-only";
  CHECK(is_about_rights(p));
  p = {};
  p.status = 429;
  p.code = "sign_in_locked";
  CHECK(is_about_rights(p));
}

}  // namespace
}  // namespace hotline::gateway
