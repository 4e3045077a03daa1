// An operation of the API: its route, what goes in, what comes out. The router and openapi.json are
// both made from these, so they cannot disagree.
#pragma once

#include <google/protobuf/descriptor.h>

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/http_message.hpp"
#include "common/net/http_server.hpp"
#include "common/net/router.hpp"
#include "hotline/v1/command.pb.h"
#include "services/gateway/authenticator.hpp"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

struct query_parameter {
  std::string_view name;
  std::string_view summary;
  bool required = false;
};

struct operation {
  net::method verb;
  std::string pattern;                                   ///< as the router takes it
  std::string name;                                      ///< stable: "sign_ticket"
  std::string summary;                                   ///< Chinese, one line
  const google::protobuf::Descriptor* body = nullptr;    ///< of the request; nullptr: none
  const google::protobuf::Descriptor* answer = nullptr;  ///< of a 2xx; nullptr: not a message
  std::vector<query_parameter> query = {};
  int success = 200;
  bool needs_actor = true;
  /// About the sender's own session and account: no post is needed, and a restriction (a first
  /// password) does not stand in the way.
  bool self_service = false;
  bool needs_key = false;      ///< Idempotency-Key
  bool takes_version = false;  ///< If-Match
  /// The sender has a format and rules of its own: the handler reads query and body itself.
  bool raw = false;
  /// The body is the bytes of a file, at most so many; 0: it is none.
  std::size_t file_bytes_max = 0;
  bool for_channels = false;  ///< ROLE_CHANNEL may ask this, and nothing that is not
};

/// A request that passed the checks its operation asks for.
struct call {
  net::request request;
  net::route_params params;
  v1::Actor actor;      ///< empty unless needs_actor; without unit and role in self_service
  std::string session;  ///< id of the session; empty unless needs_actor
  std::string key;      ///< empty unless needs_key
  body_format accepted = body_format::json;
};

/// What a handler makes of a call: an answer, or the problem to send.
using outcome = std::expected<net::response, net::problem>;
/// Whether the body of a call may come, which has only a head so far.
using admission = std::expected<net::body_place, net::problem>;
using body_admitter = std::function<boost::asio::awaitable<admission>(call)>;
using operation_handler = std::function<boost::asio::awaitable<outcome>(call)>;

/// Checks everything the operation declares besides who sends it, in the order of the README; then
/// the call is good.
reading<call> accept_call(const operation& op, visitor who, net::request request,
                          net::route_params params);

}  // namespace hotline::gateway
