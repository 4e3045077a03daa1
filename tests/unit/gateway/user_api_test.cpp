// Managing users over HTTP.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <boost/json/serialize.hpp>

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

/// Everything but the password, which is shown once.
std::string body_without_password(const net::response& answer) {
  auto body = parse(answer).as_object();
  body.erase("password");
  return boost::json::serialize(body);
}

TEST_CASE("a repeated request about a user has one effect and the same answer, but no password") {
  desk_fixture f;
  const std::string body = create_body("zhao", "370883", "ROLE_LEAD");
  const auto once = [&](const std::string& path, const std::string& order,
                        const std::string& name) {
    return f.post_with_key(f.sec, path, order, name);
  };
  const auto made = once("/v1/users", body, "create-zhao");
  REQUIRE_MESSAGE(made.status == 201, made.body);
  CHECK_FALSE(text_at(made, "password").empty());
  const auto again = once("/v1/users", body, "create-zhao");
  CHECK(again.status == 201);
  CHECK(text_at(again, "password").empty());
  CHECK(*again.header("Idempotency-Replayed") == "true");
  CHECK(*again.header("ETag") == *made.header("ETag"));
  CHECK(body_without_password(again) == body_without_password(made));
  CHECK(f.verdict(once("/v1/users", create_body("qian", "370883", "ROLE_LEAD"), "create-zhao")) ==
        "422 key_reused");
  CHECK(f.verdict(once("/v1/users/zhao:disable", "{}", "create-zhao")) == "422 key_reused");
  CHECK(f.verdict(f.get(f.sec, "/v1/users/qian")) == "404 not_found");

  const auto reset = once("/v1/users/zhao:reset-password", "{}", "reset-zhao");
  REQUIRE(reset.status == 200);
  const auto password = text_at(reset, "password");
  CHECK_FALSE(password.empty());
  CHECK(text_at(once("/v1/users/zhao:reset-password", "{}", "reset-zhao"), "password").empty());
  // The repeat has not made another one.
  CHECK(text_at(f.sign_in_as("zhao", password), "restriction") == "password_change");

  for (const char* verb : {"disable", "enable", "reset-totp", "end-sessions", "unlock"}) {
    const auto path = fmt::format("/v1/users/zhao:{}", verb);
    const auto first = once(path, R"({"reason":"测试"})", verb);
    const auto audited = f.audit();
    const auto second = once(path, R"({"reason":"测试"})", verb);
    CHECK(first.status == 200);
    CHECK(second.body == first.body);
    CHECK(f.audit() == audited);
    CHECK(f.verdict(once(path, R"({"reason":"另"})", verb)) == "422 key_reused");
  }
  // What was kept of the requests has no password in it.
  const auto kept = f.base.redis.exec("HGETALL", "{0000}:idem:20261123");
  REQUIRE(kept.has_value());
  CHECK(kept->size() > 0);
  for (const auto& part : kept->array()) {
    CHECK(part.string().find(password) == std::string_view::npos);
    CHECK(part.string().find(text_at(made, "password")) == std::string_view::npos);
  }
}

TEST_CASE("of repeats that come at once one makes the user, and one is shown the password") {
  desk_fixture f;
  const auto answers =
      f.post_at_once(f.sec, "/v1/users", create_body("zhao", "370883", "ROLE_LEAD"), "key-zhao", 6);
  int shown = 0;
  for (const auto& answer : answers) {
    CHECK_MESSAGE(answer.status == 201, answer.body);
    if (!text_at(answer, "password").empty()) ++shown;
    CHECK(body_without_password(answer) == body_without_password(answers[0]));
  }
  CHECK(shown == 1);
  CHECK(f.user("zhao").version() == 1);
}

TEST_CASE("a request about a user without a key is refused") {
  desk_fixture f;
  const auto answer =
      f.send(net::method::post, "/v1/users/wang:disable",
             {{"Authorization", "Bearer " + f.sec}, {"Content-Type", "application/json"}}, "{}");
  CHECK(answer.status == 400);
  CHECK(f.user("wang").version() == 1);
}

}  // namespace
}  // namespace hotline::gateway
