// `hotline demo`: the story, and the people it leaves behind to be tried out.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <filesystem>
#include <vector>

#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;

/// What stands between `before` and `after`, from `at` on; empty when it is not there.
std::string between(const std::string& text, const std::string& before, const std::string& after,
                    std::size_t at = 0) {
  const auto found = text.find(before, at);
  if (found == std::string::npos) return {};
  const auto from = found + before.size();
  const auto end = text.find(after, from);
  return end == std::string::npos ? std::string() : text.substr(from, end - from);
}

/// A demo that serves after its story, and what it said.
struct told_demo {
  told_demo()
      : program({HOTLINE_PROGRAM, "demo", "--config", HOTLINE_CONFIG_DIR, "--cases",
                 HOTLINE_CONFIG_DIR "/demo/report_cases.jsonl"}) {
    program.wait_for("演练服务继续运行", std::chrono::seconds(120));
    const auto digits = between(program.output(), "\nurl=http://127.0.0.1:", "\n");
    std::from_chars(digits.data(), digits.data() + digits.size(), port);
    data = between(program.output(), "数据目录 ", "；");
  }

  std::string password(const std::string& user) const {
    return between(program.output(), fmt::format(R"({{"user":"{}","password":")", user), "\"");
  }

  child_program program;
  std::uint16_t port = 0;
  std::string data;
};

answer send(const told_demo& demo, net::method verb, const std::string& target,
            net::field_list headers, const std::string& body = {}) {
  boost::asio::io_context context;
  net::http_client http(context, "127.0.0.1", demo.port);
  headers.emplace_back("Content-Type", "application/json");
  const auto got = run_coro(
      context, http.send(verb, target, std::move(headers), body, std::chrono::seconds(10)));
  REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().detail));
  return {static_cast<int>(got->status),
          got->body.empty() ? boost::json::value() : boost::json::parse(got->body)};
}

answer sign_in(const told_demo& demo, const std::string& user, const std::string& password) {
  return send(demo, net::method::post, "/v1/sessions", {},
              fmt::format(R"({{"user":"{}","password":"{}"}})", user, password));
}

TEST_CASE("the demo prints its cast, each of whom can sign in; nothing of it is left behind") {
  told_demo demo;
  REQUIRE(demo.port != 0);
  REQUIRE(fs::exists(demo.data));
  struct member {
    const char* user;
    const char* unit;
    const char* role;
  };
  const std::vector<member> cast = {
      {"wang", "370000", "ROLE_OPERATOR"}, {"li", "370000", "ROLE_DISPATCHER"},
      {"meng", "370883", "ROLE_OFFICER"},  {"kong", "370881", "ROLE_OFFICER"},
      {"ren", "370800", "ROLE_OFFICER"},   {"sun", "370800", "ROLE_SUPERVISOR"},
      {"lu", "370000", "ROLE_SUPERVISOR"}, {"chen", "370000", "ROLE_ADMINISTRATOR"},
      {"shen", "370000", "ROLE_AUDITOR"},  {"zheng", "370000", "ROLE_SECURITY_ADMINISTRATOR"},
      {"qlgh", "370000", "ROLE_CHANNEL"},
  };
  std::vector<std::string> passwords;
  for (const auto& one : cast) {
    CAPTURE(one.user);
    const auto password = demo.password(one.user);
    CHECK(password.size() >= 16);
    CHECK(std::ranges::find(passwords, password) == passwords.end());
    passwords.push_back(password);
    const auto session = sign_in(demo, one.user, password);
    REQUIRE(session.status == 201);
    CHECK(session.text("restriction").empty());
    const auto& posts = session.body.at("posts").as_array();
    REQUIRE(posts.size() == 1);
    CHECK(posts[0].at("unit").as_string() == one.unit);
    CHECK(posts[0].at("role").as_string() == one.role);
    CHECK(demo.program.output().find(fmt::format("（{}/{}）", one.unit, one.role)) !=
          std::string::npos);
  }
  CHECK(sign_in(demo, "wang", demo.password("li")).status == 401);

  // The printed line itself, as a shell takes it: the variable holds a token that is let in.
  const auto line = "sun=" + between(demo.program.output(), "\nsun=", "\n");
  const auto shell = run_program({"/bin/sh", "-c", line + "; printf %s \"$sun\""});
  REQUIRE(shell.code == 0);
  CHECK(send(demo, net::method::get, "/v1/board?unit=370800",
             {{"Authorization", "Bearer " + shell.output}})
            .status == 200);

  // The App hands in for a citizen, as the README's walk does.
  const auto app = sign_in(demo, "qlgh", demo.password("qlgh"));
  const auto taken =
      send(demo, net::method::post, "/v1/intake/requests",
           {{"Authorization", "Bearer " + app.text("token")}, {"Idempotency-Key", "citizen-1"}},
           R"({"citizen_address":"203.0.113.7","caller":{"phone":"13805310002"},)"
           R"("matter":{"content":"老板不发工资"}})");
  CHECK(taken.status == 201);
  CHECK_FALSE(taken.text("ticket_no").empty());
  const auto file = send(demo, net::method::post, "/v1/files?name=hetong.txt",
                         {{"Authorization", "Bearer " + app.text("token")}}, "劳动合同");
  REQUIRE(file.status == 201);
  const auto added =
      send(demo, net::method::post, "/v1/intake/supplement",
           {{"Authorization", "Bearer " + app.text("token")}, {"Idempotency-Key", "citizen-2"}},
           fmt::format(R"({{"claim":{{"ticket_no":"{}","phone":"13805310002",
                      "citizen_address":"203.0.113.7"}},"text":"公司在邹城",
                      "attachments":[{{"name":"hetong.txt","reference":"{}"}}]}})",
                       taken.text("ticket_no"), file.text("reference")));
  CHECK(added.status == 200);

  demo.program.send_signal(SIGTERM);
  CHECK(demo.program.wait_exit(std::chrono::seconds(60)) == 0);
  CHECK_FALSE(fs::exists(demo.data));
}

}  // namespace
}  // namespace hotline::test
