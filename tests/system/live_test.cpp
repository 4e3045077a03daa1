// Live push by the real program: a page that is open while a ticket is made, and one that loses its
// server.
#include <doctest/doctest.h>
#include <signal.h>

#include <array>

#include "common/json/codec.hpp"
#include "common/net/ws_client.hpp"
#include "hotline/v1/live.pb.h"
#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

using namespace std::chrono_literals;

class page {
 public:
  page(hotline_fixture& f, const actor& who)
      : f_(f), codec_(std::array{v1::LiveMessage::descriptor()}) {
    line_ = std::make_unique<net::ws_client>(
        f.context(), [this](std::string_view text) { take(text); }, [this](int) { closed = true; });
    auto headers = f.headers_of(who);
    REQUIRE(headers.has_value());
    const auto connected = run_coro(
        f.context(), line_->connect("127.0.0.1", f.port(), "/v1/stream", *std::move(headers), 5s));
    REQUIRE_MESSAGE(connected.has_value(), (connected ? "" : connected.error().detail));
  }

  void ask(const std::string& request) { line_->send(request); }

  void wait(const std::function<bool()>& so) { run_until(f_.context(), so); }

  bool saw(const std::string& no, v1::State state) const {
    for (const auto& message : told) {
      for (const auto& change : message.changes()) {
        if (change.ticket().no() == no && change.ticket().state() == state) return true;
      }
    }
    return false;
  }

  std::string position() const {
    for (auto m = told.rbegin(); m != told.rend(); ++m) {
      if (!m->position().empty()) return m->position();
    }
    return {};
  }

  std::vector<v1::LiveMessage> told;
  bool closed = false;

 private:
  void take(std::string_view text) {
    v1::LiveMessage message;
    REQUIRE_MESSAGE(codec_.read(text, message).has_value(), text);
    told.push_back(std::move(message));
  }

  hotline_fixture& f_;
  json::codec codec_;
  std::unique_ptr<net::ws_client> line_;
};

TEST_CASE_FIXTURE(hotline_fixture, "an open page is told within a second; a lost one catches up") {
  auto redis = serve({"--services", "redis,dispatch,sla,escalation"});
  redis.wait_for("热线已启动", start_limit);
  auto gateway = serve({"--services", "gateway"});
  use(gateway);
  std::string place;
  std::string no;
  {
    page county(*this, officer);
    county.ask(R"({"id":"1","subscribe":{"topics":["queue:370883","board:370883","mine"]}})");
    county.wait([&] { return !county.position().empty(); });
    no = create();
    const auto begun = steady_now();
    county.wait([&] { return county.saw(no, v1::STATE_DISPATCHED); });
    // The dispatch itself needs a moment; the push must not add more than a second.
    CHECK(steady_now() - begun < 3s);
    county.wait([&] {
      for (const auto& message : county.told) {
        for (const auto& row : message.rows()) {
          if (row.unit() == "370883" && row.waiting() == 1) return true;
        }
      }
      return false;
    });
    command(no, "sign", officer);
    county.wait([&] { return county.saw(no, v1::STATE_HANDLING); });
    place = county.position();
    gateway.send_signal(SIGKILL);
    county.wait([&] { return county.closed; });
  }
  auto again = serve({"--services", "gateway"});
  use(again);
  const auto other = create();
  eventually_state(other, "DISPATCHED");
  page county(*this, officer);
  county.ask(R"({"id":"2","resume":{"topics":["queue:370883"],"position":")" + place + "\"}}");
  county.wait([&] { return county.saw(other, v1::STATE_DISPATCHED); });
  for (const auto& message : county.told) {
    CHECK_FALSE(message.has_resync());
    for (const auto& change : message.changes()) CHECK(change.ticket().no() != no);
  }

  // A graceful end says goodbye.
  again.send_signal(SIGTERM);
  county.wait([&] { return county.closed; });
  CHECK(county.told.back().bye().reason() == v1::BYE_REASON_STOPPING);
}

TEST_CASE_FIXTURE(hotline_fixture, "who loses the right loses the open socket within a second") {
  auto server = serve_live();
  use(server);
  page county(*this, officer);
  county.ask(R"({"id":"1","subscribe":{"topics":["queue:370883"]}})");
  county.wait([&] { return !county.position().empty(); });
  REQUIRE(tool({"user", "disable", officer.user, "--reason", "调离"}).code == 0);
  const auto begun = steady_now();
  county.wait([&] { return county.closed; });
  CHECK(steady_now() - begun < 1s);
  CHECK(county.told.back().bye().reason() == v1::BYE_REASON_RIGHTS);
}

}  // namespace
}  // namespace hotline::test
