// An HTTP/1.1 client that keeps its connection: for tools, tests and the load generator, and lean
// enough for the last; and for partners. Redirects are not followed.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/net/http_message.hpp"
#include "common/net/tls.hpp"

namespace boost::asio {
class io_context;
}

namespace hotline::net {

struct client_options {
  std::size_t head_bytes_max = 16 * 1024;         ///< of an answer
  std::size_t body_bytes_max = 64 * 1024 * 1024;  ///< of an answer
  /// Asked for each address the host's name resolves to (numeric): only those it allows are
  /// connected to, so that what was checked is what is spoken to. Unset: any.
  std::function<bool(std::string_view address)> may_connect{};
  /// TLS is spoken, with who can show that it is the host. Unset: plain HTTP.
  std::shared_ptr<const tls_trust> tls{};
};

class client_connection;

class http_client {
 public:
  /// host: a name or a numeric address; also sent as Host.
  http_client(boost::asio::io_context& context, std::string host, std::uint16_t port,
              client_options options = {});
  ~http_client();
  http_client(http_client&&) noexcept;
  http_client& operator=(http_client&&) = delete;

  /// Sends one request and waits for its answer, connecting first where needed. One at a time: a
  /// second send() before the first has ended is answered `overloaded`. `headers` need not hold
  /// Host and Content-Length. Any status is a success here; failures are
  ///   unavailable      nothing was sent: no connection in time, no address that is allowed, or
  ///                    somebody else than the host at its address (TLS);
  ///   outcome_unknown  sent, but no complete answer in time: the server may have acted;
  ///   invalid_argument a target or header that would break the request.
  /// After a failure the next send() connects anew; nothing is repeated by the client itself.
  boost::asio::awaitable<result<response>> send(method verb, std::string target, field_list headers,
                                                std::string body,
                                                std::chrono::milliseconds deadline);

  /// Drops the connection.
  void close();

 private:
  std::shared_ptr<client_connection> connection_;
};

}  // namespace hotline::net
