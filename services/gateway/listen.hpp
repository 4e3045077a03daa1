// From the settings of the gateway to those of its HTTP server.
#pragma once

#include <cstddef>

#include "common/base/error.hpp"
#include "common/net/http_server.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::gateway {

/// misconfigured when the address is not a loopback one and behind_tls is not set: this server
/// speaks no TLS itself, and passwords must not cross a network in the clear; or when a number is
/// out of range.
result<net::server_options> listen_options(const v1::GatewaySettings& settings);

/// How much is handed in as files.
struct upload_limits {
  std::size_t file_bytes_max = 0;
  std::size_t at_once = 0;
  std::size_t of_one_user = 0;
};

/// misconfigured: a number is out of range.
result<upload_limits> upload_limits_of(const v1::GatewaySettings& settings);

}  // namespace hotline::gateway
