// Signing in, being signed in, signing out, over HTTP.
#include <doctest/doctest.h>

#include <fmt/core.h>

#include <boost/json/serialize.hpp>

#include "common/identity/token.hpp"
#include "common/identity/totp.hpp"
#include "tests/unit/gateway/identity_fixture.hpp"

namespace hotline::gateway {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a user signs in, acts under a post, and signs out") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER 370800/ROLE_SUPERVISOR");
  CHECK(f.verdict(f.send(net::method::get, "/v1/units", {})) == "401 sign_in_required");
  const auto answer = f.sign_in_as("wang");
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  const std::string token = text_at(answer, "token");
  CHECK(token.size() == 43);
  CHECK(*answer.header("Cache-Control") == "no-store");
  CHECK(answer.header("Set-Cookie") == nullptr);
  CHECK(text_at(answer, "restriction").empty());

  CHECK(f.get(token, "/v1/units").status == 200);
  CHECK(f.get(token, "/v1/queues/370800").status == 403);  // as 370883, the first post
  const net::field_list as_city{{"X-Hotline-Post", "370800/ROLE_SUPERVISOR"}};
  CHECK(f.get(token, "/v1/queues/370800", as_city).status == 200);
  CHECK(f.verdict(f.get(token, "/v1/units", {{"X-Hotline-Post", "370000/ROLE_SUPERVISOR"}})) ==
        "403 post_not_held");
  CHECK(f.verdict(f.get(token, "/v1/units", {{"X-Hotline-Post", "supervisor"}})) ==
        "400 parameter_malformed");

  const auto current = f.get(token, "/v1/sessions/current");
  CHECK(text_at(current, "user") == "wang");
  CHECK(text_at(current, "token").empty());
  CHECK(number_at(current, "idle_minutes") == 30);
  CHECK(f.send(net::method::delete_, "/v1/sessions/current", {{"Authorization", "Bearer " + token}})
            .status == 204);
  CHECK(f.verdict(f.get(token, "/v1/units")) == "401 sign_in_required");
  CHECK(f.audit() == "user.create session.create session.end session.check!");
}

TEST_CASE("headers do not say who acts") {
  identity_fixture f;
  CHECK(f.verdict(f.send(net::method::get, "/v1/units",
                         {{"X-Hotline-User", "admin"},
                          {"X-Hotline-Unit", "370000"},
                          {"X-Hotline-Role", "ROLE_ADMINISTRATOR"}})) == "401 sign_in_required");
}

TEST_CASE("whatever was wrong, the answer is the same, and the record knows") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  f.add("off", "370883/ROLE_OFFICER");
  identity::manager console;
  console.at_console = true;
  REQUIRE(f.run(f.world.desk.set_disabled(console, "off", 0, true, "left")));
  const auto refused = [&](const net::response& answer, std::string_view reason) {
    CHECK(f.last_reason() == reason);
    CHECK(answer.status == 401);
    auto body = parse(answer).as_object();
    body.erase("request_id");
    return boost::json::serialize(body);
  };
  const auto unknown = refused(f.sign_in_as("nobody"), "unknown user");
  CHECK(refused(f.sign_in_as("wang", "Rt7-kelmnO"), "wrong password") == unknown);
  CHECK(refused(f.sign_in_as("wang", ""), "wrong password") == unknown);
  CHECK(refused(f.sign_in_as("wang", std::string(500, 'x')), "wrong password") == unknown);
  CHECK(refused(f.sign_in_as("off"), "disabled or expired") == unknown);
  CHECK(refused(f.sign_in_as("Wang Fang"), "unknown user") == unknown);
  CHECK(unknown.find("wang") == std::string::npos);
  CHECK(f.sign_in_as("WANG").status == 201);  // a login name has no case
}

