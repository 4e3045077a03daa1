#include "common/net/forwarded.hpp"

#include <doctest/doctest.h>

using namespace hotline::net;

TEST_CASE("forwarded addresses are believed only from our proxies") {
  const std::vector<std::string> proxies{"10.0.0.1", "10.0.0.2"};
  const auto client = [&](std::string_view peer, const field_list& headers) {
    return client_address(headers, peer, proxies);
  };
  CHECK(client("192.0.2.7", {}) == "192.0.2.7");
  CHECK(client("192.0.2.7", {{"X-Forwarded-For", "10.9.9.9"}}) == "192.0.2.7");
  CHECK(client("10.0.0.1", {}) == "10.0.0.1");
  CHECK(client("10.0.0.1", {{"x-forwarded-for", "192.0.2.8"}}) == "192.0.2.8");
  CHECK(client("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 192.0.2.8"}}) == "192.0.2.8");
  CHECK(client("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 192.0.2.8 ,10.0.0.2"}}) == "192.0.2.8");
  CHECK(client("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "192.0.2.8"}}) ==
        "192.0.2.8");
  CHECK(client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.8, evil"}}) == "10.0.0.1");
  CHECK(client("10.0.0.1", {{"X-Forwarded-For", "2001:DB8::1"}}) == "2001:db8::1");
}

TEST_CASE("request ids from outside have a fixed form") {
  CHECK(is_request_id("a-B_9.x"));
  CHECK(is_request_id(std::string(64, 'a')));
  CHECK_FALSE(is_request_id(""));
  CHECK_FALSE(is_request_id(std::string(65, 'a')));
  CHECK_FALSE(is_request_id("a b"));
  CHECK_FALSE(is_request_id("a\nb"));
}
