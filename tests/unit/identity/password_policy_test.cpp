// Which passwords are taken.
#include "common/identity/password_policy.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "common/identity/token.hpp"

namespace hotline::identity {
namespace {

std::string verdict(std::string_view password, const password_policy& policy = {}) {
  const auto fault = check_password(password, {"zhangwei", "张伟"}, policy);
  return fault ? std::string(fault->rule) : std::string();
}

TEST_CASE("a password has length and mixes classes") {
  CHECK(verdict("Rt7-kelmno").empty());
  CHECK(verdict("Rt7-kelmn") == "password.length");
  CHECK(verdict("") == "password.length");
  CHECK(verdict(std::string(129, 'x')) == "password.length");
  CHECK(verdict("rtvkelmnop") == "password.classes");
  CHECK(verdict("rtvkelm7op") == "password.classes");
  CHECK(verdict("rtvkelm7oP").empty());
  CHECK(verdict("工会热线帮职工讨薪水") == "password.classes");
  CHECK(verdict("工会热线帮职工讨薪aB").empty());  // ten characters, not bytes
  CHECK(verdict("Rt7-kel\tmnop") == "password.characters");
}

TEST_CASE("common words, keys in a row, years and the own name do not count") {
  for (const char* common : {"Password2026!", "P@ssw0rd2026", "Admin@12345", "Qwer1234!@#$",
                             "1qaz@WSX3edc", "Zhangwei@2026", "iewgnahZ#12", "Gonghui12351!",
                             "Woaini1314520!", "Aa1Aa1Aa1Aa1", "Shandong@2026", "Abc123456!"}) {
    CAPTURE(common);
    CHECK(verdict(common) == "password.common");
  }
}

TEST_CASE("the policy is configurable") {
  password_policy lax;
  lax.length_min = 4;
  lax.classes_min = 1;
  CHECK(verdict("rtvkelm", lax).empty());
  CHECK(verdict("rtv", lax) == "password.length");
  password_policy house;
  house.refused = {"kelmno"};
  CHECK(verdict("Rt7-kelmno", house) == "password.common");
}

TEST_CASE("made passwords pass the policy and differ") {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string made = new_password();
    CHECK(made.size() == 16);
    CHECK_MESSAGE(verdict(made).empty(), made);
    seen.insert(made);
  }
  CHECK(seen.size() == 200);
}

TEST_CASE("a session's id is a hash of its token, and only of a token") {
  const std::string token = new_token();
  CHECK(token.size() == 43);
  CHECK(is_session_id(session_id_of(token)));
  CHECK(session_id_of(token) == session_id_of(token));
  CHECK(session_id_of(new_token()) != session_id_of(token));
  CHECK(session_id_of(token + "A").empty());
  CHECK(session_id_of("").empty());
  std::string other = token;
  other[0] = '/';
  CHECK(session_id_of(other).empty());
}

}  // namespace
}  // namespace hotline::identity
