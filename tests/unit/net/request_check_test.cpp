// What the strict reading of a head accepts, what it makes of it, and that no bytes crash it.
#include "common/net/request_check.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace hotline::net;

namespace {

std::string head_of(const std::string& line, const std::string& fields = {}) {
  return line + "\r\nHost: a.example:8080\r\n" + fields + "\r\n";
}

request_head accept(const std::string& head, const head_rules& rules = {}) {
  auto checked = check_request_head(head, rules);
  REQUIRE(checked);
  return std::move(*checked);
}

}  // namespace

TEST_CASE("a head becomes a request") {
  const auto head = accept(head_of("POST /v1/tickets/3708-1:sign?a=1&b=%E5%B7%A5+x HTTP/1.1",
                                   "Content-Type:application/json\r\nX-Note: \t a b \t\r\n"
                                   "Content-Length: 12\r\nAuthorization: Bearer x\r\n"));
  CHECK(head.message.verb == method::post);
  CHECK(head.message.target == "/v1/tickets/3708-1:sign?a=1&b=%E5%B7%A5+x");
  CHECK(head.message.path == "/v1/tickets/3708-1:sign");
  REQUIRE(head.message.query_value("b") != nullptr);
  CHECK(*head.message.query_value("b") == "工 x");
  CHECK(head.message.query_value("c") == nullptr);
  CHECK(*head.message.header("content-type") == "application/json");
  CHECK(*head.message.header("X-NOTE") == "a b");
  CHECK(head.message.header("missing") == nullptr);
  CHECK(head.framing == body_framing::length);
  CHECK(head.content_length == 12);
  CHECK(head.keep_alive);
  CHECK_FALSE(head.expects_continue);
}

TEST_CASE("framing and the life of the connection") {
  CHECK(accept(head_of("POST / HTTP/1.1")).framing == body_framing::none);
  CHECK(accept(head_of("POST / HTTP/1.1", "Content-Length: 0\r\n")).framing == body_framing::none);
  CHECK(accept(head_of("GET / HTTP/1.1", "Content-Length: 0\r\n")).framing == body_framing::none);
  CHECK(accept(head_of("PUT / HTTP/1.1", "Transfer-Encoding: chunked\r\n")).framing ==
        body_framing::chunked);
  CHECK_FALSE(accept(head_of("GET / HTTP/1.0")).keep_alive);
  CHECK_FALSE(accept(head_of("GET / HTTP/1.0", "Connection: keep-alive\r\n")).keep_alive);
  CHECK_FALSE(accept(head_of("GET / HTTP/1.1", "Connection: x , Close\r\n")).keep_alive);
  CHECK(accept(head_of("GET / HTTP/1.1", "Connection: keep-alive\r\n")).keep_alive);
  const std::string expect = "Expect: 100-continue\r\nContent-Length: 1\r\n";
  CHECK(accept(head_of("POST / HTTP/1.1", expect)).expects_continue);
  CHECK_FALSE(accept(head_of("POST / HTTP/1.0", expect)).expects_continue);
  CHECK_FALSE(accept(head_of("POST / HTTP/1.1", "Expect: 100-continue\r\n")).expects_continue);
}

TEST_CASE("hosts of every form") {
  for (const char* host :
       {"a", "a.b-c.example", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:443"}) {
    CAPTURE(host);
    CHECK(check_request_head("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n", {}));
  }
}

TEST_CASE("the limits are exact") {
  head_rules rules;
  rules.header_count_max = 3;
  rules.target_bytes_max = 10;
  CHECK(check_request_head(head_of("GET / HTTP/1.1", "A: 1\r\nB: 2\r\n"), rules));
  CHECK(check_request_head(head_of("GET / HTTP/1.1", "A: 1\r\nB: 2\r\nC: 3\r\n"), rules).error() ==
        http_fault::header_count);
  CHECK(check_request_head(head_of("GET /123456789 HTTP/1.1"), rules));
  CHECK(check_request_head(head_of("GET /1234567890 HTTP/1.1"), rules).error() ==
        http_fault::target_too_long);
  const std::string head = head_of("GET / HTTP/1.1");
  rules.head_bytes_max = head.size();
  CHECK(check_request_head(head, rules));
  rules.head_bytes_max = head.size() - 1;
  CHECK(check_request_head(head, rules).error() == http_fault::head_too_large);
}

TEST_CASE("the scanner finds the end of a head, however it arrives") {
  const std::string head = head_of("GET / HTTP/1.1");
  const std::string bytes = head + "body\n\n";
  SUBCASE("at once") {
    head_scanner scanner;
    const auto end = scanner.scan(bytes, {});
    REQUIRE(end);
    CHECK(*end == head.size());
  }
  SUBCASE("byte by byte") {
    head_scanner scanner;
    for (std::size_t size = 0; size < head.size(); ++size) {
      const auto end = scanner.scan(std::string_view(bytes).substr(0, size), {});
      REQUIRE(end);
      CHECK_FALSE(end->has_value());
    }
    CHECK(scanner.scan(head, {}).value() == head.size());
  }
  SUBCASE("up to its limit") {
    head_rules rules;
    rules.head_bytes_max = head.size();
    CHECK(head_scanner().scan(head, rules).value() == head.size());
    rules.head_bytes_max = head.size() - 1;
    CHECK(head_scanner().scan(head, rules).error() == http_fault::head_too_large);
  }
}

TEST_CASE("no bytes crash the check, and what it accepts has one reading") {
  const std::string seed_head =
      head_of("POST /v1/a%20b?q=%E5%B7%A5 HTTP/1.1",
              "Transfer-Encoding: chunked\r\nContent-Type: a/b\r\nConnection: close\r\n");
  constexpr unsigned seed = 12351;
  std::mt19937 random(seed);
  const std::string spice = std::string("\r\n:% \t,;0aZ/\x7f\x80\xff", 16) + '\0';
  int accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string head = seed_head;
    const auto edits = 1 + random() % 4;
    for (unsigned i = 0; i < edits; ++i) {
      const std::size_t at = random() % (head.size() - 4);
      const char byte = spice[random() % spice.size()];
      switch (random() % 3) {
        case 0: head[at] = byte; break;
        case 1: head.insert(at, 1, byte); break;
        default: head.erase(at, 1); break;
      }
    }
    const auto scanned = head_scanner().scan(head, {});
    const auto checked = check_request_head(head, {});
    if (!checked) continue;
    ++accepted;
    CHECK(scanned.has_value());
    CHECK(head.find('\0') == std::string::npos);
    CHECK(checked->message.path.starts_with('/'));
    const bool chunked = checked->message.header("Transfer-Encoding") != nullptr;
    CHECK(chunked == (checked->framing == body_framing::chunked));
  }
  CHECK(accepted > 100);
}
