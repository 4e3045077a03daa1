// Live push over real sockets: who is told what, who is refused, who is shown out.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "common/runtime/config_loader.hpp"

#include "tests/unit/gateway/live_client.hpp"

namespace hotline::gateway {
namespace {

using namespace std::chrono_literals;

const sender officer_of_qingdao{"ROLE_OFFICER", "370200", "zhang"};
const sender supervisor_of_jining{"ROLE_SUPERVISOR", "370800", "sun"};

bool has_problem(const v1::LiveMessage& m) { return m.has_problem(); }

TEST_CASE("a change arrives within a second, as the ticket is now, at those it concerns") {
  gateway_fixture f;
  live_client county(f, officer_of_zoucheng);
  live_client city(f, supervisor_of_jining);
  live_client elsewhere(f, officer_of_qingdao);
  county.watch({"queue:370883"});
  city.watch({"unit:370800"});
  elsewhere.watch({"unit:370200", "queue:370200", "board:370200", "mine"});
  const auto begun = steady_now();
  const std::string no = f.dispatch_ticket();
  const auto change = county.change_of(no);
  CHECK(steady_now() - begun < 1s);
  CHECK(change.ticket().state() == v1::STATE_DISPATCHED);
  CHECK(change.ticket().unit() == "370883");
  CHECK(change.ticket().claimable());
  REQUIRE(change.topics_size() == 1);
  CHECK(change.topics(0) == "queue:370883");
  CHECK(city.change_of(no).topics(0) == "unit:370800");
  CHECK_FALSE(county.position().empty());

  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign").status == 200);
  const auto signed_now = county.change_of(no);
  CHECK(signed_now.ticket().state() == v1::STATE_HANDLING);
  REQUIRE(signed_now.events_size() >= 1);
  CHECK(signed_now.events(0) == v1::EVENT_KIND_SIGNED);
  CHECK(signed_now.ticket().version() > change.ticket().version());
  CHECK(elsewhere.told().size() == 2);  // welcome and the answer, nothing else
}

TEST_CASE("one's own assignments, and one ticket") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  const std::string other = f.dispatch_ticket();
  live_client mine(f, officer_of_zoucheng);
  live_client one(f, officer_of_zoucheng);
  mine.watch({"mine"});
  one.watch({"ticket:" + no});
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign").status == 200);
  CHECK(mine.change_of(no).topics(0) == "mine");
  CHECK(one.change_of(no).topics(0) == "ticket:" + no);
  // Somebody else's ticket of the same unit.
  const sender colleague{"ROLE_OFFICER", "370883", "zhou"};
  REQUIRE(f.post(colleague, "/v1/tickets/" + other + ":sign").status == 200);
  REQUIRE(
      f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":annotate", R"({"text":"备注"})").status ==
      200);
  CHECK(mine.change_of(no).events(0) == v1::EVENT_KIND_ANNOTATED);
  for (const auto& message : mine.told()) {
    for (const auto& change : message.changes()) CHECK(change.ticket().no() == no);
  }
}

TEST_CASE("the rows of a board that changed, as the board says them") {
  gateway_fixture f;
  live_client city(f, supervisor_of_jining);
  city.watch({"board:370800"});
  f.dispatch_ticket();
  std::int64_t waiting = 0;
  city.wait([&](const v1::LiveMessage& m) {
    for (const auto& row : m.rows()) {
      CHECK(row.unit() != "370000");  // above the board's unit
      if (row.unit() == "370883") waiting = row.waiting();
    }
    return waiting == 1;
  });
  const auto board = f.get(supervisor_of_jining, "/v1/board?unit=370800");
  v1::Board counted;
  REQUIRE(json::codec(std::array{v1::Board::descriptor()}).read(board.body, counted).has_value());
  for (const auto& row : counted.rows()) {
    if (row.unit() == "370883") CHECK(row.waiting() == waiting);
  }

  // A new day: "due today" and "this month" change without an event.
  const auto before = city.told().size();
  REQUIRE(f.clock.set(f.clock.now() + 24h, 0));
  city.wait([&](const v1::LiveMessage& m) { return m.rows_size() == counted.rows_size(); });
  CHECK(city.told().size() > before);
}

