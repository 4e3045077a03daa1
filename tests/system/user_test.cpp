// `hotline user` and sign-in with the real program.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

std::string read_file(const std::string& name) {
  std::ifstream in(name);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The last line of what a program printed.
std::string last_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

finished with_input(const hotline_fixture& f, const std::string& input, const std::string& words) {
  return run_program({"/bin/sh", "-c",
                      fmt::format("printf '%s\\n' '{}' | {} {} --config {} --data {}", input,
                                  HOTLINE_PROGRAM, words, HOTLINE_CONFIG_DIR, f.data())});
}

answer sign_in_with(hotline_fixture& f, const std::string& user, const std::string& password) {
  return f.send(net::method::post, "/v1/sessions", {},
                fmt::format(R"({{"user":"{}","password":"{}"}})", user, password));
}

net::field_list bearer(const answer& session) {
  return {{"Authorization", "Bearer " + session.text("token")}};
}

TEST_CASE("from an empty machine to the first officer who signs in") {
  hotline_fixture f;
  auto server = f.serve_live();
  f.use(server);
  // There is nobody, and no password that was there from the start.
  CHECK(f.send(net::method::get, "/v1/units", {}).status == 401);
  for (const char* user : {"admin", "root", "hotline"}) {
    CHECK(sign_in_with(f, user, "admin").status == 401);
  }
  const std::string first = "user add anquan --name 安全员 --first-administrator";
  CHECK(with_input(f, "short", first).code == 1);
  const auto made = with_input(f, "Rt7-kelmno", first);
  CHECK_MESSAGE(made.code == 0, made.output);
  CHECK(with_input(f, "Rt7-kelmno", "user add other --name 另 --first-administrator").code == 1);

  const auto admin = sign_in_with(f, "anquan", "Rt7-kelmno");
  REQUIRE(admin.status == 201);
  auto creates = bearer(admin);
  creates.emplace_back("Idempotency-Key", "create-wang");
  const auto created = f.send(net::method::post, "/v1/users", creates,
                              R"({"id":"wang","name":"王芳","unit":"370883",
                 "posts":[{"unit":"370883","role":"ROLE_OFFICER"}]})");
  REQUIRE(created.status == 201);
  const auto session = sign_in_with(f, "wang", created.text("password"));
  CHECK(session.text("restriction") == "password_change");
  CHECK(f.send(net::method::post, "/v1/users/me:change-password", bearer(session),
               fmt::format(R"({{"old_password":"{}","new_password":"Uv8-bcdfgh"}})",
                           created.text("password")))
            .status == 204);
  const auto officer_session = sign_in_with(f, "wang", "Uv8-bcdfgh");
  CHECK(f.send(net::method::get, "/v1/queues/370883", bearer(officer_session)).status == 200);

  // What is withdrawn at the machine holds within a second, and after a restart.
  CHECK(f.tool({"user", "revoke", "wang", "370883/承办人"}).code == 0);
  f.eventually(
      "the post is gone",
      [&] {
        return f.send(net::method::get, "/v1/queues/370883", bearer(officer_session)).status == 403;
      },
      std::chrono::seconds(1));
  CHECK(f.tool({"user", "grant", "wang", "370883/承办人@2099-12-31"}).code == 0);
  f.eventually("the post is back", [&] {
    return f.send(net::method::get, "/v1/queues/370883", bearer(officer_session)).status == 200;
  });
  server.send_signal(SIGTERM);
  CHECK(server.wait_exit(start_limit) == 0);
  auto again = f.serve_live();
  f.use(again);
  CHECK(f.send(net::method::get, "/v1/queues/370883", bearer(officer_session)).status == 200);
  CHECK(f.tool({"user", "disable", "wang", "--reason", "调离"}).code == 0);
  f.eventually(
      "the session is over",
      [&] {
        return f.send(net::method::get, "/v1/queues/370883", bearer(officer_session)).status == 401;
      },
      std::chrono::seconds(1));
  const auto shown = f.tool({"user", "show", "wang"});
  CHECK(shown.output.find("已停用") != std::string::npos);
  CHECK(f.tool({"user", "show", "nobody"}).code == 1);
}

TEST_CASE("users come in bulk, bad rows are named, passwords lie in a file of ours alone") {
  hotline_fixture f;
  auto server = f.serve();
  f.use(server);
  const std::string table = f.data() + "/users.csv";
  std::ofstream(table) << "用户名,姓名,单位,角色,有效期至\n"
                          "li,李雷,370883,承办人,\n"
                          "li,李雷,370800,督办,\n"
                          "bad,坏,999999,承办人,\n"
                          "han,韩梅梅,370800,派单员,2099-12-31\n";
  const auto looked = f.tool({"user", "import", table, "--dry-run"});
  CHECK(looked.code == 1);
  CHECK(looked.output.find("users.csv:4: 单位") != std::string::npos);
  CHECK(sign_in_with(f, "li", "x").status == 401);
  const auto list_before = f.tool({"user", "list"});
  CHECK(list_before.output.find("韩梅梅") == std::string::npos);

  const auto imported = f.tool({"user", "import", table});
  CHECK(imported.code == 1);
  CHECK(imported.output.find("建立 2 个用户，1 处有误") != std::string::npos);
  const std::string passwords = table + ".passwords.csv";
  struct stat about{};
  REQUIRE(::stat(passwords.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  const std::string text = read_file(passwords);
  CHECK(imported.output.find(text.substr(text.find(',', 15) + 1, 16)) == std::string::npos);
  const auto line = text.substr(text.find("li,") + 3);
  const auto session = sign_in_with(f, "li", line.substr(0, line.find('\n')));
  CHECK(session.status == 201);
  CHECK(session.text("restriction") == "password_change");

  // Again: they are there already; the file of passwords is not overwritten.
  CHECK(f.tool({"user", "import", table}).code == 3);
  CHECK(f.tool({"user", "import", table, "--passwords", passwords + "2"}).code == 1);
  const auto list = f.tool({"user", "list", "--unit", "370883"});
  CHECK(list.output.find("li") != std::string::npos);
  CHECK(list.output.find("han") == std::string::npos);
}

TEST_CASE("a one-time password is made at the machine, and an account unlocked") {
  hotline_fixture f;
  auto server = f.serve();
  f.use(server);
  const auto made = f.tool(
      {"user", "add", "feed", "--name", "政务平台", "--post", "370000/合作单位", "--machine"});
  REQUIRE_MESSAGE(made.code == 0, made.output);
  const std::string password = last_line(made.output);
  CHECK(password.size() == 32);
  CHECK(sign_in_with(f, "feed", password).text("restriction").empty());
  for (int i = 0; i < 5; ++i) CHECK(sign_in_with(f, "feed", "wrong").status == 401);
  CHECK(sign_in_with(f, "feed", password).status == 429);
  CHECK(f.tool({"user", "unlock", "feed"}).code == 0);
  CHECK(sign_in_with(f, "feed", password).status == 201);
  const auto reset = f.tool({"user", "passwd", "feed"});
  CHECK(sign_in_with(f, "feed", password).status == 401);
  CHECK(sign_in_with(f, "feed", last_line(reset.output)).status == 201);
}

}  // namespace
}  // namespace hotline::test
