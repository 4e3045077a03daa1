// The HTTP/1.1 server: one per thread, on that thread's io_context; servers of several threads may
// share a port. Nothing here is thread-safe: call every member on the io_context's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/net/connection_budget.hpp"
#include "common/net/http_message.hpp"
#include "common/net/request_check.hpp"
#include "common/net/ws_session.hpp"

namespace boost::asio {
class io_context;
}

namespace hotline::net {

/// Answers a request. A leaked exception is logged and answered 500. On a hard stop the coroutine
/// is cancelled (terminal cancellation).
using http_handler = std::function<boost::asio::awaitable<response>(request)>;

/// What a route takes as a body.
struct body_rule {
  // A number alone is a rule: most routes have nothing else to say.
  body_rule(std::size_t most, bool asks = false)  // NOLINT(google-explicit-constructor)
      : bytes_max(most), asks_first(asks) {}

  std::size_t bytes_max;
  bool asks_first;  ///< the body_gate has to let it in before it is read
};

/// Asked before the body is read.
using body_limit_of = std::function<body_rule(method, std::string_view path)>;

/// A body that may come.
struct body_place {
  std::chrono::milliseconds deadline{0};  ///< for all of it; 0: as the options say
  std::shared_ptr<void> held = {};        ///< let go when the request is answered
};

/// Whether a body may come, told by the head of its request; otherwise what is answered without
/// reading it. A leaked exception is logged and answered 500.
using body_gate =
    std::function<boost::asio::awaitable<std::expected<body_place, response>>(request head)>;

struct server_options {
  std::string address = "127.0.0.1";  ///< numeric, IPv4 or IPv6
  std::uint16_t port = 0;             ///< 0: the system chooses
  bool reuse_port = false;            ///< SO_REUSEPORT: several servers share the port
  int backlog = 4096;                 ///< connections waiting for accept (the kernel caps it)

  head_rules head;
  std::size_t body_bytes_max = 64 * 1024;
  body_limit_of route_body_limit;  ///< may be empty: body_bytes_max for all
  body_gate gate;                  ///< for routes that ask first; needed where there are such

  std::chrono::milliseconds head_deadline{10'000};   ///< absolute, from the first byte or accept
  std::chrono::milliseconds body_deadline{30'000};   ///< absolute, for a body of body_bytes_max
  std::size_t body_bytes_per_s_min = 1'000;          ///< average since the body began,
  std::chrono::milliseconds body_rate_grace{5'000};  ///< looked at after this time
  std::chrono::milliseconds write_deadline{30'000};  ///< for a client that does not read
  std::chrono::milliseconds idle_deadline{60'000};   ///< between requests
  std::chrono::milliseconds linger_deadline{2'000};  ///< to let a refused client read its answer
  std::chrono::milliseconds sweep_interval{250};     ///< how exact the deadlines above are
  std::chrono::milliseconds accept_retry{100};       ///< pause when out of descriptors

  ws_options sockets;

  std::size_t requests_per_connection_max = 1'000;
  std::size_t connections_max = 10'000;        ///< together; and
  std::size_t connections_per_peer_max = 200;  ///< from one address;
  std::shared_ptr<connection_budget> budget;   ///< if given, instead of the two numbers above

  /// Our own proxies: a request through one takes its peer from the last X-Forwarded-For entry and
  /// its id from X-Request-Id. With any, a server beyond loopback lets in nobody else but them.
  std::vector<std::string> trusted_proxies;
};

/// Counted since start, for metrics.
struct server_counters {
  std::uint64_t accepted = 0;
  std::uint64_t refused_connections = 0;  ///< over a connection limit
  std::uint64_t accept_failures = 0;      ///< mostly: out of descriptors
  std::uint64_t requests = 0;             ///< handed to the handler
  std::uint64_t refused_requests = 0;     ///< by a check of form, a limit or a deadline
  std::uint64_t handler_exceptions = 0;
  std::uint64_t upgraded = 0;  ///< connections that became WebSockets
  std::size_t open = 0;        ///< connections now, WebSockets not counted
  std::size_t sockets = 0;     ///< WebSockets now; they take places of connections_max too
};

class server_core;

class http_server {
 public:
  http_server(boost::asio::io_context& context, server_options options, http_handler handler,
              logger log);
  /// Closes what is still open; call stop() before for a graceful end.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Binds and listens. misconfigured: the address is not numeric; io_error: the system said no.
  result<void> listen();
  /// The port in use; 0 before listen().
  std::uint16_t port() const;
  /// Begins to accept. After listen().
  void start();
  /// Stops accepting, closes idle connections and WebSockets (1001), lets requests that have begun
  /// be answered for at most `deadline`, then closes the rest and cancels their handlers.
  boost::asio::awaitable<void> stop(std::chrono::milliseconds deadline);

  server_counters counters() const;

 private:
  std::shared_ptr<server_core> core_;
};

}  // namespace hotline::net
