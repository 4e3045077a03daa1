// What a user may do at an instant.
#include "common/identity/standing.hpp"

#include <doctest/doctest.h>

namespace hotline::identity {
namespace {

using namespace std::chrono_literals;

constexpr instant now = from_unix_ms(1'795'395'600'000);

v1::User user() {
  v1::User made;
  made.set_id("li");
  made.set_kind(v1::USER_KIND_PERSON);
  made.set_session_generation(3);
  made.mutable_password()->set_set_at(to_unix_ms(now - 24h));
  auto& post = *made.add_posts();
  post.set_unit("370883");
  post.set_role(v1::ROLE_OFFICER);
  auto& later = *made.add_posts();
  later.set_unit("370800");
  later.set_role(v1::ROLE_LEAD);
  later.set_valid_from_at(to_unix_ms(now + 1h));
  later.set_valid_until_at(to_unix_ms(now + 2h));
  return made;
}

v1::Session session() {
  v1::Session made;
  made.set_user("li");
  made.set_generation(3);
  made.set_ends_at(to_unix_ms(now + 1h));
  return made;
}

std::string acting(const v1::User& u, instant at, std::string_view wish = {}) {
  const auto wished = wish.empty() ? std::nullopt : read_post(wish);
  const auto actor = actor_of(u, wished ? &*wished : nullptr, at);
  return actor ? actor->unit() + "/" + v1::Role_Name(actor->role()) : "";
}

TEST_CASE("posts are in force from their begin until before their end") {
  const v1::User u = user();
  CHECK(posts_in_force(u, now).size() == 1);
  CHECK(posts_in_force(u, now + 1h - 1ms).size() == 1);
  CHECK(posts_in_force(u, now + 1h).size() == 2);
  CHECK(posts_in_force(u, now + 2h - 1ms).size() == 2);
  CHECK(posts_in_force(u, now + 2h).size() == 1);
  CHECK(acting(u, now) == "370883/ROLE_OFFICER");
  CHECK(acting(u, now, "370800/ROLE_LEAD").empty());
  CHECK(acting(u, now + 1h, "370800/ROLE_LEAD") == "370800/ROLE_LEAD");
  CHECK(acting(u, now, "370883/ROLE_LEAD").empty());
  CHECK(acting(u, now, "370800/ROLE_OFFICER").empty());
}

TEST_CASE("a user who is disabled or whose time is over has no post") {
  v1::User u = user();
  u.set_valid_until_at(to_unix_ms(now));
  CHECK(is_valid(u, now - 1ms));
  CHECK_FALSE(is_valid(u, now));
  CHECK(acting(u, now).empty());
  u = user();
  u.set_disabled(true);
  CHECK_FALSE(is_valid(u, now));
  CHECK(posts_in_force(u, now).empty());
}

TEST_CASE("a session lives by its stored times, its generation and its user") {
  const identity_options options;
  CHECK(is_alive(session(), now, user(), options, now));
  CHECK(is_alive(session(), now - 30min + 1ms, user(), options, now));
  CHECK_FALSE(is_alive(session(), now - 30min, user(), options, now));
  v1::Session over = session();
  over.set_ends_at(to_unix_ms(now));
  CHECK_FALSE(is_alive(over, now, user(), options, now));
  v1::Session old = session();
  old.set_generation(2);
  CHECK_FALSE(is_alive(old, now, user(), options, now));
  v1::Session foreign = session();
  foreign.set_user("wang");
  CHECK_FALSE(is_alive(foreign, now, user(), options, now));
  v1::User disabled = user();
  disabled.set_disabled(true);
  CHECK_FALSE(is_alive(session(), now, disabled, options, now));
}

TEST_CASE("a password from somebody else or too old is changed before anything else") {
  identity_options options;
  v1::User u = user();
  CHECK(restriction_of(u, options, now).empty());
  u.mutable_password()->set_must_change(true);
  CHECK(restriction_of(u, options, now) == "password_change");
  u = user();
  u.mutable_password()->set_set_at(to_unix_ms(now - 90 * 24h));
  CHECK(restriction_of(u, options, now) == "password_change");
  CHECK(restriction_of(u, options, now - 1ms).empty());
  options.password.age_max = 0ms;
  CHECK(restriction_of(u, options, now).empty());
  u.set_kind(v1::USER_KIND_MACHINE);
  u.mutable_password()->set_must_change(true);
  CHECK(restriction_of(u, options, now).empty());
}

TEST_CASE("a role that needs a second factor is not acted in without one") {
  identity_options options;
  options.totp_roles = {v1::ROLE_OFFICER};
  v1::User u = user();
  CHECK(restriction_of(u, options, now) == "totp_enrolment");
  u.mutable_totp()->set_pending_secret("~x");
  CHECK(restriction_of(u, options, now) == "totp_enrolment");
  u.mutable_totp()->set_secret("~x");
  CHECK(restriction_of(u, options, now).empty());
  options.totp_roles = {v1::ROLE_LEAD};  // a post that is not yet in force
  u.clear_totp();
  CHECK(restriction_of(u, options, now).empty());
  CHECK(restriction_of(u, options, now + 1h) == "totp_enrolment");
}

TEST_CASE("whoever acts brings the units of home and of all other posts in force") {
  v1::User u;
  u.set_id("wang");
  u.set_unit("370883");
  const auto add = [&](const char* unit, v1::Role role, std::int64_t until) {
    v1::Post& post = *u.add_posts();
    post.set_unit(unit);
    post.set_role(role);
    post.set_valid_until_at(until);
  };
  add("370800", v1::ROLE_SUPERVISOR, 0);
  add("370881", v1::ROLE_OFFICER, 0);
  add("370881", v1::ROLE_LEAD, 0);
  add("370200", v1::ROLE_OFFICER, to_unix_ms(now));  // over
  const auto units = [&](const char* post) {
    const auto wished = read_post(post);
    const auto actor = actor_of(u, &*wished, now);
    REQUIRE(actor);
    return std::vector<std::string>(actor->other_units().begin(), actor->other_units().end());
  };
  CHECK(units("370800/ROLE_SUPERVISOR") == std::vector<std::string>{"370883", "370881"});
  CHECK(units("370881/ROLE_LEAD") == std::vector<std::string>{"370883", "370800"});
}

TEST_CASE("a post is written as unit and role") {
  CHECK(read_post("370883/ROLE_OFFICER")->role() == v1::ROLE_OFFICER);
  for (const char* bad : {"", "/", "370883", "370883/", "/ROLE_OFFICER", "370883/OFFICER",
                          "Jinan/ROLE_OFFICER", "370883/ROLE_UNSPECIFIED", "370883/3"}) {
    CHECK_FALSE(read_post(bad));
  }
}

TEST_CASE("settings at zero take the defaults") {
  const identity_options d = options_of({});
  CHECK(d.idle == 30min);
  CHECK(d.absolute == 12h);
  CHECK(d.tries_max == 5);
  CHECK(d.password.length_min == 10);
  CHECK(d.password.age_max == 90 * 24h);
  CHECK(d.cookies);
  v1::IdentitySettings settings;
  settings.set_idle_minutes(5);
  settings.mutable_password()->set_no_expiry(true);
  settings.mutable_password()->add_refused("ACME");
  settings.add_totp_roles(v1::ROLE_AUDITOR);
  settings.set_no_cookies(true);
  const identity_options o = options_of(settings);
  CHECK(o.idle == 5min);
  CHECK(o.password.age_max == 0ms);
  CHECK(o.password.refused == std::vector<std::string>{"acme"});
  CHECK(o.totp_roles == std::vector<v1::Role>{v1::ROLE_AUDITOR});
  CHECK_FALSE(o.cookies);
}

}  // namespace
}  // namespace hotline::identity
