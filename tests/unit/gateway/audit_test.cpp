// GET /v1/audit: for the auditor only, newest first, by page.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

const sender auditor{"ROLE_AUDITOR", "370000", "audit"};

void record(gateway_fixture& f, const std::string& user, const std::string& action, instant at,
            const std::string& unit = {}) {
  v1::AuditRecord made;
  made.mutable_actor()->set_unit(unit);
  made.set_at(to_unix_ms(at));
  made.mutable_actor()->set_user(user);
  made.set_action(action);
  made.set_done(true);
  store::audit_log log(*f.redis.client, f.data_set());
  REQUIRE(f.redis.run(log.append(std::move(made))));
}

std::vector<std::string> actions(const net::response& answer) {
  std::vector<std::string> found;
  const auto body = parse(answer);
  if (const auto* records = body.as_object().if_contains("records"))
    for (const auto& one : records->as_array())
      found.emplace_back(one.as_object().at("action").as_string().c_str());
  return found;
}

TEST_CASE("only the auditor reads the audit records") {
  gateway_fixture f;
  record(f, "li", "session.create", f.clock.now());
  for (const auto* role :
       {"ROLE_OPERATOR", "ROLE_DISPATCHER", "ROLE_OFFICER", "ROLE_LEAD", "ROLE_SUPERVISOR",
        "ROLE_ADMINISTRATOR", "ROLE_SECURITY_ADMINISTRATOR"}) {
    const auto answer = f.get({role, "370000"}, "/v1/audit");
    CHECK(answer.status == 403);
    CHECK(answer.body.find("session.create") == std::string::npos);
  }
  CHECK(f.get(auditor, "/v1/audit").status == 200);
}

TEST_CASE("an auditor reads what was done in their part of the tree") {
  gateway_fixture f;
  record(f, "li", "user.change", f.clock.now(), "370883");
  record(f, "wang", "user.disable", f.clock.now(), "370102");
  record(f, "nobody", "session.refuse", f.clock.now());
  CHECK(actions(f.get(auditor, "/v1/audit")).size() == 3);
  CHECK(actions(f.get({"ROLE_AUDITOR", "370800", "city"}, "/v1/audit")) ==
        std::vector<std::string>{"user.change"});
  CHECK(actions(f.get({"ROLE_AUDITOR", "370881", "county"}, "/v1/audit")).empty());
}

TEST_CASE("records come newest first, filtered, page by page") {
  gateway_fixture f;
  const auto start = f.clock.now();
  for (int i = 0; i < 5; ++i)
    record(f, i % 2 == 0 ? "li" : "wang", fmt::format("user.change{}", i),
           start + std::chrono::minutes(i));
  record(f, "li", "session.create", start + std::chrono::minutes(9));
  CHECK(actions(f.get(auditor, "/v1/audit")).front() == "session.create");
  CHECK(actions(f.get(auditor, "/v1/audit?user=wang")) ==
        std::vector<std::string>{"user.change3", "user.change1"});
  CHECK(actions(f.get(auditor, "/v1/audit?action=user.&limit=200")).size() == 5);
  CHECK(actions(f.get(auditor, "/v1/audit?action=user.change2")).size() == 1);
  CHECK(actions(f.get(auditor, "/v1/audit?since=2026-11-23T09:03:00%2B08:00")).size() == 3);
  std::vector<std::string> all;
  std::string cursor;
  do {
    const auto answer =
        f.get(auditor, "/v1/audit?limit=4" + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(answer.status == 200);
    for (auto& one : actions(answer)) all.push_back(std::move(one));
    cursor = text_at(answer, "next_cursor");
  } while (!cursor.empty());
  CHECK(all.size() == 6);
}

TEST_CASE("bad parameters, and a record that cannot be read") {
  gateway_fixture f;
  CHECK(f.get(auditor, "/v1/audit?since=yesterday").status == 400);
  CHECK(f.get(auditor, "/v1/audit?cursor=nonsense").status == 400);
  CHECK(f.get(auditor, "/v1/audit?limit=0").status == 400);
  CHECK(f.get(auditor, "/v1/audit?colour=red").status == 400);
  REQUIRE(f.redis.exec("XADD", "{0000}:audit", "*", "e", "\xFF\xFF"));
  CHECK(actions(f.get(auditor, "/v1/audit?user=li")) ==
        std::vector<std::string>{"audit.unreadable"});
}

}  // namespace
}  // namespace hotline::gateway
