// Partners by https: only with who can show that it is the host, and only where it may be.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "services/transfer/partner_http.hpp"
#include "tests/support/redis_fixture.hpp"
#include "tests/support/run_coro.hpp"

namespace hotline::test {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using net::method;
using transfer::partner_http;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr milliseconds patience{10'000};

/// An authority of the test's own, and what it vouches for; files of one directory.
class authority {
 public:
  authority() {
    openssl("req -x509 {new_key} -keyout {dir}/ca.key -out {dir}/ca.pem -subj /CN=test -days 1");
  }

  std::string ca_file() const { return directory_.path() + "/ca.pem"; }
  std::string file(const std::string& name) const { return directory_.path() + "/" + name; }

  /// "DNS:localhost"; with days below 0 it is over.
  void vouch_for(const std::string& name, int days = 1) const {
    openssl(
        "req {new_key} -keyout {dir}/server.key -out {dir}/server.csr -subj /CN=server "
        "-addext subjectAltName=" +
        name);
    openssl(
        fmt::format("x509 -req -in {{dir}}/server.csr -CA {{dir}}/ca.pem -CAkey {{dir}}/ca.key "
                    "-CAcreateserial -copy_extensions copy -out {{dir}}/server.pem -days {}",
                    days));
  }

 private:
  void openssl(std::string arguments) const {
    const auto put = [&](const std::string& mark, const std::string& text) {
      for (auto at = arguments.find(mark); at != arguments.npos; at = arguments.find(mark))
        arguments.replace(at, mark.size(), text);
    };
    put("{new_key}", "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes");
    put("{dir}", directory_.path());
    REQUIRE(std::system(("openssl " + arguments + " 2>/dev/null").c_str()) == 0);
  }

  temporary_directory directory_;
};

/// Answers every request on every connection with its target.
class tls_server {
 public:
  tls_server(asio::io_context& context, const authority& from, ssl::context::options refused = 0)
      : acceptor_(context, {asio::ip::address_v4::loopback(), 0}), tls_(ssl::context::tls_server) {
    tls_.set_options(refused);
    tls_.use_certificate_chain_file(from.file("server.pem"));
    tls_.use_private_key_file(from.file("server.key"), ssl::context::pem);
    asio::co_spawn(context, accept(), asio::detached);
  }

  std::string url(const std::string& host = "localhost") const {
    return fmt::format("https://{}:{}/a?b=1", host, acceptor_.local_endpoint().port());
  }

  int connections = 0;
  std::vector<std::string> names;  ///< told by SNI
  std::vector<std::string> asked;

 private:
  asio::awaitable<void> accept() {
    while (true) {
      auto [error, socket] = co_await acceptor_.async_accept(as_result);
      if (error) co_return;
      ++connections;
      asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), asio::detached);
    }
  }
  asio::awaitable<void> serve(tcp::socket socket) {
    ssl::stream<tcp::socket> stream(std::move(socket), tls_);
    const auto [bad] = co_await stream.async_handshake(ssl::stream_base::server, as_result);
    if (bad) co_return;
    const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    names.emplace_back(name == nullptr ? "" : name);
    std::string request;
    while (true) {
      const auto [error, size] = co_await asio::async_read_until(
          stream, asio::dynamic_buffer(request), "\r\n\r\n", as_result);
      if (error) co_return;
      asked.push_back(request.substr(0, size));
      request.erase(0, size);
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nheard";
      const auto [broken, sent] =
          co_await asio::async_write(stream, asio::buffer(answer), as_result);
      if (broken) co_return;
    }
  }

  tcp::acceptor acceptor_;
  ssl::context tls_;
};

struct tls_fixture {
  result<net::response> get(const std::string& url, const std::string& ca_file,
                            bool internal = true, milliseconds deadline = patience) {
    partner_http http(context, {.internal = internal, .ca_file = ca_file});
    return run_coro(context, http.send(method::get, url, {}, {}, deadline));
  }
  /// Why nothing was sent.
  std::string refusal(const tls_server& server, const std::string& url,
                      const std::string& ca_file) {
    const auto answer = get(url, ca_file);
    CHECK(server.asked.empty());
    if (answer) return "answered";
    CHECK(answer.error().code == errc::unavailable);
    return answer.error().detail;
  }

  authority ca;
  asio::io_context context{1};
};

