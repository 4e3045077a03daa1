// URLs and addresses, by table.
#include <doctest/doctest.h>

#include <array>
#include <string_view>
#include <tuple>

#include "common/net/http_client.hpp"
#include "common/net/http_url.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/unit/net/test_server.hpp"

using namespace hotline;
using namespace hotline::net;
using namespace hotline::net::test;

TEST_CASE("a URL falls into its parts") {
  struct row {
    std::string_view url, host;
    int port;
    std::string_view authority, target;
  };
  for (const auto& r : std::array{
           row{"http://a.cn", "a.cn", 80, "a.cn", "/"},
           row{"https://a.cn", "a.cn", 443, "a.cn", "/"},
           row{"http://a.cn:8080/x/y?z=1", "a.cn", 8080, "a.cn:8080", "/x/y?z=1"},
           row{"http://a.cn?z=1", "a.cn", 80, "a.cn", "/?z=1"},
           row{"http://[2001:db8::1]:81/", "2001:db8::1", 81, "[2001:db8::1]:81", "/"},
           row{"http://[::1]/", "::1", 80, "[::1]", "/"},
       }) {
    CAPTURE(r.url);
    const auto parts = parse_http_url(r.url);
    REQUIRE(parts);
    CHECK(parts->host == r.host);
    CHECK(parts->port == r.port);
    CHECK(parts->authority == r.authority);
    CHECK(parts->target == r.target);
    CHECK(parts->secure == r.url.starts_with("https"));
  }
}

TEST_CASE("what is no URL to ask is refused") {
  for (const std::string_view url :
       {"", "a.cn", "ftp://a.cn/", "http://", "http:///x", "http://u:p@a.cn/", "http://a.cn:0/",
        "http://a.cn:/", "http://a.cn:65536/", "http://a.cn:8o/", "http://a.cn/#x",
        "http://a.cn/a b", "http://a.cn/\r\nX: 1", "http://[::1", "http://[::1]x/",
        "file:///etc"}) {
    CAPTURE(url);
    CHECK_FALSE(parse_http_url(url));
  }
}

TEST_CASE("what an address is") {
  using enum address_kind;
  for (const auto& [address, kind] : std::array<std::pair<std::string_view, address_kind>, 40>{{
           {"8.8.8.8", global},         {"9.255.255.255", global},
           {"10.0.0.0", site},          {"10.255.255.255", site},
           {"11.0.0.0", global},        {"100.63.255.255", global},
           {"100.64.0.1", site},        {"100.128.0.0", global},
           {"126.255.255.255", global}, {"127.0.0.1", loopback},
           {"127.9.9.9", loopback},     {"169.254.169.254", unusable},
           {"172.15.0.1", global},      {"172.16.0.1", site},
           {"172.31.255.255", site},    {"172.32.0.1", global},
           {"192.168.1.1", site},       {"192.0.2.1", unusable},
           {"198.19.0.1", unusable},    {"198.20.0.1", global},
           {"0.0.0.0", unusable},       {"0.1.2.3", unusable},
           {"224.0.0.1", unusable},     {"255.255.255.255", unusable},
           {"223.255.255.255", global}, {"::", unusable},
           {"::1", loopback},           {"::2", unusable},
           {"::ffff:10.1.2.3", site},   {"::ffff:127.0.0.1", loopback},
           {"::ffff:8.8.8.8", global},  {"64:ff9b::10.0.0.1", site},
           {"2002:7f00:1::", loopback}, {"2001:0:1::", unusable},
           {"2001:db8::1", unusable},   {"2400:3200::1", global},
           {"fc00::1", site},           {"fe80::1", unusable},
           {"ff02::1", unusable},       {"localhost", unusable},
       }}) {
    CAPTURE(address);
    CHECK(kind_of_address(address) == kind);
  }
}

TEST_CASE("a client connects to no address that is not allowed") {
  test_server server;
  boost::asio::io_context context(1);
  const auto ask_with = [&](bool allow) {
    std::vector<std::string> asked;
    client_options options;
    options.may_connect = [&, allow](std::string_view address) {
      asked.emplace_back(address);
      return allow;
    };
    http_client client(context, "localhost", server.port(), std::move(options));
    auto answer = hotline::test::run_coro(context, client.send(method::get, "/", {}, {}, patience));
    CHECK_FALSE(asked.empty());
    return answer;
  };
  const auto refused = ask_with(false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::unavailable);
  CHECK(server.counters().accepted == 0);
  CHECK(ask_with(true));
}