TEST_CASE("pushed rows count sensitive tickets for supervision alone") {
  gateway_fixture f;
  live_client city(f, supervisor_of_jining);
  live_client officer(f, {"ROLE_OFFICER", "370800", "ren"});
  city.watch({"board:370800"});
  officer.watch({"board:370800"});
  std::string sensitive(good_create);
  sensitive.replace(sensitive.find("SOURCE_PHONE\""), 13,
                    R"(SOURCE_PHONE","sensitivity":"SENSITIVITY_SENSITIVE")");
  const auto created = f.post(operator_of_province, "/v1/tickets", sensitive);
  REQUIRE_MESSAGE(created.status == 201, created.body);
  REQUIRE(f.post(dispatcher_of_province,
                 "/v1/tickets/" + text_at(created, "ticket_no") + ":dispatch",
                 R"({"unit":"370883"})")
              .status == 200);
  f.dispatch_ticket();
  const auto waits = [](std::int64_t n) {
    return [n](const v1::LiveMessage& m) {
      return std::ranges::any_of(m.rows(), [&](const v1::BoardRow& row) {
        return row.unit() == "370883" && row.waiting() == n;
      });
    };
  };
  city.wait(waits(2));
  officer.wait(waits(1));
  CHECK(std::ranges::none_of(officer.told(), waits(2)));
}

TEST_CASE("a subscription outside one's part of the tree is refused, with what is wrong") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  live_client client(f, officer_of_qingdao);
  const auto refused = [&](const std::string& request) {
    client.ask(request);
    return client.wait(has_problem).problem();
  };
  const auto outside = refused(subscribe_to({"mine", "unit:370883"}, "a"));
  CHECK(outside.id() == "a");
  CHECK(outside.code() == "not_allowed");
  CHECK(outside.field() == "subscribe.topics[1]");
  CHECK(outside.topic() == "unit:370883");
  CHECK_FALSE(outside.title_zh().empty());
  for (const char* topic : {"board:370000", "queue:370800"}) {
    CHECK(refused(subscribe_to({topic})).code() == "not_allowed");
  }
  // A ticket one may not see is as unknown as one that does not exist.
  const auto hidden = refused(subscribe_to({"ticket:" + no}));
  const auto absent = refused(subscribe_to({"ticket:3708-20261123-99999"}));
  CHECK(hidden.code() == "not_found");
  CHECK(absent.code() == hidden.code());
  CHECK(absent.title_zh() == hidden.title_zh());
  CHECK(refused(subscribe_to({"unit:999999"})).code() == "not_found");
  CHECK(refused(subscribe_to({"everything"})).code() == "field_malformed");
  CHECK(refused(R"({"id":"x"})").code() == "body_malformed");
  CHECK(refused("{").code() == "body_malformed");
  CHECK(refused(R"({"subscribe":{"topic":[]}})").code() == "field_malformed");
  CHECK(refused(resume_to({"mine"}, "nonsense")).field() == "resume.position");
  CHECK(refused(R"({"ack":{"position":"nonsense"}})").field() == "ack.position");
  // Of a refused request nothing holds: not even the topic that was good.
  client.watch({"unit:370200"});
  const auto& answer = client.told().back();
  CHECK(answer.subscribed().topics_size() == 1);
}

TEST_CASE("subscribing twice is once, unsubscribing ends it, and there is a limit") {
  auto options = quick_push();
  options.topics_max = 3;
  gateway_fixture f(mode::live, options);
  live_client client(f, officer_of_zoucheng);
  client.watch({"mine", "mine", "queue:370883"});
  client.watch({"queue:370883"});
  CHECK(client.told().back().subscribed().topics_size() == 2);
  client.ask(subscribe_to({"unit:370883", "board:370883"}, "more"));
  CHECK(client.wait(has_problem).problem().code() == "too_many_subscriptions");
  const std::string no = f.dispatch_ticket();
  CHECK(client.change_of(no).topics_size() == 1);
  client.ask(R"({"id":"u","unsubscribe":{"topics":["queue:370883","unit:370883"]}})");
  const auto& left = client.wait([](const v1::LiveMessage& m) { return m.has_subscribed(); });
  REQUIRE(left.subscribed().topics_size() == 1);
  CHECK(left.subscribed().topics(0) == "mine");
}

TEST_CASE("a right withdrawn ends the open socket within a second, idle or busy") {
  gateway_fixture f;
  live_client idle(f, officer_of_zoucheng);
  live_client other(f, supervisor_of_jining);
  idle.watch({"unit:370883"});
  other.watch({"unit:370800"});
  f.rights = [](const v1::Actor& who) { return who.user() != "wang"; };
  const auto begun = steady_now();
  SUBCASE("idle") {}
  SUBCASE("busy") { other.change_of(f.dispatch_ticket()); }
  CHECK(idle.wait_closed() == 1008);
  CHECK(steady_now() - begun < 1s);
  CHECK(idle.told().back().bye().reason() == v1::BYE_REASON_RIGHTS);
  for (const auto& message : idle.told()) CHECK(message.changes_size() == 0);
  CHECK_FALSE(other.closed());
  test::run_until(f.redis.context, [&] { return f.feed->sessions() == 1; });
}