TEST_CASE("a partner is asked by TLS, and told by which name") {
  tls_fixture f;
  f.ca.vouch_for("DNS:localhost");
  tls_server server(f.context, f.ca);
  const auto answer = f.get(server.url(), f.ca.ca_file());
  REQUIRE_MESSAGE(answer, (answer ? "" : to_string(answer.error())));
  CHECK(answer->status == 200);
  CHECK(answer->body == "heard");
  CHECK(server.names == std::vector<std::string>{"localhost"});
  CHECK(server.asked.at(0).starts_with("GET /a?b=1 HTTP/1.1\r\n"));
}

TEST_CASE("a connection by TLS is kept; an address is a name, too") {
  tls_fixture f;
  f.ca.vouch_for("IP:127.0.0.1");
  tls_server server(f.context, f.ca);
  partner_http http(f.context, {.internal = true, .ca_file = f.ca.ca_file()});
  for (int i = 0; i < 3; ++i) {
    const auto answer =
        run_coro(f.context, http.send(method::get, server.url("127.0.0.1"), {}, {}, patience));
    REQUIRE_MESSAGE(answer, (answer ? "" : to_string(answer.error())));
    CHECK(answer->body == "heard");
  }
  CHECK(server.connections == 1);
  CHECK(server.names == std::vector<std::string>{""});
}

TEST_CASE("nothing is sent to who cannot show that it is the host") {
  tls_fixture f;
  SUBCASE("nobody the system trusts vouches for it") {
    f.ca.vouch_for("DNS:localhost");
    tls_server server(f.context, f.ca);
    const auto why = f.refusal(server, server.url(), "");
    CHECK_MESSAGE(why.find("certificate") != why.npos, why);
  }
  SUBCASE("another authority") {
    f.ca.vouch_for("DNS:localhost");
    tls_server server(f.context, f.ca);
    const authority other;
    const auto why = f.refusal(server, server.url(), other.ca_file());
    CHECK_MESSAGE(why.find("certificate") != why.npos, why);
  }
  SUBCASE("another name") {
    f.ca.vouch_for("DNS:other.example");
    tls_server server(f.context, f.ca);
    const auto why = f.refusal(server, server.url(), f.ca.ca_file());
    CHECK_MESSAGE(why.find("hostname mismatch") != why.npos, why);
  }
  SUBCASE("another address") {
    f.ca.vouch_for("DNS:localhost");
    tls_server server(f.context, f.ca);
    const auto why = f.refusal(server, server.url("127.0.0.1"), f.ca.ca_file());
    CHECK_MESSAGE(why.find("IP address mismatch") != why.npos, why);
  }
  SUBCASE("it is over") {
    f.ca.vouch_for("DNS:localhost", -1);
    tls_server server(f.context, f.ca);
    const auto why = f.refusal(server, server.url(), f.ca.ca_file());
    CHECK_MESSAGE(why.find("expired") != why.npos, why);
  }
  SUBCASE("TLS that is too old") {
    f.ca.vouch_for("DNS:localhost");
    tls_server server(f.context, f.ca, ssl::context::no_tlsv1_2 | ssl::context::no_tlsv1_3);
    CHECK(f.refusal(server, server.url(), f.ca.ca_file()) != "answered");
  }
}

TEST_CASE("authorities that cannot be read are said") {
  tls_fixture f;
  const auto answer = f.get("https://localhost:1/", f.ca.file("none.pem"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::misconfigured);
  CHECK(answer.error().detail.find("none.pem") != std::string::npos);
}

TEST_CASE("where an open partner may not be, it may not be by TLS either") {
  tls_fixture f;
  f.ca.vouch_for("DNS:localhost,IP:127.0.0.1");
  tls_server server(f.context, f.ca);
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto answer = f.get(server.url(host), f.ca.ca_file(), false);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == errc::unavailable);
  }
  CHECK(server.connections == 0);
}

TEST_CASE("who never answers the greeting is given up in time") {
  tls_fixture f;
  tcp::acceptor silent(f.context, {asio::ip::address_v4::loopback(), 0});
  const auto url = fmt::format("https://127.0.0.1:{}/", silent.local_endpoint().port());
  const auto answer = f.get(url, f.ca.ca_file(), true, milliseconds(100));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::unavailable);
  CHECK(answer.error().detail.find("deadline") != std::string::npos);
}

}  // namespace
}  // namespace hotline::test