TEST_CASE("after five wrong passwords the right one does not help either") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  for (const std::string user : {"wang", "nobody"}) {
    for (int i = 0; i < 5; ++i) {
      CHECK(f.verdict(f.sign_in_as(user, "wrong")) == "401 credentials_wrong");
    }
    const auto locked = f.sign_in_as(user);
    CHECK(f.verdict(locked) == "429 sign_in_locked");
    CHECK(*locked.header("Retry-After") == "900");
  }
  f.world.real.set(f.world.real.now() + 15min, 0);
  CHECK(f.sign_in_as("wang").status == 201);
}

TEST_CASE("parallel guessing is counted exactly over HTTP") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  constexpr int guesses = 40;
  int wrong = 0;
  int locked_or_busy = 0;
  const auto guess = [&]() -> boost::asio::awaitable<void> {
    net::request r;
    r.verb = net::method::post;
    r.path = "/v1/sessions";
    r.target = r.path;
    r.headers = {{"Content-Type", "application/json"}};
    r.body = R"({"user":"wang","password":"wrong"})";
    r.peer = "10.0.0.1";
    r.request_id = "guess";
    const auto answer = co_await f.door->handle(r);
    ++(answer.status == 401 ? wrong : locked_or_busy);
  };
  for (int i = 0; i < guesses; ++i) {
    boost::asio::co_spawn(f.base.redis.context, guess(), [](std::exception_ptr) {});
  }
  test::run_until(f.base.redis.context, [&] { return wrong + locked_or_busy == guesses; });
  CHECK(wrong == 5);
}

TEST_CASE("a session ends by idleness and by age, and requests keep it awake") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  const std::string idle = f.token_of("wang");
  const std::string busy = f.token_of("wang");
  virtual_clock& real = f.world.real;
  const instant begin = real.now();
  real.set(begin + 29min, 0);
  CHECK(f.get(busy, "/v1/units").status == 200);
  real.set(begin + 30min, 0);
  CHECK(f.verdict(f.get(idle, "/v1/units")) == "401 sign_in_required");
  CHECK(f.get(busy, "/v1/units").status == 200);
  for (auto t = begin + 30min; t < begin + 12h; t += 20min) {
    real.set(t, 0);
    CHECK(f.get(busy, "/v1/units").status == 200);
  }
  real.set(begin + 12h, 0);
  CHECK(f.verdict(f.get(busy, "/v1/units")) == "401 sign_in_required");
  CHECK(f.run(f.world.people.sweep_sessions(real.now(), 100)) == 2);
}

TEST_CASE("forged, foreign and ended tokens are refused alike, limited, and recorded once") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  const std::string good = f.token_of("wang");
  f.poll();
  CHECK(f.get(good, "/v1/units").status == 200);
  std::string altered = good;
  altered[5] = altered[5] == 'A' ? 'B' : 'A';
  for (const std::string& token :
       {altered, identity::session_id_of(good), std::string("x"), identity::new_token()}) {
    CHECK(f.verdict(f.get(token, "/v1/units")) == "401 sign_in_required");
  }
  CHECK(*f.get(altered, "/v1/units").header("WWW-Authenticate") == "Bearer");
  for (int i = 0; i < failure_limit::failures_max; ++i) f.get(altered, "/v1/units");
  CHECK(f.verdict(f.get(altered, "/v1/units")) == "429 too_many_requests");
  CHECK(f.get(good, "/v1/units").status == 200);  // known already
  CHECK(f.audit() == "user.create session.create session.check!");
}

