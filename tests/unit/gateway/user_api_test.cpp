// Managing users over HTTP.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "tests/unit/gateway/identity_fixture.hpp"

namespace hotline::gateway {
namespace {

std::string create_body(const std::string& id, const std::string& unit, const std::string& role) {
  return fmt::format(
      R"({{"id":"{}","name":"王芳","unit":"{}","posts":[{{"unit":"{}","role":"{}"}}]}})", id, unit,
      unit, role);
}

struct desk_fixture : identity_fixture {
  desk_fixture() {
    add("sec", "370000/ROLE_SECURITY_ADMINISTRATOR", "370000");
    add("county-sec", "370883/ROLE_SECURITY_ADMINISTRATOR", "370883");
    add("wang", "370883/ROLE_OFFICER");
    add("prov", "370000/ROLE_SUPERVISOR", "370000");
    sec = token_of("sec");
    county = token_of("county-sec");
  }
  std::string sec;
  std::string county;
};

TEST_CASE("a security administrator makes users, who then sign in") {
  desk_fixture f;
  const auto made = f.post(f.sec, "/v1/users", create_body("zhao", "370883", "ROLE_LEAD"));
  REQUIRE_MESSAGE(made.status == 201, made.body);
  CHECK(*made.header("ETag") == "\"1\"");
  CHECK(text_at(made, "user.id") == "zhao");
  CHECK(made.body.find("argon2") == std::string::npos);
  const auto first = f.sign_in_as("zhao", text_at(made, "password"));
  CHECK(text_at(first, "restriction") == "password_change");
  CHECK(f.verdict(f.post(f.sec, "/v1/users", create_body("zhao", "370883", "ROLE_LEAD"))) ==
        "409 exists");
  const auto shown = f.get(f.sec, "/v1/users/zhao");
  CHECK(text_at(shown, "password").empty());
  CHECK(shown.body.find("argon2") == std::string::npos);
}

TEST_CASE("nobody reaches above or beside their own subtree, or themselves") {
  desk_fixture f;
  const auto create = [&](const std::string& token, const std::string& unit,
                          const std::string& role) {
    return f.verdict(f.post(token, "/v1/users", create_body("new-one", unit, role)));
  };
  CHECK(create(f.county, "370000", "ROLE_OPERATOR") == "403 not_allowed");
  CHECK(create(f.county, "370800", "ROLE_OFFICER") == "403 not_allowed");
  CHECK(create(f.county, "370102", "ROLE_OFFICER") == "403 not_allowed");
  CHECK(create(f.sec, "370883", "ROLE_SYSTEM") == "422 invalid");
  CHECK(create(f.token_of("wang"), "370883", "ROLE_OFFICER") == "403 not_allowed");
  CHECK(create(f.token_of("prov"), "370883", "ROLE_OFFICER") == "403 not_allowed");

  // Seen only where there is a part in the subtree; a foreign user is not told from none.
  CHECK(f.get(f.county, "/v1/users/wang").status == 200);
  CHECK(f.verdict(f.get(f.county, "/v1/users/prov")) == "404 not_found");
  CHECK(f.verdict(f.get(f.county, "/v1/users/none")) == "404 not_found");
  CHECK(f.verdict(f.get(f.token_of("wang"), "/v1/users/wang")) == "403 not_allowed");
  CHECK(f.verdict(f.post(f.county, "/v1/users/prov:disable", "{}")) == "404 not_found");

  CHECK(f.verdict(f.post(f.sec, "/v1/users/sec:change",
                         R"({"name":"我","unit":"370000","posts":[
      {"unit":"370000","role":"ROLE_SECURITY_ADMINISTRATOR"},
      {"unit":"370000","role":"ROLE_OPERATOR"}]})")) == "403 not_allowed");
  CHECK(f.verdict(f.post(f.sec, "/v1/users/sec:reset-password", "{}")) == "403 not_allowed");
  CHECK(f.verdict(f.post(f.county, "/v1/users/wang:change",
                         R"({"name":"王芳","unit":"370883","posts":[
      {"unit":"370000","role":"ROLE_OPERATOR"}]})")) == "403 not_allowed");
  CHECK(f.user("wang").posts(0).unit() == "370883");
  CHECK(f.audit().ends_with("user.change!"));
}

TEST_CASE("nobody is two of the three administrators") {
  desk_fixture f;
  CHECK(f.verdict(f.post(f.sec, "/v1/users/wang:change",
                         R"({"name":"王芳","unit":"370883","posts":[
      {"unit":"370883","role":"ROLE_ADMINISTRATOR"},
      {"unit":"370883","role":"ROLE_AUDITOR"}]})")) == "422 invalid");
}

TEST_CASE("a change takes the expected version and shows at once") {
  desk_fixture f;
  const std::string token = f.token_of("wang");
  CHECK(f.get(token, "/v1/units").status == 200);
  const std::string order = R"({"name":"王芳","unit":"370883","reason":"轮岗","posts":[
      {"unit":"370883","role":"ROLE_LEAD"}]})";
  CHECK(f.verdict(f.post(f.sec, "/v1/users/wang:change", order, {{"If-Match", "\"7\""}})) ==
        "409 conflict");
  const auto changed = f.post(f.sec, "/v1/users/wang:change", order, {{"If-Match", "\"1\""}});
  REQUIRE_MESSAGE(changed.status == 200, changed.body);
  CHECK(*changed.header("ETag") == "\"2\"");
  f.poll();
  CHECK(f.verdict(f.get(token, "/v1/units", {{"X-Hotline-Post", "370883/ROLE_OFFICER"}})) ==
        "403 post_not_held");
  CHECK(f.get(token, "/v1/units", {{"X-Hotline-Post", "370883/ROLE_LEAD"}}).status == 200);
}

