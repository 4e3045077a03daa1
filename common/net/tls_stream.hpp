// TLS over a socket of http_client. Private to this room: it includes Asio.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "common/net/tls.hpp"

namespace hotline::net {

using client_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// Over a connected socket, which outlives it and is closed by its owner.
class tls_stream {
 public:
  using error_code = boost::system::error_code;

  virtual ~tls_stream() = default;

  /// Fails with what is wrong with the other side's certificate, or with its TLS.
  virtual boost::asio::awaitable<result<void>> greet() = 0;
  virtual boost::asio::awaitable<error_code> write(boost::asio::const_buffer bytes) = 0;
  virtual boost::asio::awaitable<std::pair<error_code, std::size_t>> read_some(
      boost::asio::mutable_buffer into) = 0;
};

/// `host`: the name or numeric address the certificate must be for; a name is told to the server.
std::unique_ptr<tls_stream> make_tls_stream(client_socket& socket,
                                            std::shared_ptr<const tls_trust> trust,
                                            std::string host);

}  // namespace hotline::net
