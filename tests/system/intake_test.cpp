// Public channels with the real program: the captcha they are asked for, limits that hold for
// requests at the same time and through kill -9, and telephone numbers that cannot be guessed.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "common/net/http_server.hpp"
#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;

const actor web{"web", "370000", "ROLE_CHANNEL"};

/// A captcha service whose tokens are good for once, and a configuration that asks it.
class intake_fixture : public hotline_fixture {
 public:
  intake_fixture()
      : captcha_(
            context(), net::server_options(),
            [this](net::request r) { return judge(std::move(r)); }, quiet_log()),
        config_(fs::path(data()).parent_path() / "config") {
    if (!captcha_.listen()) throw std::runtime_error("the captcha service cannot listen");
    captcha_.start();
    fs::copy(HOTLINE_CONFIG_DIR, config_, fs::copy_options::recursive);
    std::ofstream(config_ / "intake.textproto") << fmt::format(
        R"(services {{ intake {{
             captcha_url: "http://127.0.0.1:{}/verify" captcha_timeout_ms: 2000
             phone_per_day_max: 3 progress_failures_max: 4
             channels {{ user: "web" sources: SOURCE_WEB captcha: true }} }} }})",
        captcha_.port());
  }

  child_program serve_channels() {
    return child_program({HOTLINE_PROGRAM, "serve", "--config", config_.string(), "--data", data(),
                          "--rehearsal", "--port", "0", "--start-at", "2026-11-25T09:00:00+08:00",
                          "--rate", "0"});
  }
  child_program serve_channels_again() {
    return child_program({HOTLINE_PROGRAM, "serve", "--config", config_.string(), "--data", data(),
                          "--rehearsal", "--port", "0"});
  }

  std::string request(const std::string& phone) {
    return fmt::format(
        R"({{"captcha":"token-{}","citizen_address":"10.1.1.1","caller":{{"phone":"{}"}},
             "matter":{{"kind":"KIND_COMPLAINT","category":"wages.arrears","region":"370883",
             "content":"拖欠三个月工资"}}}})",
        ++tokens_, phone);
  }

  /// Sends all at the same time, each on a connection of its own; by key.
  std::map<std::string, answer> send_at_once(const std::map<std::string, std::string>& by_key) {
    const auto headers = headers_of(web);
    REQUIRE(headers.has_value());
    std::map<std::string, answer> answers;
    for (const auto& [key, body] : by_key) {
      boost::asio::co_spawn(context(), send_one(*headers, key, body, answers),
                            [](const std::exception_ptr& thrown) { REQUIRE_FALSE(thrown); });
    }
    run_until(context(), [&] { return answers.size() == by_key.size(); });
    return answers;
  }

  answer progress(const std::string& no, const std::string& phone, const std::string& address) {
    return call(
        net::method::post, "/v1/intake/progress", web,
        fmt::format(R"({{"claim":{{"ticket_no":"{}","phone":"{}","citizen_address":"{}"}}}})", no,
                    phone, address));
  }

  bool captcha_answers = true;

 private:
  boost::asio::awaitable<net::response> judge(net::request r) {
    net::response out;
    out.content_type = "application/json";
    out.status = captcha_answers ? 200 : 500;
    out.body = used_.insert(r.body).second ? R"({"passed":true})" : R"({"passed":false})";
    co_return out;
  }

  boost::asio::awaitable<void> send_one(net::field_list headers, std::string key, std::string body,
                                        std::map<std::string, answer>& answers) {
    net::http_client client(context(), "127.0.0.1", port());
    headers.emplace_back("Idempotency-Key", key);
    headers.emplace_back("Content-Type", "application/json");
    const auto sent =
        co_await client.send(net::method::post, "/v1/intake/requests", std::move(headers),
                             std::move(body), std::chrono::milliseconds(10'000));
    answer got;
    if (sent) got = {sent->status, boost::json::parse(sent->body)};
    answers.emplace(std::move(key), std::move(got));
  }

  net::http_server captcha_;
  fs::path config_;
  std::set<std::string> used_;
  int tokens_ = 0;
};

TEST_CASE_FIXTURE(intake_fixture,
                  "of twenty at once as many are taken as a number may, through kill -9 as well") {
  std::map<std::string, std::string> asked;
  for (int i = 0; i < 20; ++i) asked.emplace(fmt::format("key-{}", i), request("13805310001"));
  std::map<std::string, std::string> taken;
  {
    auto server = serve_channels();
    use(server);
    for (const auto& [key, got] : send_at_once(asked)) {
      CHECK_MESSAGE((got.status == 201 || got.status == 429), got.status);
      if (got.status == 201) taken.emplace(key, got.text("ticket_no"));
    }
    CHECK(taken.size() == 3);
    server.send_signal(SIGKILL);
    server.wait_exit(start_limit);
  }
  auto again = serve_channels_again();
  use(again);
  // The captcha says no to every token it has seen: what was taken is not asked again.
  for (const auto& [key, got] : send_at_once(asked)) {
    CHECK(got.status == (taken.contains(key) ? 201 : 422));
    if (taken.contains(key)) CHECK(got.text("ticket_no") == taken.at(key));
  }
  CHECK(
      call(net::method::post, "/v1/intake/requests", web, request("13805310001"), "late").status ==
      429);
  CHECK(
      call(net::method::post, "/v1/intake/requests", web, request("13805310002"), "other").status ==
      201);
  captcha_answers = false;
  CHECK(call(net::method::post, "/v1/intake/requests", web, request("13805310003"), "no-captcha")
            .status == 503);
  for (const auto& [key, no] : taken) eventually_state(no, "DISPATCHED");
  verify();
}

TEST_CASE_FIXTURE(intake_fixture, "a telephone number is not guessed, not after kill -9 either") {
  std::string no;
  {
    auto server = serve_channels();
    use(server);
    const auto taken =
        call(net::method::post, "/v1/intake/requests", web, request("13805310001"), "one");
    REQUIRE(taken.status == 201);
    no = taken.text("ticket_no");
    CHECK(progress(no, "13805310001", "10.0.0.9").text("stage") == "PROGRESS_STAGE_ACCEPTED");
    for (int i = 0; i < 3; ++i) {
      CHECK(progress(no, fmt::format("1390531000{}", i), "10.0.0.1").status == 422);
    }
    server.send_signal(SIGKILL);
    server.wait_exit(start_limit);
  }
  auto again = serve_channels_again();
  use(again);
  CHECK(progress(no, "13905310008", "10.0.0.2").status == 422);
  // The fourth about this ticket: from now on nobody learns whether a guess is right.
  for (const char* phone : {"13905310009", "13805310001"}) {
    CHECK(progress(no, phone, "10.0.0.3").status == 429);
  }
  const auto record = tool({"audit", "list", "--action", "intake.claim"}).output;
  CHECK(record.find(no) != std::string::npos);
  CHECK(record.find("1390531") == std::string::npos);
  set_clock("2026-11-25T10:00:00+08:00");
  CHECK(progress(no, "13805310001", "10.0.0.1").status == 200);
  verify();
}

TEST_CASE_FIXTURE(intake_fixture,
                  "a channel is a user that is made at the machine, and has one door") {
  auto server = serve_channels();
  use(server);
  const auto made =
      tool({"user", "add", "form", "--name", "网上受理", "--post", "370000/渠道", "--machine"});
  CHECK_MESSAGE(made.code == 0, made.output);
  CHECK(tool({"user", "add", "person", "--name", "某人", "--post", "370000/渠道"}).code == 1);
  const auto ticket = create();
  CHECK(get("/v1/tickets/" + ticket, web).status == 403);
  CHECK(get("/v1/tickets", web).status == 403);
  CHECK(call(net::method::post, "/v1/tickets/" + ticket + ":withdraw", web, R"({"evidence":"e"})",
             "w")
            .status == 403);
}

}  // namespace
}  // namespace hotline::test
