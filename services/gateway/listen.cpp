#include "services/gateway/listen.hpp"

#include <fmt/core.h>

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>

namespace hotline::gateway {
namespace {

/// The port is a whole number of the settings; everything else has a default at 0.
result<std::size_t> positive(std::string_view name, std::int32_t value, std::size_t otherwise) {
  if (value < 0) {
    return fail(errc::misconfigured,
                fmt::format("services.gateway.{} is {}; it must not be negative", name, value));
  }
  return value == 0 ? otherwise : static_cast<std::size_t>(value);
}

}  // namespace

result<net::server_options> listen_options(const v1::GatewaySettings& settings) {
  net::server_options options;
  if (!settings.listen_address().empty()) options.address = settings.listen_address();
  boost::system::error_code bad;
  const auto address = boost::asio::ip::make_address(options.address, bad);
  if (bad) {
    return fail(errc::misconfigured,
                fmt::format("services.gateway.listen_address is {}: write a numeric address, e.g. "
                            "127.0.0.1",
                            options.address));
  }
  if (!address.is_loopback() && !settings.behind_tls()) {
    return fail(errc::misconfigured,
                fmt::format("services.gateway.listen_address is {}: beyond loopback passwords and "
                            "tokens would cross the network in the clear. Put a TLS proxy in front "
                            "and set behind_tls: true, or listen on 127.0.0.1 or ::1",
                            options.address));
  }
  if (!address.is_loopback() && settings.trusted_proxies().empty()) {
    return fail(errc::misconfigured,
                fmt::format("services.gateway.listen_address is {}: name the TLS proxies that may "
                            "connect in trusted_proxies; nobody else is let in",
                            options.address));
  }
  for (const std::string& proxy : settings.trusted_proxies()) {
    boost::asio::ip::make_address(proxy, bad);
    if (bad) {
      return fail(
          errc::misconfigured,
          fmt::format("services.gateway.trusted_proxies has {}: write numeric addresses", proxy));
    }
    options.trusted_proxies.push_back(proxy);
  }
  if (settings.port() < 0 || settings.port() > UINT16_MAX) {
    return fail(errc::misconfigured, fmt::format("services.gateway.port is {}; it must lie in "
                                                 "0..65535",
                                                 settings.port()));
  }
  options.port = static_cast<std::uint16_t>(settings.port());
  const auto body = positive("body_bytes_max", settings.body_bytes_max(), options.body_bytes_max);
  if (!body) return pass(body);
  const auto connections =
      positive("connections_max", settings.connections_max(), options.connections_max);
  if (!connections) return pass(connections);
  options.body_bytes_max = *body;
  options.connections_max = *connections;
  options.head.allowed_hosts.assign(settings.hosts().begin(), settings.hosts().end());
  return options;
}

result<upload_limits> upload_limits_of(const v1::GatewaySettings& settings) {
  constexpr std::size_t mebi = std::size_t{1024} * 1024;
  constexpr std::size_t size_by_default = 10 * mebi;
  constexpr std::size_t size_most = 50 * mebi;
  constexpr std::size_t at_once_by_default = 8;
  const auto size = positive("file_bytes_max", settings.file_bytes_max(), size_by_default);
  if (!size) return pass(size);
  if (*size > size_most) {
    return fail(errc::misconfigured,
                fmt::format("services.gateway.file_bytes_max is {}; at most {}: each file that is "
                            "on its way is in memory",
                            *size, size_most));
  }
  const auto at_once = positive("uploads_max", settings.uploads_max(), at_once_by_default);
  if (!at_once) return pass(at_once);
  // Nobody takes all places; a channel is one user, and speaks for many.
  return upload_limits{*size, *at_once, (*at_once + 1) / 2};
}

}  // namespace hotline::gateway
