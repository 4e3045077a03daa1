// What a partner's server may do to us, and what we do then.
#include "services/transfer/partner_http.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "tests/support/run_coro.hpp"
#include "tests/unit/transfer/stand_in.hpp"

namespace hotline::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using net::method;
using transfer::partner_http;
using transfer::partner_http_options;

constexpr milliseconds patience{10'000};
constexpr milliseconds short_while{100};

struct http_fixture {
  result<net::response> get(const std::string& url, milliseconds deadline = patience) {
    return run_coro(context, http.send(method::get, url, {}, {}, deadline));
  }

  asio::io_context context{1};
  partner_http http{context, {.internal = true, .answer_bytes_max = 1000}};
};

/// Accepts one connection, reads a request, says this, and closes.
asio::awaitable<void> say_and_close(tcp::acceptor& acceptor, std::string says) {
  tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
  std::array<char, 4096> request{};
  co_await socket.async_read_some(asio::buffer(request), asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(says), asio::use_awaitable);
}

TEST_CASE("only an internal partner may be on this machine or in a network of ours") {
  struct row {
    const char* address;
    bool open, internal;
  };
  for (const auto& r :
       {row{"8.8.8.8", true, true}, row{"127.0.0.1", false, true}, row{"::1", false, true},
        row{"10.1.2.3", false, true}, row{"::ffff:192.168.0.1", false, true},
        row{"169.254.169.254", false, false}, row{"0.0.0.0", false, false},
        row{"fe80::1", false, false}}) {
    CAPTURE(r.address);
    CHECK(transfer::may_be_partner(r.address, false) == r.open);
    CHECK(transfer::may_be_partner(r.address, true) == r.internal);
  }
}

TEST_CASE("a name that leads to this machine is not asked for an open partner") {
  http_fixture f;
  stand_in partner(f.context);
  partner_http open(f.context, partner_http_options{});
  std::string by_name = partner.url();
  by_name.replace(by_name.find("127.0.0.1"), 9, "localhost");
  for (const auto& url : {by_name, partner.url()}) {
    const auto answer = run_coro(f.context, open.send(method::get, url, {}, {}, patience));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == errc::unavailable);
  }
  CHECK(partner.connections() == 0);
}

TEST_CASE("of an internal partner the configuration's own places are allowed, and no others") {
  http_fixture f;
  stand_in partner(f.context);
  stand_in other(f.context);
  v1::Partner config;
  config.mutable_outbound()->set_url(partner.url("/told"));
  CHECK(transfer::internal_places(config).empty());
  config.set_internal(true);
  partner_http open(f.context, {.internal_at = transfer::internal_places(config)});
  CHECK(run_coro(f.context, open.send(method::get, partner.url("/f"), {}, {}, patience)));
  CHECK_FALSE(run_coro(f.context, open.send(method::get, other.url("/f"), {}, {}, patience)));
  auto secure = partner.url("/f");
  secure.insert(4, "s");  // another place, though host and port are the same
  CHECK_FALSE(run_coro(f.context, open.send(method::get, secure, {}, {}, patience)));
  CHECK(other.connections() == 0);
  CHECK(partner.connections() == 1);
}

TEST_CASE("connections are kept, one for each exchange at the same time") {
  http_fixture f;
  stand_in partner(f.context);
  for (int i = 0; i < 3; ++i) CHECK(f.get(partner.url())->status == 200);
  CHECK(partner.connections() == 1);
  int answered = 0;
  for (int i = 0; i < 3; ++i) {
    asio::co_spawn(f.context, f.http.send(method::get, partner.url(), {}, {}, patience),
                   [&](std::exception_ptr, const result<net::response>& answer) {
                     answered += answer ? 1 : 0;
                   });
  }
  run_until(f.context, [&] { return answered == 3; });
  CHECK(partner.connections() == 3);
}

TEST_CASE("the address in the URL is what the partner sees as its host") {
  http_fixture f;
  stand_in partner(f.context);
  CHECK(f.get(partner.url("/a?b=1")));
  REQUIRE(partner.asked.size() == 1);
  CHECK(partner.asked[0].target == "/a?b=1");
  CHECK("http://" + *partner.asked[0].header("Host") + "/" == partner.url());
}

TEST_CASE("a redirect is an answer and is not followed") {
  http_fixture f;
  stand_in other(f.context);
  stand_in partner(f.context, [&](net::request) -> asio::awaitable<net::response> {
    auto away = answer_of(307, "");
    away.headers.emplace_back("Location", other.url());
    co_return away;
  });
  const auto answer = f.get(partner.url());
  REQUIRE(answer);
  CHECK(answer->status == 307);
  CHECK(other.connections() == 0);
}

TEST_CASE("an answer that is too large, too slow or broken off leaves the outcome unknown") {
  http_fixture f;
  stand_in large(f.context, [](net::request) -> asio::awaitable<net::response> {
    co_return answer_of(200, std::string(1001, 'x'));
  });
  auto answer = f.get(large.url());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::outcome_unknown);

  tcp::acceptor acceptor(f.context, {asio::ip::address_v4::loopback(), 0});
  const auto url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  answer = f.get(url, short_while);  // accepted by the kernel, answered by nobody
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::outcome_unknown);

  // The first connection is the one that was given up.
  asio::co_spawn(f.context, say_and_close(acceptor, ""), asio::detached);
  asio::co_spawn(f.context,
                 say_and_close(acceptor, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
                 asio::detached);
  answer = f.get(url);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::outcome_unknown);
}

TEST_CASE("what is not sent says so") {
  http_fixture f;
  tcp::acceptor reserved(f.context, {asio::ip::address_v4::loopback(), 0});
  const auto url = "http://127.0.0.1:" + std::to_string(reserved.local_endpoint().port());
  reserved.close();
  CHECK(f.get(url).error().code == errc::unavailable);
  CHECK(f.get("http://name.invalid/").error().code == errc::unavailable);
  CHECK(f.get("https://name.invalid/").error().code == errc::unavailable);
  CHECK(f.get("gopher://a.cn/").error().code == errc::invalid_argument);
}

TEST_CASE("stopping ends what is on its way") {
  http_fixture f;
  bool asked = false;
  stand_in partner(f.context, [&](net::request) -> asio::awaitable<net::response> {
    asked = true;
    boost::asio::steady_timer forever(f.context, std::chrono::hours(1));
    co_await forever.async_wait(asio::use_awaitable);
    co_return answer_of(200, "");
  });
  result<net::response> answer = fail(errc::internal, "");
  bool ended = false;
  asio::co_spawn(f.context, f.http.send(method::get, partner.url(), {}, {}, patience),
                 [&](std::exception_ptr, result<net::response> came) {
                   answer = std::move(came);
                   ended = true;
                 });
  run_until(f.context, [&] { return asked; });
  f.http.stop();
  run_until(f.context, [&] { return ended; });
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::outcome_unknown);
}

}  // namespace
}  // namespace hotline::test
