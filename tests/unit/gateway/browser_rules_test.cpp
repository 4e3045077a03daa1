// Tokens, cookies, and requests another site made a browser send.
#include "services/gateway/browser_rules.hpp"

#include <doctest/doctest.h>

#include "services/gateway/failure_limit.hpp"

namespace hotline::gateway {
namespace {

net::request with(net::field_list headers, net::method verb = net::method::post) {
  net::request r;
  r.verb = verb;
  r.headers = std::move(headers);
  return r;
}

std::string token_of(net::field_list headers) {
  const net::request r = with(std::move(headers));
  const auto found = find_token(r);
  return found ? (found->cookie ? "cookie " : "bearer ") + std::string(found->token) : "";
}

TEST_CASE("a token comes as bearer or in the one session cookie") {
  CHECK(token_of({{"Authorization", "Bearer abc"}}) == "bearer abc");
  CHECK(token_of({{"Authorization", "Basic abc"}}).empty());
  CHECK(token_of({{"Authorization", "bearer abc"}}).empty());
  CHECK(token_of({{"Cookie", "__Host-sid=abc"}}) == "cookie abc");
  CHECK(token_of({{"Cookie", "a=1; __Host-sid=abc; b=2"}}) == "cookie abc");
  CHECK(token_of({{"Cookie", "x__Host-sid=abc"}}).empty());
  CHECK(token_of({{"Cookie", "__Host-sid2=abc"}}).empty());
  CHECK(token_of({{"Cookie", "sid=abc"}}).empty());
  // Somebody planted a second one: neither is believed.
  CHECK(token_of({{"Cookie", "__Host-sid=abc; __Host-sid=def"}}).empty());
  CHECK(token_of({{"Cookie", "__Host-sid=abc"}, {"Authorization", "Bearer def"}}) == "bearer def");
  CHECK(token_of({}).empty());
}

TEST_CASE("a request from another site is told by what only browsers write") {
  const auto foreign = [](net::field_list headers, bool tls = true) {
    headers.emplace_back("Host", "hotline.example");
    return is_from_another_site(with(std::move(headers)), tls);
  };
  CHECK_FALSE(foreign({}));
  CHECK_FALSE(foreign({{"Origin", "https://hotline.example"}}));
  CHECK_FALSE(foreign({{"Sec-Fetch-Site", "same-origin"}}));
  CHECK(foreign({{"Origin", "https://evil.example"}}));
  CHECK(foreign({{"Origin", "null"}}));
  CHECK(foreign({{"Origin", "https://hotline.example.evil.example"}}));
  CHECK(foreign({{"Origin", "https://hotline.example:8443"}}));
  CHECK(foreign({{"Origin", "http://hotline.example"}}));
  CHECK_FALSE(foreign({{"Origin", "http://hotline.example"}}, false));
  for (const char* site : {"cross-site", "same-site", "none"}) {
    CHECK(foreign({{"Sec-Fetch-Site", site}}));
    CHECK(foreign({{"Sec-Fetch-Site", site}, {"Origin", "https://hotline.example"}}));
  }
}

TEST_CASE("with a cookie, a change needs the header no other site can send") {
  const auto fine = [](net::method verb, net::field_list headers) {
    headers.emplace_back("Host", "hotline.example");
    const auto checked = check_cookie_request(with(std::move(headers), verb), true);
    if (!checked) CHECK(checked.error().code == "cross_site");
    return checked.has_value();
  };
  CHECK(fine(net::method::get, {}));
  CHECK_FALSE(fine(net::method::get, {{"Origin", "https://evil.example"}}));
  for (const net::method verb :
       {net::method::post, net::method::put, net::method::patch, net::method::delete_}) {
    CHECK_FALSE(fine(verb, {}));
    CHECK_FALSE(fine(verb, {{"X-Hotline-Request", "0"}}));
    CHECK_FALSE(fine(verb, {{"Origin", "https://hotline.example"}}));
    CHECK(fine(verb, {{"X-Hotline-Request", "1"}}));
    CHECK_FALSE(fine(verb, {{"X-Hotline-Request", "1"}, {"Origin", "https://evil.example"}}));
    CHECK_FALSE(fine(verb, {{"X-Hotline-Request", "1"}, {"Sec-Fetch-Site", "cross-site"}}));
  }
}

TEST_CASE("the cookie is bound to this host and out of reach of scripts") {
  CHECK(session_cookie("abc") == "__Host-sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict");
  CHECK(session_cookie("").ends_with("; Max-Age=0"));
}

TEST_CASE("unknown tokens are limited by address and window, and recorded once") {
  failure_limit limit;
  const auto now = std::chrono::steady_clock::time_point(std::chrono::hours(1));
  CHECK(limit.count("10.0.0.1", now));
  for (int i = 1; i < failure_limit::failures_max; ++i) {
    CHECK_FALSE(limit.reached("10.0.0.1", now));
    CHECK_FALSE(limit.count("10.0.0.1", now));
  }
  CHECK(limit.reached("10.0.0.1", now));
  CHECK_FALSE(limit.reached("10.0.0.2", now));
  CHECK_FALSE(limit.reached("10.0.0.1", now + failure_limit::window));
  CHECK(limit.count("10.0.0.1", now + failure_limit::window));
}

}  // namespace
}  // namespace hotline::gateway
