// A table of users: one row for each post, mistakes with line and column.
#include "services/hotline/user/user_list.hpp"

#include <doctest/doctest.h>

#include "common/base/rfc3339.hpp"
#include "tests/support/small_organisation.hpp"

namespace hotline::program {
namespace {

const domain::organisation& land() { return test::small_organisation(); }

user_list read(std::string_view csv) {
  const auto rows = read_csv(csv);
  REQUIRE(rows);
  return read_user_list(*rows, land());
}

std::string mistakes(const user_list& list) {
  std::string out;
  for (const auto& m : list.mistakes) out += std::to_string(m.line) + " " + m.column + "; ";
  return out;
}

TEST_CASE("rows of a user add posts") {
  const auto list = read(
      "用户名,姓名,单位,角色,有效期至,类别\n"
      "li,李雷,370883,承办人,2027-06-30,\n"
      "wang,王芳,370800,ROLE_DISPATCHER,,人员\n"
      "li,李雷,370800,督办,,\n"
      "feed,政务平台,370000,合作单位,,系统\n");
  CHECK(mistakes(list).empty());
  REQUIRE(list.users.size() == 3);
  const v1::CreateUser& li = list.users[0].order;
  CHECK(li.id() == "li");
  CHECK(li.unit() == "370883");
  REQUIRE(li.posts_size() == 2);
  CHECK(li.posts(0).role() == v1::ROLE_OFFICER);
  std::string end;
  append_rfc3339(end, from_unix_ms(li.posts(0).valid_until_at()));
  CHECK(end.starts_with("2027-07-01T00:00:00"));
  CHECK(li.posts(1).unit() == "370800");
  CHECK(list.users[2].order.kind() == v1::USER_KIND_MACHINE);
}

TEST_CASE("each bad row is reported, and the rest goes on") {
  const auto list = read(
      "user,name,unit,role,valid_until,kind\n"
      "good,好,370883,承办人,,\n"
      ",无名,370883,承办人,,\n"
      "u1,甲,379999,承办人,,\n"
      "u2,乙,370883,经理,,\n"
      "u3,丙,370883,承办人,明年,\n"
      "u4,丁,370883,承办人,,机器人\n"
      "U5,戊,370883,承办人,,\n"
      "u6,己,370883,承办人,,\n"
      "u6,另,370883,督办,,\n"
      "u7,庚,370883,系统管理员,,\n"
      "u7,庚,370883,审计管理员,,\n"
      "u8,辛,370883,系统,,\n"
      "last,末,370883,负责人,,\n");
  CHECK(mistakes(list) ==
        "3 用户名; 4 单位; 5 角色; 6 有效期至; 7 类别; 8 用户名; 10 姓名; 11 角色; 13 角色; ");
  REQUIRE(list.users.size() == 2);
  CHECK(list.users[0].order.id() == "good");
  CHECK(list.users[1].order.id() == "last");
}

TEST_CASE("a table without its columns is no list") {
  CHECK(mistakes(read("用户名,姓名,单位\nli,李雷,370883\n")) == "1 角色; ");
  CHECK(mistakes(read("用户名,姓名,单位,角色,密码\n")) == "1 密码; ");
  CHECK(mistakes(read("用户名,user,姓名,单位,角色\n")) == "1 user; ");
  CHECK(mistakes(read_user_list({}, land())) == "1 ; ");
  const table broken{{1, {"用户名", "姓名", "单位", "角色"}, {}},
                     {2, {"li", "#N/A", "370883", "承办人"}, {1}}};
  CHECK(mistakes(read_user_list(broken, land())) == "2 姓名; ");
}

TEST_CASE("a last day is a date in one of three forms") {
  const auto day = [](std::string_view text) {
    std::string out;
    const auto end = parse_last_day(text);
    if (end) append_rfc3339(out, from_unix_ms(*end));
    return out.substr(0, 10);
  };
  CHECK(day("2027-06-30") == "2027-07-01");
  CHECK(day("2027/6/30") == "2027-07-01");
  CHECK(day("46568") == "2027-07-01");  // 2027-06-30 in a spreadsheet
  for (const char* bad : {"", "2027", "2027-06", "2027-06-31", "2027-6/30", "2027-06-30x",
                          "1999-01-01", "2101-01-01", "-1", "2027-00-10", "2027--1-10"}) {
    CAPTURE(bad);
    CHECK(day(bad).empty());
  }
}

TEST_CASE("a post on the command line has unit, role, and perhaps a last day") {
  CHECK(parse_post("370883/承办人")->role() == v1::ROLE_OFFICER);
  CHECK(parse_post("370883/ROLE_LEAD")->role() == v1::ROLE_LEAD);
  CHECK(parse_post("370883/ROLE_LEAD@2027-06-30")->valid_until_at() > 0);
  for (const char* bad : {"", "370883", "370883/", "/承办人", "370883/经理", "370883/承办人@x"}) {
    CHECK_FALSE(parse_post(bad));
  }
}

}  // namespace
}  // namespace hotline::program
