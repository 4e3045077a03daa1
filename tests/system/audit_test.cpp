// 审计 by the real program: sealed while it serves, verified by the tool, alarm on tampering.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/redis/client.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds end_limit{60};

bool has(const finished& tool, const std::string& text) {
  return tool.output.find(text) != std::string::npos;
}

/// Somebody on the host who speaks to the Redis of a data directory.
class intruder {
 public:
  explicit intruder(const std::string& data) {
    std::ifstream in(data + "/redis.endpoint");
    std::string socket;
    std::getline(in, socket);
    client_ = std::make_unique<redis::client>(context_.get_executor(),
                                              redis::endpoint::unix_socket(socket),
                                              redis::client_options{}, quiet_log());
    client_->start();
    run_coro(context_, client_->wait_connected(steady_now() + end_limit)).value();
  }
  template <class... Args>
  redis::reply exec(std::string_view verb, const Args&... args) {
    return run_coro(context_, client_->exec(redis::command(verb, args...))).value();
  }
  ~intruder() {
    client_->stop();
    context_.restart();
    context_.run_for(std::chrono::milliseconds(20));
  }
  intruder(const intruder&) = delete;
  intruder& operator=(const intruder&) = delete;

 private:
  boost::asio::io_context context_{1};
  std::unique_ptr<redis::client> client_;
};

TEST_CASE_FIXTURE(hotline_fixture, "everything is sealed within a second, and tampering is named") {
  auto server = serve_live();
  use(server);
  const auto first = create();
  const auto second = create("加班费未付");
  for (const auto& no : {first, second}) eventually_state(no, "DISPATCHED");
  eventually("sealed", [&] { return has(tool({"audit", "verify"}), "0 个待封"); });
  const auto good = tool({"audit", "verify"});
  CHECK_MESSAGE(good.code == 0, good.output);
  CHECK(has(tool({"audit", "list"}), "config.change"));
  CHECK(get("/v1/audit", {"shen", "370000", "ROLE_AUDITOR"}).status == 200);
  CHECK(get("/v1/audit").status == 403);

  intruder hand(data());
  const auto key = "{3708}:history:" + first;
  const auto event = std::string(hand.exec("LINDEX", key, 1).string());
  hand.exec("LSET", key, 1, hand.exec("LINDEX", "{3708}:history:" + second, 1).string());
  const auto bad = tool({"audit", "verify"});
  CHECK(bad.code == 1);
  CHECK(has(bad, "event_differs"));
  CHECK(has(bad, first));
  CHECK_FALSE(has(bad, second));
  hand.exec("LSET", key, 1, event);
  CHECK(tool({"audit", "verify"}).code == 0);

  server.send_signal(SIGTERM);
  CHECK(server.wait_exit(end_limit) == 0);
  // At the end the heads were signed; without them a verification is not whole.
  CHECK(tool({"audit", "verify"}).code == 0);
  const fs::path heads = data() + "/audit/heads.jsonl";
  CHECK(fs::file_size(heads) > 0);
  fs::rename(heads, heads.string() + ".away");
  CHECK(tool({"audit", "verify"}).code == 1);
  CHECK(tool({"audit", "verify", "--heads", heads.string() + ".away"}).code == 0);
  const auto other = tool({"audit", "verify", "--heads", heads.string() + ".away", "--public-key",
                           std::string(64, 'a')});
  CHECK(other.code == 1);
  CHECK(has(other, "not ours"));
  CHECK(tool({"audit", "verify", "--public-key", "abc"}).code == 3);
}

TEST_CASE_FIXTURE(hotline_fixture,
                  "two sealers that are killed again and again seal everything once") {
  auto server = serve({"--services", "gateway,dispatch,sla,escalation"});
  use(server);
  std::vector<std::string> numbers;
  for (int round = 0; round < 6; ++round) {
    auto one = serve({"--services", "audit"});
    auto two = serve({"--services", "audit"});
    one.wait_for("12351", start_limit);
    two.wait_for("12351", start_limit);
    for (int i = 0; i < 5; ++i) numbers.push_back(create());
    one.send_signal(SIGKILL);
    numbers.push_back(create());
    two.send_signal(SIGKILL);
    CHECK(one.wait_exit(end_limit) == 128 + SIGKILL);
    CHECK(two.wait_exit(end_limit) == 128 + SIGKILL);
  }
  for (const auto& no : numbers) eventually_state(no, "DISPATCHED");
  auto last = serve({"--services", "audit"});
  eventually("sealed", [&] { return has(tool({"audit", "verify"}), "0 个待封"); });
  last.send_signal(SIGTERM);
  CHECK(last.wait_exit(end_limit) == 0);
  const auto verified = tool({"audit", "verify"});
  CHECK_MESSAGE(verified.code == 0, verified.output);
  CHECK(has(verified, std::to_string(numbers.size()) + " 张工单"));
}

TEST_CASE_FIXTURE(hotline_fixture, "a start with another configuration is on record") {
  const fs::path config = fs::path(data()).parent_path() / "config";
  fs::copy(HOTLINE_CONFIG_DIR, config, fs::copy_options::recursive);
  const auto start_and_end = [&] {
    child_program server(
        {HOTLINE_PROGRAM, "serve", "--config", config.string(), "--data", data(), "--port", "0"});
    server.wait_for("http://", start_limit);
    server.send_signal(SIGTERM);
    CHECK(server.wait_exit(end_limit) == 0);
  };
  const auto changes = [&] {
    const auto listed = tool({"audit", "list", "--action", "config.change"});
    CHECK(listed.code == 0);
    return std::ranges::count(listed.output, '\n');
  };
  start_and_end();
  CHECK(changes() == 1);
  start_and_end();
  CHECK(changes() == 1);
  std::ofstream(config / "hotline.textproto", std::ios::app) << "# one more remark\n";
  start_and_end();
  CHECK(changes() == 2);
  CHECK(has(tool({"audit", "list", "--limit", "1"}), "changed: hotline.textproto"));
  CHECK(tool({"audit", "list", "--since", "nonsense"}).code == 2);
}

}  // namespace
}  // namespace hotline::test
