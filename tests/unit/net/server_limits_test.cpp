// The bounds that keep one client from holding what others need. Deadlines are made short here; the
// assertions are about who is cut off and with which words, not about exact times.
#include <sys/resource.h>

#include <doctest/doctest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/net/http_client.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/unit/net/test_server.hpp"

using namespace hotline::net;
using namespace hotline::net::test;
using namespace std::chrono_literals;

namespace {

constexpr auto never = 600'000ms;

/// Only the deadline under test is short.
server_options patient_options() {
  server_options options;
  options.head_deadline = never;
  options.body_deadline = never;
  options.body_rate_grace = never;
  options.write_deadline = never;
  options.idle_deadline = never;
  options.sweep_interval = 5ms;
  return options;
}

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

bool has_rule(const std::string& answer, const std::string& rule) {
  return answer.find("\"rule\":\"" + rule + "\"") != std::string::npos;
}

/// Sends the byte again and again until the server has answered; the answer.
std::string drip(raw_socket client, std::string_view byte) {
  for (int i = 0; i < 5'000 && client.send(byte); ++i) std::this_thread::sleep_for(2ms);
  return client.read_to_end().value_or("");
}

}  // namespace

TEST_CASE("a head that drips in is cut off by an absolute deadline") {
  auto options = patient_options();
  options.head_deadline = 100ms;
  test_server server(options);
  raw_socket client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  const auto answer = client.read_to_end();
  REQUIRE(answer);
  CHECK(status_of(*answer) == 408);
  CHECK(has_rule(*answer, "head_timeout"));
}

TEST_CASE("every byte of a head in time does not renew its deadline") {
  auto options = patient_options();
  options.head_deadline = 100ms;
  options.linger_deadline = 10ms;
  test_server server(options);
  raw_socket client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  drip(std::move(client), "a");
  CHECK(eventually([&] { return server.counters().open == 0; }));
  CHECK(server.counters().refused_requests == 1);
}

TEST_CASE("a body that never ends is cut off") {
  auto options = patient_options();
  options.body_deadline = 100ms;
  test_server server(options);
  raw_socket client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
  const auto answer = client.read_to_end();
  REQUIRE(answer);
  CHECK(status_of(*answer) == 408);
  CHECK(has_rule(*answer, "body_timeout"));
}

TEST_CASE("a body that comes too slowly is cut off long before its deadline") {
  auto options = patient_options();
  options.body_rate_grace = 50ms;
  options.linger_deadline = 10ms;
  test_server server(options);
  raw_socket client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
  drip(std::move(client), "a");
  CHECK(eventually([&] { return server.counters().open == 0; }));
  CHECK(server.counters().refused_requests == 1);
  CHECK(server.handled() == 0);
}

TEST_CASE("a body at more than the floor is left alone") {
  auto options = patient_options();
  options.body_rate_grace = 1ms;
  test_server server(options);
  raw_socket client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n");
  for (int i = 0; i < 50; ++i) {
    client.send(std::string(1'000, 'a'));
    std::this_thread::sleep_for(1ms);
  }
  CHECK(status_of(client.read_answer()) == 200);
}

TEST_CASE("an idle connection is closed without a word") {
  auto options = patient_options();
  SUBCASE("between requests") {
    options.idle_deadline = 50ms;
    test_server server(options);
    raw_socket client = server.connect();
    client.send(get);
    CHECK(status_of(client.read_answer()) == 200);
    CHECK(client.read_to_end() == "");
  }
  SUBCASE("before the first") {
    options.head_deadline = 50ms;
    test_server server(options);
    CHECK(server.connect().read_to_end() == "");
  }
}

TEST_CASE("a client that does not read is cut off") {
  auto options = patient_options();
  options.write_deadline = 50ms;
  options.requests_per_connection_max = 100'000;
  test_server server(options);
  raw_socket client = server.connect();
  for (int i = 0; i < 40; ++i) client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(eventually([&] { return server.counters().open == 0; }));
  CHECK(server.handled() < 40);
}

TEST_CASE("a connection serves only so many requests") {
  auto options = patient_options();
  options.requests_per_connection_max = 3;
  test_server server(options);
  raw_socket client = server.connect();
  client.send(get + get + get + get);
  const auto answers = client.read_to_end();
  REQUIRE(answers);
  CHECK(answers_in(*answers) == 3);
  CHECK(answers->find("Connection: close") > answers->rfind("HTTP/1.1 "));
  CHECK(server.handled() == 3);
}

TEST_CASE("one address gets only so many connections, and gets them back") {
  auto options = patient_options();
  options.connections_per_peer_max = 2;
  test_server server(options);
  std::vector<raw_socket> held;
  for (int i = 0; i < 2; ++i) {
    held.push_back(server.connect());
    held.back().send(get);
    CHECK(status_of(held.back().read_answer()) == 200);
  }
  const auto refused = server.connect().read_to_end();
  REQUIRE(refused);
  CHECK(status_of(*refused) == 503);
  CHECK(refused->find("Retry-After: ") != std::string::npos);
  held.pop_back();
  CHECK(eventually([&] { return server.counters().open == 1; }));
  raw_socket again = server.connect();
  again.send(get);
  CHECK(status_of(again.read_answer()) == 200);
  CHECK(server.counters().refused_connections == 1);
}

TEST_CASE("beyond loopback only the proxies and this machine are let in") {
  // The address others would see; asking for the way to one sends nothing.
  boost::asio::io_context context;
  boost::asio::ip::udp::socket way(context, boost::asio::ip::udp::v4());
  boost::system::error_code unreachable;
  way.connect({boost::asio::ip::make_address("192.0.2.1"), 9}, unreachable);
  if (unreachable) return;  // a machine without a network has no such address
  const std::string own = way.local_endpoint().address().to_string();
  const auto answered = [&](const std::vector<std::string>& proxies, const std::string& address) {
    auto options = patient_options();
    options.address = "0.0.0.0";
    options.trusted_proxies = proxies;
    test_server server(options);
    http_client client(context, address, server.port());
    const auto answer = hotline::test::run_coro(context, client.send(method::get, "/", {}, "", 5s));
    client.close();
    return answer.has_value();
  };
  CHECK(answered({"10.255.255.1"}, "127.0.0.1"));
  CHECK_FALSE(answered({"10.255.255.1"}, own));
  CHECK(answered({own}, own));
}

TEST_CASE("the total of connections is bounded, over all servers of a process, proxies included") {
  auto options = patient_options();
  options.budget = std::make_shared<connection_budget>(2, 1);
  options.trusted_proxies = {"127.0.0.1"};
  test_server first(options);
  test_server second(options);
  raw_socket one = first.connect();
  raw_socket two = second.connect();
  one.send(get);
  two.send(get);
  CHECK(status_of(one.read_answer()) == 200);
  CHECK(status_of(two.read_answer()) == 200);
  const auto refused = first.connect().read_to_end();
  REQUIRE(refused);
  CHECK(status_of(*refused) == 503);
}

TEST_CASE("without descriptors accepting waits, and goes on when there are some") {
  auto options = patient_options();
  options.accept_retry = 5ms;
  test_server server(options);
  raw_socket before = server.connect();
  before.send(get);
  CHECK(status_of(before.read_answer()) == 200);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit none{.rlim_cur = 3, .rlim_max = limit.rlim_max};
  raw_socket starved(server.port(), [&] { ::setrlimit(RLIMIT_NOFILE, &none); });
  CHECK(eventually([&] { return server.counters().accept_failures > 1; }));
  before.send(get);
  CHECK(status_of(before.read_answer()) == 200);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  starved.send(get);
  CHECK(status_of(starved.read_answer()) == 200);
}

TEST_CASE("bodies are bounded by the route") {
  auto options = patient_options();
  options.body_bytes_max = 10;
  options.route_body_limit = [](method, std::string_view path) -> std::size_t {
    return path == "/files" ? 1'000'000 : 10;
  };
  test_server server(options);
  const std::string large(900'000, 'f');
  CHECK(ask(server.port(), method::post, "/a", "0123456789")->status == 200);
  CHECK(ask(server.port(), method::post, "/a", "0123456789a")->status == 413);
  const auto taken = ask(server.port(), method::post, "/files", large);
  REQUIRE(taken);
  CHECK(taken->body == "POST /files " + large);
}

TEST_CASE("a route that asks first reads no body that was not let in, and keeps its place") {
  auto options = patient_options();
  options.route_body_limit = [](method, std::string_view path) {
    return body_rule(path == "/files" ? 1'000'000 : 10, path == "/files");
  };
  const auto place = std::make_shared<int>();
  std::atomic<int> asked = 0;
  options.gate = [&](request head) -> boost::asio::awaitable<std::expected<body_place, response>> {
    ++asked;
    if (head.header("X-Throw") != nullptr) throw std::runtime_error("gate");
    if (head.header("X-Known") == nullptr) {
      response no;
      no.status = 401;
      co_return std::unexpected(std::move(no));
    }
    co_return body_place{.held = std::make_shared<std::shared_ptr<int>>(place)};
  };
  test_server server(options);
  const std::string post = "POST /files HTTP/1.1\r\nHost: a\r\n";
  const std::string length = "Content-Length: 1000\r\n\r\n";
  raw_socket stranger = server.connect();
  stranger.send(post + "Expect: 100-continue\r\n" + length);
  CHECK(status_of(stranger.read_answer()) == 401);
  raw_socket unlucky = server.connect();
  unlucky.send(post + "X-Throw: 1\r\n" + length);
  CHECK(status_of(unlucky.read_answer()) == 500);
  CHECK(server.handled() == 0);

  raw_socket known = server.connect();
  known.send(post + "X-Known: 1\r\n" + length);
  CHECK(eventually([&] { return place.use_count() == 2; }));
  known.send(std::string(1'000, 'x'));
  CHECK(status_of(known.read_answer()) == 200);
  CHECK(eventually([&] { return place.use_count() == 1; }));
  {
    raw_socket leaves = server.connect();
    leaves.send(post + "X-Known: 1\r\n" + length);
    CHECK(eventually([&] { return place.use_count() == 2; }));
  }
  CHECK(eventually([&] { return place.use_count() == 1; }));
  CHECK(asked == 4);
  // Nothing is asked where there is nothing to read, or too much.
  known.send(post + "\r\n");
  CHECK(status_of(known.read_answer()) == 200);
  known.send(post + "Content-Length: 1000001\r\n\r\n");
  CHECK(status_of(known.read_answer()) == 413);
  CHECK(asked == 4);
}

TEST_CASE("a body that was let in has to be there within the time its place allows") {
  auto options = patient_options();
  options.route_body_limit = [](method, std::string_view) { return body_rule(1'000'000, true); };
  options.gate = [](request) -> boost::asio::awaitable<std::expected<body_place, response>> {
    co_return body_place{.deadline = 50ms};
  };
  test_server server(options);
  raw_socket client = server.connect();
  client.send("POST /files HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  const auto answer = client.read_to_end();
  REQUIRE(answer);
  CHECK(has_rule(*answer, "body_timeout"));
}

TEST_CASE("a body far over the limit is refused while it is still being sent") {
  test_server server(patient_options());
  raw_socket client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
  client.send(std::string(200'000, 'x'));
  const auto answer = client.read_to_end();
  REQUIRE(answer);
  CHECK(status_of(*answer) == 413);
  CHECK(server.handled() == 0);
}
