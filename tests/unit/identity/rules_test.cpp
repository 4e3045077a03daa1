// What a user must look like, and who manages whom.
#include <doctest/doctest.h>

#include "common/identity/text.hpp"
#include "common/identity/user_rules.hpp"
#include "tests/support/small_organisation.hpp"

namespace hotline::identity {
namespace {

const domain::organisation& land() { return test::small_organisation(); }

void add_post(v1::User& user, const char* unit, v1::Role role) {
  auto& post = *user.add_posts();
  post.set_unit(unit);
  post.set_role(role);
}

v1::User user(const char* unit = "370883", v1::Role role = v1::ROLE_OFFICER) {
  v1::User made;
  made.set_id("wang");
  made.set_name("王芳");
  made.set_unit(unit);
  made.set_kind(v1::USER_KIND_PERSON);
  add_post(made, unit, role);
  return made;
}

v1::Actor actor(const char* unit, v1::Role role = v1::ROLE_SECURITY_ADMINISTRATOR) {
  v1::Actor made;
  made.set_user("boss");
  made.set_unit(unit);
  made.set_role(role);
  return made;
}

std::string rule(const std::optional<refusal>& r) { return r ? r->rule : ""; }

TEST_CASE("a channel is a machine and nothing else") {
  v1::User u = user("370000", v1::ROLE_CHANNEL);
  CHECK(rule(check_user(u, land())) == "user.channel-machine");
  u.set_kind(v1::USER_KIND_MACHINE);
  CHECK(rule(check_user(u, land())).empty());
  add_post(u, "370800", v1::ROLE_CHANNEL);
  CHECK(rule(check_user(u, land())).empty());
  add_post(u, "370800", v1::ROLE_OPERATOR);
  CHECK(rule(check_user(u, land())) == "user.channel-only");
}

TEST_CASE("a user has a name, a unit and posts that make sense") {
  CHECK(rule(check_user(user(), land())).empty());
  v1::User u = user();
  u.set_id("Wang");
  CHECK(rule(check_user(u, land())) == "user.id");
  u = user();
  u.set_name("");
  CHECK(rule(check_user(u, land())) == "user.name");
  u = user();
  u.set_unit("379999");
  CHECK(rule(check_user(u, land())) == "user.unit");
  u = user();
  u.set_kind(v1::USER_KIND_UNSPECIFIED);
  CHECK(rule(check_user(u, land())) == "user.kind");
  u = user("370883", v1::ROLE_SYSTEM);
  CHECK(rule(check_user(u, land())) == "post.system");
  u = user("370883", v1::ROLE_UNSPECIFIED);
  CHECK(rule(check_user(u, land())) == "post.role");
  u = user();
  add_post(u, "379999", v1::ROLE_LEAD);
  CHECK(rule(check_user(u, land())) == "post.unit");
  CHECK(check_user(u, land())->field == "posts[1].unit");
  u = user();
  add_post(u, "370883", v1::ROLE_OFFICER);
  CHECK(rule(check_user(u, land())) == "post.duplicate");
  u = user();
  u.mutable_posts(0)->set_valid_from_at(10);
  u.mutable_posts(0)->set_valid_until_at(10);
  CHECK(rule(check_user(u, land())) == "post.validity");
  u = user();
  for (int i = 0; i < posts_max; ++i) add_post(u, "370883", v1::ROLE_LEAD);
  CHECK(rule(check_user(u, land())) == "user.posts");
}

TEST_CASE("the three administrators are different people") {
  constexpr v1::Role three[] = {v1::ROLE_ADMINISTRATOR, v1::ROLE_SECURITY_ADMINISTRATOR,
                                v1::ROLE_AUDITOR};
  for (const v1::Role a : three) {
    for (const v1::Role b : three) {
      v1::User u = user("370883", a);
      add_post(u, "370800", b);
      CHECK(rule(check_user(u, land())) == (a == b ? "" : "user.separation"));
    }
  }
}

TEST_CASE("a security administrator manages the users of their own subtree") {
  struct row {
    const char* manager;
    const char* unit;
    const char* rule;
  };
  for (const row& r :
       {row{"370000", "370883", ""}, row{"370800", "370883", ""}, row{"370883", "370883", ""},
        row{"370100", "370883", "user.subtree"}, row{"370883", "370800", "user.subtree"},
        row{"370883", "370000", "user.subtree"}}) {
    CAPTURE(r.manager);
    CHECK(rule(check_manager(land(), actor(r.manager), user(r.unit))) == r.rule);
  }
  v1::User above = user("370883");
  add_post(above, "370000", v1::ROLE_SUPERVISOR);
  CHECK(rule(check_manager(land(), actor("370883"), above)) == "user.subtree");
  CHECK(may_see_user(land(), actor("370883"), above));
  CHECK_FALSE(may_see_user(land(), actor("370100"), above));
}

TEST_CASE("no other role manages users, and nobody themselves") {
  for (int role = v1::Role_MIN; role <= v1::Role_MAX; ++role) {
    if (!v1::Role_IsValid(role)) continue;
    const auto refused = rule(check_manager(land(), actor("370000", v1::Role(role)), user()));
    CHECK(refused ==
          (role == v1::ROLE_SECURITY_ADMINISTRATOR ? "" : "user.security-administrator"));
  }
  v1::Actor self = actor("370000");
  self.set_user("wang");
  CHECK(rule(check_manager(land(), self, user())) == "user.self");
}

TEST_CASE("a user id has one form") {
  for (const char* good : {"li", "li.si-2_x", "0", "37088301"}) {
    CHECK(is_user_id(good) == (std::string_view(good) != "0"));
  }
  for (const std::string& bad :
       {std::string(), std::string("Li"), std::string("l i"), std::string("-li"),
        std::string("李四"), std::string("me"), std::string(65, 'a'), std::string("li\n")}) {
    CHECK_FALSE(is_user_id(bad));
  }
  CHECK(is_user_id(std::string(64, 'a')));
}

}  // namespace
}  // namespace hotline::identity
