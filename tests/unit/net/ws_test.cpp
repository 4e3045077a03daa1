// WebSockets: the handshake, what a socket bounds, and how it ends.
#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/log.hpp"
#include "common/net/http_server.hpp"
#include "common/net/problem.hpp"
#include "common/net/ws_client.hpp"
#include "common/net/ws_handshake.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/unit/net/test_server.hpp"

using namespace hotline;
using namespace hotline::net;
using namespace std::chrono_literals;

namespace {

const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";

request good_request() {
  request r;
  r.headers = {{"Host", "hotline.example.cn"},
               {"Connection", "keep-alive, Upgrade"},
               {"Upgrade", "websocket"},
               {"Sec-WebSocket-Version", "13"},
               {"Sec-WebSocket-Key", key}};
  return r;
}

void set(request& r, std::string_view name, std::string value) {
  for (auto& [field, old] : r.headers) {
    if (field == name) old = std::move(value);
  }
}

std::shared_ptr<const std::string> text(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

/// A server whose every request becomes a socket, with its clients on the same io_context.
struct ws_fixture {
  explicit ws_fixture(server_options options = {}) {
    options.sweep_interval = 10ms;
    server = std::make_unique<http_server>(
        context, std::move(options), [this](request r) { return handle(std::move(r)); },
        logger(make_null_sink(), "test"));
    REQUIRE(server->listen());
    server->start();
  }
  ~ws_fixture() {
    clients.clear();
    hotline::test::run_coro(context, server->stop(2s));
    CHECK(server->counters().sockets == 0);
  }

  boost::asio::awaitable<response> handle(request r) {
    response out;
    if (!ws_key_of(r)) co_return refuse_without_ws();
    out.on_socket = [this](std::shared_ptr<ws_session> made) {
      sockets.push_back(made);
      const auto number = sockets.size() - 1;
      made->listen({.on_message = [this](std::string_view m) { received.emplace_back(m); },
                    .on_drained = [this] { ++drained; },
                    .on_closed =
                        [this, number] {
                          ++closed;
                          sockets[number] = nullptr;
                        }});
    };
    co_return out;
  }

  /// One more client; its messages go to `told`.
  ws_client& open(ws_client_options options = {}) {
    auto made = std::make_unique<ws_client>(
        context, [this](std::string_view m) { told.emplace_back(m); },
        [this](int code) { codes.push_back(code); }, std::move(options));
    const auto before = sockets.size();
    const auto connected =
        hotline::test::run_coro(context, made->connect("127.0.0.1", server->port(), "/ws", {}, 5s));
    REQUIRE_MESSAGE(connected.has_value(), (connected ? "" : connected.error().detail));
    hotline::test::run_until(context, [&] { return sockets.size() > before; });
    return *clients.emplace_back(std::move(made));
  }

  boost::asio::io_context context{1};
  std::unique_ptr<http_server> server;
  std::vector<std::unique_ptr<ws_client>> clients;
  std::vector<std::shared_ptr<ws_session>> sockets;
  std::vector<std::string> received;
  std::vector<std::string> told;
  std::vector<int> codes;
  int drained = 0;
  int closed = 0;
};

}  // namespace

TEST_CASE("a handshake is read strictly") {
  CHECK(ws_key_of(good_request()) == key);
  const auto refused = [](auto spoil) {
    request r = good_request();
    spoil(r);
    return !ws_key_of(r);
  };
  CHECK(refused([](request& r) { r.verb = method::post; }));
  CHECK(refused([](request& r) { r.verb = method::head; }));
  CHECK(refused([](request& r) { set(r, "Upgrade", "h2c"); }));
  CHECK(refused([](request& r) { set(r, "Connection", "keep-alive"); }));
  CHECK(refused([](request& r) { set(r, "Sec-WebSocket-Version", "8"); }));
  CHECK(refused([](request& r) { set(r, "Sec-WebSocket-Key", "short=="); }));
  CHECK(refused([](request& r) { set(r, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ!=="); }));
  CHECK(refused([](request& r) { r.headers.emplace_back("Sec-WebSocket-Key", key); }));
  CHECK(refused([](request& r) { r.headers.pop_back(); }));
}

TEST_CASE("only pages of this host, or of a listed one, may open a socket") {
  const std::vector<std::string> listed{"https://console.example.cn"};
  const auto allowed = [&](const char* origin) {
    request r = good_request();
    r.headers.emplace_back("Origin", origin);
    return is_origin_allowed(r, listed);
  };
  CHECK(is_origin_allowed(good_request(), listed));
  CHECK(allowed("https://hotline.example.cn"));
  CHECK(allowed("http://HOTLINE.example.cn"));
  CHECK(allowed("https://console.example.cn"));
  CHECK_FALSE(allowed("https://evil.example.cn"));
  CHECK_FALSE(allowed("https://hotline.example.cn.evil.cn"));
  CHECK_FALSE(allowed("https://hotline.example.cn:8443"));
  CHECK_FALSE(allowed("ftp://hotline.example.cn"));
  CHECK_FALSE(allowed("null"));
}

TEST_CASE("text goes both ways, and either side may say goodbye") {
  ws_fixture f;
  ws_client& client = f.open();
  client.send("你好");
  client.send("again");
  hotline::test::run_until(f.context, [&] { return f.received.size() == 2; });
  CHECK(f.received[0] == "你好");
  f.sockets[0]->send(text("one"));
  f.sockets[0]->send(text("two"));
  hotline::test::run_until(f.context, [&] { return f.told.size() == 2; });
  CHECK(f.told == std::vector<std::string>{"one", "two"});
  CHECK(f.server->counters().sockets == 1);
  CHECK(f.server->counters().open == 0);
  SUBCASE("the server") {
    f.sockets[0]->send(text("last"));
    f.sockets[0]->close(ws_close::policy, "rights");
    CHECK(f.sockets[0]->send(text("too late")) == ws_sent::closed);
    hotline::test::run_until(f.context, [&] { return f.closed == 1 && f.codes.size() == 1; });
    CHECK(f.told.back() == "last");
    CHECK(f.codes[0] == 1008);
  }
  SUBCASE("the client") {
    client.close();
    hotline::test::run_until(f.context, [&] { return f.closed == 1; });
  }
  SUBCASE("nobody: the line is cut") {
    client.cut();
    hotline::test::run_until(f.context, [&] { return f.closed == 1; });
  }
  SUBCASE("the server stops") {
    hotline::test::run_coro(f.context, f.server->stop(5s));
    hotline::test::run_until(f.context, [&] { return f.codes.size() == 1; });
    CHECK(f.codes[0] == 1001);
  }
  CHECK(f.server->counters().sockets == 0);
}

TEST_CASE("a request without a handshake is told what is missing") {
  ws_fixture f;
  http_client client(f.context, "127.0.0.1", f.server->port());
  const auto answer =
      hotline::test::run_coro(f.context, client.send(method::get, "/ws", {}, "", 5s));
  REQUIRE(answer);
  CHECK(answer->status == 426);
  CHECK(*answer->header("Upgrade") == "websocket");
  CHECK(*answer->header("Sec-WebSocket-Version") == "13");
  client.close();
}

TEST_CASE("a message that is too long or not text ends the socket") {
  server_options options;
  options.sockets.message_bytes_max = 1'000;
  ws_fixture f(options);
  f.open().send(std::string(1'001, 'x'));
  hotline::test::run_until(f.context, [&] { return f.closed == 1 && f.codes.size() == 1; });
  CHECK(f.received.empty());
  CHECK(f.codes[0] == 1009);
}

TEST_CASE("a client that does not read is bounded, told when it reads on, and disturbs nobody") {
  server_options options;
  options.sockets.queue_bytes_max = 64 * 1024;
  options.sockets.send_buffer_bytes = 8 * 1024;
  ws_fixture f(options);
  ws_client& frozen = f.open();
  f.open();
  frozen.freeze(true);
  const auto block = text(std::string(16 * 1024, 'x'));
  // Until the kernel takes no more and the queue is full.
  auto sent = ws_sent::queued;
  for (int i = 0; i < 10'000 && sent == ws_sent::queued; ++i) {
    sent = f.sockets[0]->send(block);
    f.context.poll();
  }
  REQUIRE(sent == ws_sent::full);
  CHECK(f.sockets[0]->queued_bytes() <= options.sockets.queue_bytes_max);
  CHECK(f.drained == 0);
  const auto before = f.told.size();
  f.sockets[1]->send(text("for the other"));
  hotline::test::run_until(
      f.context, [&] { return f.told.size() > before && f.told.back() == "for the other"; });

  f.sockets[0]->drop_queued();
  CHECK(f.sockets[0]->queued_bytes() <= block->size());
  frozen.freeze(false);
  hotline::test::run_until(f.context, [&] { return f.drained == 1; });
  CHECK(f.sockets[0]->queued_bytes() == 0);
  f.sockets[0]->send(text("resync"));
  hotline::test::run_until(f.context, [&] { return f.told.back() == "resync"; });
}

TEST_CASE("one message longer than the queue passes, and the socket lives on") {
  server_options options;
  options.sockets.queue_bytes_max = 1'000;
  ws_fixture f(options);
  f.open();
  const std::string whole(50'000, 'x');
  REQUIRE(f.sockets[0]->send(text(whole)) == ws_sent::queued);
  CHECK(f.sockets[0]->send(text("behind it")) == ws_sent::full);
  hotline::test::run_until(f.context, [&] { return f.drained == 1; });
  hotline::test::run_until(f.context, [&] { return f.told.size() == 1; });
  CHECK(f.told[0] == whole);
  CHECK(f.sockets[0]->send(text("after it")) == ws_sent::queued);
  hotline::test::run_until(f.context, [&] { return f.told.size() == 2; });
}

TEST_CASE("a client that stays frozen is cut") {
  server_options options;
  options.sockets.send_buffer_bytes = 8 * 1024;
  options.sockets.write_deadline = 100ms;
  ws_fixture f(options);
  f.open().freeze(true);
  const auto block = text(std::string(64 * 1024, 'x'));
  const auto limit = steady_now() + 15s;
  while (f.closed == 0 && steady_now() < limit) {
    if (f.sockets[0]) f.sockets[0]->send(block);
    f.context.run_one_for(20ms);
  }
  CHECK(f.closed == 1);
}

TEST_CASE("a client that does not answer goodbye or ping is cut") {
  server_options options;
  options.sockets.close_deadline = 50ms;
  options.sockets.idle_deadline = 100ms;
  ws_fixture f(options);
  f.open().freeze(true);
  // What is being read already still comes; then it is deaf.
  f.sockets[0]->send(text("last"));
  hotline::test::run_until(f.context, [&] { return f.told.size() == 1; });
  SUBCASE("goodbye") { f.sockets[0]->close(ws_close::policy, ""); }
  SUBCASE("ping") {}
  hotline::test::run_until(f.context, [&] { return f.closed == 1; });
}

TEST_CASE("sockets take places of the connection budget until they end") {
  server_options options;
  options.connections_max = 2;
  ws_fixture f(options);
  f.open();
  f.open();
  http_client third(f.context, "127.0.0.1", f.server->port());
  const auto refused = hotline::test::run_coro(f.context, third.send(method::get, "/", {}, "", 5s));
  CHECK((!refused || refused->status == 503));
  third.close();
  f.clients[0]->cut();
  hotline::test::run_until(f.context, [&] { return f.server->counters().sockets == 1; });
  f.open();
}

TEST_CASE("bytes behind the handshake are refused: they have two readings") {
  ws_fixture f;
  std::string answer;
  std::thread prober([&] {
    hotline::net::test::raw_socket raw(f.server->port());
    raw.send(
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
        key + "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    answer = raw.read_to_end().value_or("");
  });
  hotline::test::run_until(f.context, [&] { return f.server->counters().refused_requests == 1; });
  hotline::test::run_until(f.context, [&] { return f.server->counters().open == 0; });
  prober.join();
  CHECK(hotline::net::test::status_of(answer) == 400);
  CHECK(hotline::net::test::answers_in(answer) == 1);
  CHECK(f.sockets.empty());
}
