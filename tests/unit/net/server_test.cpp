// What a well-behaved client sees.
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/net/test_server.hpp"

using namespace hotline::net;
using namespace hotline::net::test;

namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every answer carries its length, its id and the safe headers") {
  test_server server;
  raw_socket client = server.connect();
  client.send("POST /a%20b?x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  const std::string answer = client.read_answer();
  CHECK(status_of(answer) == 200);
  CHECK(holds(answer, "\r\nContent-Length: 13\r\n"));
  CHECK(holds(answer, "\r\nContent-Type: text/plain\r\n"));
  CHECK(holds(answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
  CHECK(holds(answer, "\r\nCache-Control: no-store\r\n"));
  CHECK(holds(answer, "\r\nX-Request-Id: "));
  CHECK_FALSE(holds(answer, "Connection: close"));
  CHECK(answer.ends_with("\r\n\r\nPOST /a b abc"));
}

TEST_CASE("a handler's Cache-Control is kept") {
  test_server server;
  const auto answer = ask(server.port(), method::get, "/cached");
  REQUIRE(answer);
  CHECK(*answer->header("Cache-Control") == "max-age=60");
}

TEST_CASE("a connection serves request after request") {
  test_server server;
  raw_socket client = server.connect();
  for (int i = 0; i < 20; ++i) {
    client.send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(client.read_answer().ends_with("GET /" + std::to_string(i) + " "));
  }
  CHECK(server.counters().accepted == 1);
}

TEST_CASE("requests sent ahead are answered one after the other, in order") {
  test_server server;
  raw_socket client = server.connect();
  client.send(
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"
      "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n0\r\n\r\n"
      "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.read_answer().ends_with("POST /1 x"));
  CHECK(client.read_answer().ends_with("POST /2 y"));
  const auto last = client.read_to_end();
  REQUIRE(last);
  CHECK(last->ends_with("GET /3 "));
  CHECK(holds(*last, "\r\nConnection: close\r\n"));
  CHECK(server.handled() == 3);
}

TEST_CASE("a second request waits until the first is answered") {
  test_server server;
  raw_socket client = server.connect();
  client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return server.waiting() == 1; }));
  CHECK(server.handled() == 1);
  server.release();
  CHECK(client.read_answer().ends_with("GET /wait "));
  CHECK(client.read_answer().ends_with("GET /2 "));
}

TEST_CASE("chunks are joined, in whatever packets they come") {
  test_server server;
  raw_socket client = server.connect();
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\nA\r\n0123456789\r\n01\r\nz\r\n0\r\n\r\n";
  for (const char& byte : bytes) client.send({&byte, 1});
  CHECK(client.read_answer().ends_with("POST / abc0123456789z"));
}

TEST_CASE("HEAD is answered without body but with its length") {
  test_server server;
  raw_socket client = server.connect();
  client.send("HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  CHECK(holds(head, "\r\nContent-Length: 10\r\n"));
  client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.read_answer().starts_with("HTTP/1.1 200 OK"));
}

TEST_CASE("204 has no body and no length") {
  test_server server;
  raw_socket client = server.connect();
  client.send("GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto answer = client.read_to_end();
  REQUIRE(answer);
  CHECK(status_of(*answer) == 204);
  CHECK_FALSE(holds(*answer, "Content-Length"));
  CHECK(answer->ends_with("\r\n\r\n"));
}

TEST_CASE("HTTP/1.0 gets its answer and the end of the connection") {
  test_server server;
  const auto answer = server.probe("GET /old HTTP/1.0\r\nHost: a\r\n\r\n");
  REQUIRE(answer);
  CHECK(status_of(*answer) == 200);
}

TEST_CASE("a client that stops sending still gets its answer") {
  test_server server;
  raw_socket client = server.connect();
  client.send("GET /half HTTP/1.1\r\nHost: a\r\n\r\n");
  client.finish_sending();
  const auto answer = client.read_to_end();
  REQUIRE(answer);
  CHECK(answer->ends_with("GET /half "));
}

TEST_CASE("100-continue: told to go on, or refused before sending") {
  test_server server;
  raw_socket client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  CHECK(client.read_answer().ends_with("POST / abc"));
  const auto refused = server.probe(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n");
  REQUIRE(refused);
  CHECK(status_of(*refused) == 413);
  CHECK(answers_in(*refused) == 1);
}

TEST_CASE("a large answer arrives whole") {
  test_server server;
  const auto answer = ask(server.port(), method::get, "/large");
  REQUIRE(answer);
  CHECK(answer->body == std::string(1'000'000, 'x'));
}

TEST_CASE("a handler that throws is an internal error without its words") {
  test_server server;
  raw_socket client = server.connect();
  client.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = client.read_answer();
  CHECK(status_of(answer) == 500);
  CHECK(holds(answer, "\"code\":\"internal\""));
  CHECK_FALSE(holds(answer, "secret"));
  client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(status_of(client.read_answer()) == 200);
  CHECK(server.counters().handler_exceptions == 1);
}

TEST_CASE("a header that would split the answer is not sent") {
  test_server server;
  raw_socket client = server.connect();
  client.send("GET /split HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = client.read_answer();
  CHECK(status_of(answer) == 500);
  CHECK_FALSE(holds(answer, "Set-Cookie"));
}

TEST_CASE("the peer and the request id come from a trusted proxy, and from nobody else") {
  const std::string bytes =
      "GET /peer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.8\r\nX-Request-Id: "
      "from-outside\r\n"
      "Connection: close\r\n\r\n";
  test_server direct;
  const auto from_client = direct.probe(bytes);
  REQUIRE(from_client);
  CHECK(holds(*from_client, "\r\n\r\n127.0.0.1 "));
  CHECK_FALSE(holds(*from_client, "from-outside"));
  server_options options;
  options.trusted_proxies = {"127.0.0.1"};
  test_server behind(options);
  const auto from_proxy = behind.probe(bytes);
  REQUIRE(from_proxy);
  CHECK(from_proxy->ends_with("\r\n\r\n192.0.2.8 from-outside"));
}

TEST_CASE("servers of several threads share a port") {
  server_options options;
  options.reuse_port = true;
  test_server first(options);
  options.port = first.port();
  test_server second(options);
  CHECK(second.port() == first.port());
}

TEST_CASE("an address that cannot be had is an error") {
  boost::asio::io_context context;
  const auto listen = [&](server_options options) {
    http_server server(context, std::move(options), {},
                       hotline::logger(hotline::make_null_sink(), "t"));
    return server.listen();
  };
  server_options named;
  named.address = "localhost";
  CHECK(listen(named).error().code == hotline::errc::misconfigured);
  test_server holder;
  server_options taken;
  taken.port = holder.port();
  CHECK(listen(taken).error().code == hotline::errc::io_error);
}
