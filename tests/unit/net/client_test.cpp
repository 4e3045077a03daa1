// The client: round trips, and which failure means what.
#include "common/net/http_client.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "tests/support/run_coro.hpp"
#include "tests/unit/net/test_server.hpp"

using namespace hotline;
using namespace hotline::net;
using namespace hotline::net::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

asio::awaitable<result<response>> get(http_client& client, std::string target,
                                      std::chrono::milliseconds deadline = patience) {
  return client.send(method::get, std::move(target), {}, {}, deadline);
}

/// A server that reads a request and then says exactly this, on each of `connections`.
asio::awaitable<void> scripted(tcp::acceptor& acceptor, std::string says, int connections) {
  for (int i = 0; i < connections; ++i) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    std::array<char, 4096> request{};
    co_await socket.async_read_some(asio::buffer(request), asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(says), asio::use_awaitable);
  }
}

result<response> ask_scripted(const std::string& says) {
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  http_client client(context, "127.0.0.1", acceptor.local_endpoint().port());
  result<response> answer = fail(errc::internal, "not asked");
  asio::co_spawn(context, scripted(acceptor, says, 1), [](std::exception_ptr) {});
  const auto work = [&]() -> asio::awaitable<void> {
    answer = co_await get(client, "/");
    client.close();
  };
  asio::co_spawn(context, work, [&](std::exception_ptr) { context.stop(); });
  context.run_for(patience);
  return answer;
}

}  // namespace

TEST_CASE("bodies, headers and statuses make the round trip") {
  test_server server;
  asio::io_context context(1);
  const auto work = [&]() -> asio::awaitable<void> {
    http_client client(context, "localhost", server.port());
    const field_list headers{{"X-Note", "a"}};
    const auto posted = co_await client.send(method::post, "/p?q=1", headers, "工单", patience);
    REQUIRE(posted);
    CHECK(posted->status == 200);
    CHECK(posted->content_type == "text/plain");
    CHECK(posted->body == "POST /p 工单");
    CHECK(posted->header("x-request-id") != nullptr);
    const auto head = co_await client.send(method::head, "/h", {}, {}, patience);
    REQUIRE(head);
    CHECK(head->body.empty());
    const auto empty = co_await get(client, "/empty");
    REQUIRE(empty);
    CHECK(empty->status == 204);
    const auto deleted = co_await client.send(method::delete_, "/d", {}, {}, patience);
    REQUIRE(deleted);
    CHECK(deleted->body == "DELETE /d ");
  };
  hotline::test::run_coro(context, work());
  CHECK(server.counters().accepted == 1);
}

TEST_CASE("the client connects again when the server has closed") {
  server_options options;
  options.requests_per_connection_max = 2;
  test_server server(options);
  asio::io_context context(1);
  const auto work = [&]() -> asio::awaitable<void> {
    http_client client(context, "127.0.0.1", server.port());
    for (int i = 0; i < 6; ++i) {
      const auto answer = co_await get(client, "/");
      REQUIRE(answer);
      CHECK(answer->status == 200);
    }
  };
  hotline::test::run_coro(context, work());
  CHECK(server.counters().accepted == 3);
}

TEST_CASE("nobody listens: unavailable, nothing was sent") {
  asio::io_context context(1);
  tcp::acceptor reserved(context, {asio::ip::address_v4::loopback(), 0});
  const auto port = reserved.local_endpoint().port();
  reserved.close();
  const auto work = [&]() -> asio::awaitable<void> {
    http_client client(context, "127.0.0.1", port);
    const auto answer = co_await get(client, "/");
    REQUIRE(!answer);
    CHECK(answer.error().code == errc::unavailable);
  };
  hotline::test::run_coro(context, work());
}

TEST_CASE("no answer in time: the outcome is unknown, and the next request connects anew") {
  test_server server;
  asio::io_context context(1);
  const auto work = [&]() -> asio::awaitable<void> {
    http_client client(context, "127.0.0.1", server.port());
    const auto warm = co_await get(client, "/");
    REQUIRE(warm);
    const auto late = co_await get(client, "/wait", 50ms);
    REQUIRE(!late);
    CHECK(late.error().code == errc::outcome_unknown);
    const auto next = co_await get(client, "/next");
    REQUIRE(next);
    CHECK(next->body == "GET /next ");
  };
  hotline::test::run_coro(context, work());
  server.release();
}

TEST_CASE("one request at a time") {
  test_server server;
  asio::io_context context(1);
  http_client client(context, "127.0.0.1", server.port());
  bool first_answered = false;
  const auto first = [&]() -> asio::awaitable<void> {
    const auto answer = co_await get(client, "/wait");
    REQUIRE(answer);
    first_answered = true;
    client.close();
  };
  const auto second = [&]() -> asio::awaitable<void> {
    const auto answer = co_await get(client, "/");
    REQUIRE(!answer);
    CHECK(answer.error().code == errc::overloaded);
    server.release();
  };
  asio::co_spawn(context, first, [&](std::exception_ptr) { context.stop(); });
  REQUIRE(eventually([&] {
    context.poll();
    return server.waiting() == 1;
  }));
  asio::co_spawn(context, second, [](std::exception_ptr) {});
  context.run_for(patience);
  CHECK(first_answered);
}

TEST_CASE("answers that are cut short or no HTTP leave the outcome unknown") {
  for (const char* says : {"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "hello\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Len"}) {
    CAPTURE(says);
    const auto answer = ask_scripted(says);
    REQUIRE(!answer);
    CHECK(answer.error().code == errc::outcome_unknown);
  }
}

TEST_CASE("answers framed by chunks or by the end of the connection are read") {
  const auto by_chunks =
      ask_scripted("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  REQUIRE(by_chunks);
  CHECK(by_chunks->body == "abc");
  const auto by_end = ask_scripted("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
  REQUIRE(by_end);
  CHECK(by_end->body == "abc");
}

TEST_CASE("a request that would break its own frame is not sent") {
  asio::io_context context(1);
  const auto work = [&]() -> asio::awaitable<void> {
    http_client client(context, "127.0.0.1", 1);
    for (const char* target : {"a", "", "/a b", "/a\r\nX: y"}) {
      const auto answer = co_await get(client, target);
      REQUIRE(!answer);
      CHECK(answer.error().code == errc::invalid_argument);
    }
    const field_list headers{{"X", "a\r\nY: b"}};
    const auto split = co_await client.send(method::get, "/", headers, {}, patience);
    REQUIRE(!split);
    CHECK(split.error().code == errc::invalid_argument);
  };
  hotline::test::run_coro(context, work());
}