TEST_CASE("a browser's session is a cookie with its rules") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  const std::string body =
      fmt::format(R"({{"user":"wang","password":"{}","cookie":true}})", good_password);
  const auto begin = [&](net::field_list headers) {
    headers.emplace_back("Content-Type", "application/json");
    return f.send(net::method::post, "/v1/sessions", std::move(headers), body);
  };
  CHECK(f.verdict(begin({})) == "403 cross_site");
  CHECK(f.verdict(begin({{"X-Hotline-Request", "1"}, {"Origin", "https://evil.example"}})) ==
        "403 cross_site");
  const auto answer = begin({{"X-Hotline-Request", "1"}, {"Sec-Fetch-Site", "same-origin"}});
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  CHECK(text_at(answer, "token").empty());
  const std::string set = *answer.header("Set-Cookie");
  const std::string cookie = set.substr(0, set.find(';'));

  const auto with = [&](net::method verb, std::string target, net::field_list more) {
    more.emplace_back("Cookie", cookie);
    return f.send(verb, std::move(target), std::move(more));
  };
  CHECK(with(net::method::get, "/v1/units", {}).status == 200);
  CHECK(f.verdict(with(net::method::get, "/v1/units", {{"Sec-Fetch-Site", "cross-site"}})) ==
        "403 cross_site");
  CHECK(f.last_reason() == "from another site");
  CHECK(f.verdict(with(net::method::delete_, "/v1/sessions/current", {})) == "403 cross_site");
  const auto ended =
      with(net::method::delete_, "/v1/sessions/current", {{"X-Hotline-Request", "1"}});
  CHECK(ended.status == 204);
  CHECK(ended.header("Set-Cookie")->ends_with("Max-Age=0"));
  CHECK(with(net::method::get, "/v1/units", {}).status == 401);

  f.world.options.cookies = false;
  CHECK(f.verdict(begin({{"X-Hotline-Request", "1"}})) == "422 cookies_off");
}

TEST_CASE("a password from somebody else is changed before anything else") {
  identity_fixture f;
  f.add("sec", "370000/ROLE_SECURITY_ADMINISTRATOR", "370000");
  f.add("wang", "370883/ROLE_OFFICER");
  const auto reset = f.post(f.token_of("sec"), "/v1/users/wang:reset-password", "{}");
  REQUIRE_MESSAGE(reset.status == 200, reset.body);
  const std::string first = text_at(reset, "password");
  const auto answer = f.sign_in_as("wang", first);
  REQUIRE(answer.status == 201);
  CHECK(text_at(answer, "restriction") == "password_change");
  const std::string token = text_at(answer, "token");
  CHECK(f.verdict(f.get(token, "/v1/units")) == "403 password_change_required");
  const auto change = [&](std::string_view old, std::string_view next) {
    return f.verdict(
        f.post(token, "/v1/users/me:change-password",
               fmt::format(R"({{"old_password":"{}","new_password":"{}"}})", old, next)));
  };
  CHECK(change("wrong", "Uv8-bcdfgh") == "401 credentials_wrong");
  CHECK(change(first, "short") == "422 invalid");
  CHECK(change(first, first) == "422 invalid");
  CHECK(change(first, good_password) == "422 invalid");  // used before
  CHECK(change(first, "Uv8-bcdfgh") == "204");
  CHECK(f.verdict(f.get(token, "/v1/units")) == "401 sign_in_required");
  const auto again = f.sign_in_as("wang", "Uv8-bcdfgh");
  REQUIRE(again.status == 201);
  CHECK(f.get(text_at(again, "token"), "/v1/units").status == 200);
}

TEST_CASE("a page chooses its post for a socket in the query, where no header can be sent") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER 370800/ROLE_LEAD");
  net::request asked;
  asked.headers = {{"Authorization", "Bearer " + f.token_of("wang")}};
  const auto unit_for = [&](net::field_list query) {
    asked.query = std::move(query);
    const auto who = f.run(f.world.who.authenticate(asked, needed::post));
    return who ? who->actor.unit() : who.error().code;
  };
  CHECK(unit_for({}) == "370883");
  CHECK(unit_for({{"post", "370800/ROLE_LEAD"}}) == "370800");
  CHECK(unit_for({{"post", "370100/ROLE_LEAD"}}) == "post_not_held");
  CHECK(unit_for({{"post", "lead"}}) == "parameter_malformed");
}