TEST_CASE("what may not be watched any more after a change of the organisation is given up") {
  gateway_fixture f;
  live_client city(f, supervisor_of_jining);
  city.watch({"unit:p-12345-370800", "mine"});
  // The partner is another city's from now on.
  auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
  REQUIRE(config.has_value());
  for (auto& unit : *config->mutable_organisation()->mutable_units()) {
    if (unit.code() == "p-12345-370800") unit.set_parent("370100");
  }
  auto built = domain::build_province(*config);
  REQUIRE_MESSAGE(built.has_value(), (built ? "" : built.error().detail));
  f.land = std::make_shared<const domain::province>(std::move(*built));
  const auto problem = city.wait(has_problem).problem();
  CHECK(problem.topic() == "unit:p-12345-370800");
  city.watch({"mine"});
  CHECK(city.told().back().subscribed().topics_size() == 1);
}

TEST_CASE("the door: origins, too many sockets, no handshake, nobody") {
  gateway_fixture f;
  const auto origin = [&](const char* page) {
    return refused_handshake(f, officer_of_zoucheng, {{"Origin", page}});
  };
  CHECK(origin("https://evil.example.cn") == "403");
  CHECK(origin("https://console.example.cn") == "connected");
  CHECK(refused_handshake(f, {"ROLE_SYSTEM", "370883", "wang"}) == "403");
  CHECK(f.get(officer_of_zoucheng, "/v1/stream").status == 426);
  test::run_until(f.redis.context, [&] { return f.feed->sessions() == 0; });
  std::vector<std::unique_ptr<live_client>> open;
  for (int i = 0; i < 4; ++i) {
    open.push_back(std::make_unique<live_client>(f, officer_of_zoucheng));
  }
  CHECK(refused_handshake(f, officer_of_zoucheng) == "429");
  CHECK(refused_handshake(f, supervisor_of_jining) == "connected");
  open.pop_back();
  test::run_until(f.redis.context, [&] { return f.feed->sessions() == 3; });
  CHECK(refused_handshake(f, officer_of_zoucheng) == "connected");
}

TEST_CASE("somebody who asks without end is shown out") {
  auto options = quick_push();
  options.requests_waiting_max = 8;
  gateway_fixture f(mode::live, options);
  live_client client(f, officer_of_zoucheng);
  client.watch({"mine"});
  // Nobody can be served while Redis does not answer.
  REQUIRE(f.redis.exec("CLIENT", "PAUSE", 1'500).has_value());
  test::run_until(f.redis.context, [&] { return f.redis.client->pending() > 0; });
  for (int i = 0; i < 50; ++i) client.ask(subscribe_to({"mine"}));
  CHECK(client.wait_closed() == 1008);
}

TEST_CASE("a silence is broken, and nobody reads where nobody listens") {
  auto options = quick_push();
  options.beat = 50ms;
  options.rest_after = 100ms;
  gateway_fixture f(mode::live, options);
  CHECK_FALSE(f.feed->following());
  live_client client(f, officer_of_zoucheng);
  CHECK(client.told()[0].welcome().beat_ms() == 50);
  client.watch({"mine"});
  CHECK(f.feed->following());
  client.wait([](const v1::LiveMessage& m) {
    return !m.position().empty() && !m.has_subscribed() && m.changes_size() == 0;
  });
  client.cut();
  test::run_until(f.redis.context, [&] { return !f.feed->following(); });
  CHECK(f.live_counts.sockets == 0);
}

TEST_CASE("stopping says goodbye") {
  gateway_fixture f;
  live_client client(f, officer_of_zoucheng);
  client.watch({"mine"});
  f.feed->stop();
  CHECK(client.wait_closed() == 1001);
  CHECK(client.told().back().bye().reason() == v1::BYE_REASON_STOPPING);
}

TEST_CASE("while Redis is away nothing is lost: it comes when Redis is back") {
  gateway_fixture f;
  live_client client(f, officer_of_zoucheng);
  client.watch({"unit:370883"});
  const std::string no = f.dispatch_ticket();
  client.change_of(no);
  const auto connections = f.redis.client->connections();
  f.redis.exec("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no");
  test::run_until(f.redis.context, [&] { return f.redis.client->connections() > connections; });
  f.redis.wait_connected(*f.redis.client);
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign").status == 200);
  CHECK(client.change_of(no).ticket().state() == v1::STATE_HANDLING);
}

}  // namespace
}  // namespace hotline::gateway
