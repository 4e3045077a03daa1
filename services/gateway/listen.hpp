// From the settings of the gateway to those of its HTTP server.
#pragma once

#include "common/base/error.hpp"
#include "common/net/http_server.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::gateway {

/// misconfigured when the address is not a loopback one: as long as there is no sign-in the gateway
/// believes what the request headers say about who acts, so only this machine may reach it; or when
/// a number is out of range.
result<net::server_options> listen_options(const v1::GatewaySettings& settings);

}  // namespace hotline::gateway
