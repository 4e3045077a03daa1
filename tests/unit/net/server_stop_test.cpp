// Stopping: nobody who has begun is left without an answer, as long as that takes no longer than
// the deadline.
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/net/test_server.hpp"

using namespace hotline::net;
using namespace hotline::net::test;
using namespace std::chrono_literals;

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string get_wait = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

TEST_CASE("stopping closes idle connections at once") {
  test_server server;
  raw_socket idle = server.connect();
  idle.send(get);
  CHECK(status_of(idle.read_answer()) == 200);
  server.stop(patience);
  CHECK(idle.read_to_end() == "");
  CHECK(server.counters().open == 0);
}

TEST_CASE("stopping lets a request that has begun be answered, and closes behind it") {
  test_server server;
  raw_socket client = server.connect();
  client.send(get_wait);
  REQUIRE(eventually([&] { return server.waiting() == 1; }));
  server.begin_stop(patience);
  server.release();
  const auto answer = client.read_to_end();
  REQUIRE(answer);
  CHECK(status_of(*answer) == 200);
  CHECK(answer->find("Connection: close") != std::string::npos);
}

TEST_CASE("stopping cancels what is not done by the deadline") {
  test_server server;
  raw_socket client = server.connect();
  client.send(get_wait);
  REQUIRE(eventually([&] { return server.waiting() == 1; }));
  server.stop(20ms);
  CHECK(server.cancelled() == 1);
  CHECK(server.counters().open == 0);
  CHECK(client.read_to_end().value_or("") == "");
}

TEST_CASE("a server may vanish with requests open") {
  raw_socket client = [] {
    test_server server;
    raw_socket opened = server.connect();
    opened.send(get_wait);
    REQUIRE(eventually([&] { return server.waiting() == 1; }));
    return opened;
  }();
  CHECK(client.read_to_end().value_or("") == "");
}
