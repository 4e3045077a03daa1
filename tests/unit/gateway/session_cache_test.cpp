// What a gateway thread remembers of sessions, and how soon it forgets.
#include "services/gateway/session_cache.hpp"

#include <doctest/doctest.h>

#include "tests/unit/gateway/identity_fixture.hpp"

namespace hotline::gateway {
namespace {

using namespace std::chrono_literals;

/// Commands Redis has answered so far.
std::int64_t commands(identity_fixture& f) {
  const auto info = f.base.redis.exec("INFO", "stats");
  REQUIRE(info);
  constexpr std::string_view name = "total_commands_processed:";
  const std::string text(info->string());
  return std::stoll(text.substr(text.find(name) + name.size()));
}

TEST_CASE("a known session costs Redis nothing, and its use is written once a minute") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  const std::string token = f.token_of("wang");
  f.poll();
  CHECK(f.get(token, "/v1/units").status == 200);
  const auto before = commands(f);
  for (int i = 0; i < 50; ++i) CHECK(f.get(token, "/v1/units").status == 200);
  CHECK(commands(f) - before == 1);  // the second INFO
  f.world.real.set(f.world.real.now() + 61s, 0);
  for (int i = 0; i < 50; ++i) CHECK(f.get(token, "/v1/units").status == 200);
  CHECK(commands(f) - before <= 2 + 3);  // FCALL and the commands within it
}

TEST_CASE("what a known session costs the gateway's thread") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  net::request r;
  r.verb = net::method::post;
  r.headers = {{"Host", "hotline.example"},
               {"Content-Type", "application/json"},
               {"Authorization", "Bearer " + f.token_of("wang")}};
  f.poll();
  constexpr int requests = 20'000;
  int known = 0;
  const auto ask = [&]() -> boost::asio::awaitable<void> {
    for (int i = 0; i < requests; ++i) {
      const auto who = co_await f.world.who.authenticate(r, needed::post);
      known += who ? 1 : 0;
    }
  };
  const auto begin = steady_now();
  f.run(ask());
  const std::chrono::duration<double, std::micro> took = steady_now() - begin;
  const double each = took.count() / requests;
  MESSAGE(each, " us for a request");
  CHECK(known == requests);
}

TEST_CASE("a right withdrawn elsewhere holds no longer than the next look") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  const std::string token = f.token_of("wang");
  CHECK(f.get(token, "/v1/units").status == 200);
  const auto who = f.run(f.world.who.authenticate(
      [&] {
        net::request r;
        r.headers = {{"Authorization", "Bearer " + token}};
        return r;
      }(),
      needed::post));
  REQUIRE(who);
  CHECK(f.run(f.world.who.is_valid(*who)));

  // By another process: this thread is not told.
  identity_world elsewhere(f.base);
  identity::manager console;
  console.at_console = true;
  v1::Post post;
  post.set_unit("370883");
  post.set_role(v1::ROLE_OFFICER);
  REQUIRE(f.run(elsewhere.desk.revoke(console, "wang", post)));
  f.poll();
  CHECK(identity_fixture::verdict(f.get(token, "/v1/units")) == "403 post_not_held");
  CHECK_FALSE(f.run(f.world.who.is_valid(*who)));
  CHECK(f.get(token, "/v1/sessions/current").status == 200);

  REQUIRE(f.run(elsewhere.desk.end_sessions(console, "wang", 0, "lost phone")));
  f.poll();
  CHECK(f.get(token, "/v1/sessions/current").status == 401);
}

TEST_CASE("an open connection's session is looked at without keeping it awake") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  const std::string token = f.token_of("wang");
  net::request r;
  r.headers = {{"Authorization", "Bearer " + token}};
  const auto who = f.run(f.world.who.authenticate(r, needed::post));
  REQUIRE(who);
  const instant begin = f.world.real.now();
  f.world.real.set(begin + 20min, 0);
  CHECK(f.run(f.world.who.is_valid(*who)));
  f.world.real.set(begin + 30min, 0);
  CHECK_FALSE(f.run(f.world.who.is_valid(*who)));
  visitor other = *who;
  other.actor.set_user("li");
  CHECK_FALSE(f.run(f.world.who.is_valid(other)));
  other = *who;
  other.session = "x";
  CHECK_FALSE(f.run(f.world.who.is_valid(other)));
}

TEST_CASE("when Redis cannot be asked for a second nothing is believed any more") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  const std::string token = f.token_of("wang");
  CHECK(f.get(token, "/v1/units").status == 200);
  f.base.redis.client->stop();
  f.poll();  // fails
  test::run_until(f.base.redis.context, [&, begin = steady_now()] {
    return steady_now() - begin > session_cache::blind_max;
  });
  CHECK(f.get(token, "/v1/units").status == 503);
}

TEST_CASE("use on another thread keeps a session alive here") {
  identity_fixture f;
  f.add("wang", "370883/ROLE_OFFICER");
  const std::string token = f.token_of("wang");
  CHECK(f.get(token, "/v1/units").status == 200);
  const instant begin = f.world.real.now();
  const std::string id = text_at(f.get(token, "/v1/sessions/current"), "id");
  f.world.real.set(begin + 29min, 0);
  REQUIRE(f.run(f.world.people.touch_session(id, f.world.real.now())));
  f.world.real.set(begin + 40min, 0);
  CHECK(f.get(token, "/v1/units").status == 200);
}

}  // namespace
}  // namespace hotline::gateway