TEST_CASE("disabling, ending sessions and resetting end what was open") {
  desk_fixture f;
  for (const char* verb : {"disable", "end-sessions", "reset-password", "reset-totp"}) {
    CAPTURE(verb);
    const std::string id = "user-" + std::string(verb);
    f.add(id, "370883/ROLE_OFFICER");
    const std::string token = f.token_of(id);
    CHECK(f.get(token, "/v1/units").status == 200);
    const auto done = f.post(f.county, "/v1/users/" + id + ":" + verb, R"({"reason":"离职"})");
    REQUIRE_MESSAGE(done.status == 200, done.body);
    f.poll();
    CHECK(f.get(token, "/v1/units").status == 401);
  }
  CHECK(f.sign_in_as("user-disable").status == 401);
  CHECK(f.post(f.county, "/v1/users/user-disable:enable", "{}").status == 200);
  CHECK(f.sign_in_as("user-disable").status == 201);
  CHECK(f.sign_in_as("user-end-sessions").status == 201);
}

TEST_CASE("a locked account is unlocked by its administrator") {
  desk_fixture f;
  for (int i = 0; i < 5; ++i) f.sign_in_as("wang", "wrong");
  CHECK(f.sign_in_as("wang").status == 429);
  CHECK(f.post(f.county, "/v1/users/wang:unlock", "{}").status == 200);
  CHECK(f.sign_in_as("wang").status == 201);
}

TEST_CASE("lists show the subtree, in pages") {
  desk_fixture f;
  const auto ids = [&](const std::string& token, const std::string& query) {
    std::string out;
    std::string cursor;
    for (int page = 0; page < 20; ++page) {
      const auto answer =
          f.get(token, "/v1/users?limit=2" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
      REQUIRE_MESSAGE(answer.status == 200, answer.body);
      const auto body = parse(answer);
      if (const auto* users = body.as_object().if_contains("users")) {
        for (const auto& user : users->as_array()) {
          out += std::string(user.at("id").as_string()) + " ";
        }
      }
      cursor = text_at(answer, "next_cursor");
      if (cursor.empty()) break;
    }
    return out;
  };
  CHECK(ids(f.sec, "") == "county-sec prov sec wang ");
  CHECK(ids(f.county, "") == "county-sec wang ");
  CHECK(ids(f.sec, "&unit=370800") == "county-sec wang ");
  CHECK(f.get(f.sec, "/v1/users?cursor=%27").status == 400);
  CHECK(f.get(f.token_of("wang"), "/v1/users").status == 403);
}

}  // namespace
}  // namespace hotline::gateway
