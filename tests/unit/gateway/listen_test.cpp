// Beyond this machine only behind a TLS proxy.
#include "services/gateway/listen.hpp"

#include <doctest/doctest.h>

namespace hotline::gateway {
namespace {

TEST_CASE("without TLS in front the gateway binds loopback addresses only") {
  v1::GatewaySettings settings;
  CHECK(listen_options(settings)->address == "127.0.0.1");
  for (const char* good : {"127.0.0.1", "127.0.0.2", "::1"}) {
    settings.set_listen_address(good);
    CAPTURE(good);
    CHECK(listen_options(settings).has_value());
  }
  for (const char* bad : {"0.0.0.0", "::", "10.0.0.5", "8.8.8.8", "localhost", "::ffff:8.8.8.8",
                          "127.0.0.1.", "127.1"}) {
    settings.set_listen_address(bad);
    CAPTURE(bad);
    const auto options = listen_options(settings);
    REQUIRE_FALSE(options.has_value());
    CHECK(options.error().code == errc::misconfigured);
    CHECK(options.error().detail.find(bad) != std::string::npos);
  }
}

TEST_CASE("behind a TLS proxy it listens anywhere, and believes its proxies") {
  v1::GatewaySettings settings;
  settings.set_behind_tls(true);
  for (const char* beyond : {"0.0.0.0", "::", "10.0.0.5"}) {
    settings.set_listen_address(beyond);
    settings.clear_trusted_proxies();
    const auto open = listen_options(settings);
    REQUIRE_FALSE(open.has_value());
    CHECK(open.error().detail.find("trusted_proxies") != std::string::npos);
    settings.add_trusted_proxies("10.0.0.1");
    CHECK(listen_options(settings).has_value());
  }
  settings.set_listen_address("localhost");
  CHECK_FALSE(listen_options(settings).has_value());
  settings.set_listen_address("0.0.0.0");
  CHECK(listen_options(settings)->trusted_proxies == std::vector<std::string>{"10.0.0.1"});
  settings.add_trusted_proxies("proxy.example");
  CHECK_FALSE(listen_options(settings).has_value());
}

TEST_CASE("zero means the default, and numbers are checked") {
  v1::GatewaySettings settings;
  settings.set_body_bytes_max(1000);
  settings.add_hosts("hotline.example");
  const auto options = listen_options(settings);
  REQUIRE(options.has_value());
  CHECK(options->body_bytes_max == 1000);
  CHECK(options->connections_max == 10'000);
  CHECK(options->head.allowed_hosts.size() == 1);
  settings.set_port(65'536);
  CHECK_FALSE(listen_options(settings).has_value());
  settings.set_port(0);
  settings.set_connections_max(-1);
  CHECK_FALSE(listen_options(settings).has_value());
}

TEST_CASE("how much is handed in has a default and a bound, since it is in memory on its way") {
  v1::GatewaySettings settings;
  const auto usual = upload_limits_of(settings);
  REQUIRE(usual.has_value());
  CHECK(usual->file_bytes_max == 10'485'760);
  CHECK(usual->at_once == 8);
  CHECK(usual->of_one_user == 4);
  settings.set_uploads_max(1);
  CHECK(upload_limits_of(settings)->of_one_user == 1);
  settings.set_uploads_max(-1);
  CHECK_FALSE(upload_limits_of(settings).has_value());
  settings.set_uploads_max(0);
  settings.set_file_bytes_max(52'428'800);
  CHECK(upload_limits_of(settings).has_value());
  settings.set_file_bytes_max(52'428'801);
  CHECK_FALSE(upload_limits_of(settings).has_value());
}

}  // namespace
}  // namespace hotline::gateway