TEST_CASE("the code that confirms a second factor cannot be guessed") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  const std::string token = f.token_of("wang");
  const auto enrolled = f.post(token, "/v1/users/me:enrol-totp",
                               fmt::format(R"({{"password":"{}"}})", good_password));
  REQUIRE_MESSAGE(enrolled.status == 200, enrolled.body);
  const auto secret = identity::from_base32(text_at(enrolled, "secret"));
  REQUIRE(secret);
  const auto code = identity::totp_code(*secret, identity::totp_step(f.world.real.now()));
  const auto confirm = [&](const std::string& given) {
    return f.verdict(
        f.post(token, "/v1/users/me:confirm-totp", fmt::format(R"({{"code":"{}"}})", given)));
  };
  for (int i = 0; i < f.world.options.tries_max; ++i) {
    CHECK(confirm(code == "000000" ? "000001" : "000000") == "422 code_wrong");
  }
  CHECK(f.audit().ends_with("user.confirm-totp!"));
  CHECK(confirm(code) == "429 sign_in_locked");  // even the right one
}

TEST_CASE("a second factor is enrolled, asked for, and each code is good once") {
  identity_fixture f;
  f.world.options.totp_roles = {v1::ROLE_OFFICER};
  f.add("wang", "370883/ROLE_OFFICER");
  virtual_clock& real = f.world.real;
  const std::string token = f.token_of("wang");
  CHECK(f.verdict(f.get(token, "/v1/units")) == "403 totp_enrolment_required");
  CHECK(f.verdict(f.post(token, "/v1/users/me:enrol-totp", R"({"password":"wrong"})")) ==
        "401 credentials_wrong");
  CHECK(f.verdict(f.post(token, "/v1/users/me:confirm-totp", R"({"code":"000000"})")) ==
        "409 totp_not_begun");
  const auto enrolled = f.post(token, "/v1/users/me:enrol-totp",
                               fmt::format(R"({{"password":"{}"}})", good_password));
  REQUIRE_MESSAGE(enrolled.status == 200, enrolled.body);
  const auto secret = identity::from_base32(text_at(enrolled, "secret"));
  REQUIRE(secret);
  CHECK(f.user("wang").totp().pending_secret().find(*secret) == std::string::npos);
  const auto code = [&](int steps = 0) {
    return identity::totp_code(*secret, identity::totp_step(real.now()) + steps);
  };
  const std::string wrong = code() == "000000" ? "000001" : "000000";
  CHECK(f.verdict(f.post(token, "/v1/users/me:confirm-totp",
                         fmt::format(R"({{"code":"{}"}})", wrong))) == "422 code_wrong");
  CHECK(f.last_reason() == "wrong code");
  CHECK(f.verdict(f.post(token, "/v1/users/me:confirm-totp",
                         fmt::format(R"({{"code":"{}"}})", code()))) == "204");

  CHECK(f.verdict(f.sign_in_as("wang")) == "401 credentials_wrong");
  CHECK(f.last_reason() == "wrong code");
  CHECK(f.verdict(f.sign_in_as("wang", good_password, code())) == "401 credentials_wrong");
  CHECK(f.last_reason() == "code used before");  // it confirmed the enrolment
  real.set(real.now() + 30s, 0);
  const auto answer = f.sign_in_as("wang", good_password, code());
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  CHECK(f.get(text_at(answer, "token"), "/v1/units").status == 200);
  CHECK(f.verdict(f.sign_in_as("wang", good_password, code())) == "401 credentials_wrong");
  CHECK(f.verdict(f.sign_in_as("wang", good_password, code(-1))) == "401 credentials_wrong");
}

TEST_CASE("bad sign-in requests are refused for their form") {
  identity_fixture f;
  const auto send = [&](std::string body, std::string type = "application/json") {
    return f.verdict(
        f.send(net::method::post, "/v1/sessions", {{"Content-Type", type}}, std::move(body)));
  };
  CHECK(send("{") == "400 body_malformed");
  CHECK(send(R"({"user":"x","admin":true})") == "400 field_malformed");
  CHECK(send(R"({"user":["x"]})") == "400 field_malformed");
  CHECK(send("user=x", "application/x-www-form-urlencoded") == "415 media_type_not_supported");
  CHECK(send("{}") == "401 credentials_wrong");
}

}  // namespace
}  // namespace hotline::gateway
