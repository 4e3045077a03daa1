// The inside of http_server: what outlives the server object while a connection is still open.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/net/http_server.hpp"

namespace hotline::net {

// The concrete executor spares a virtual call per operation.
using executor = boost::asio::io_context::executor_type;
using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;
using tcp_acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, executor>;
using timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, executor>;

class http_connection;
class ws_connection;

class server_core : public std::enable_shared_from_this<server_core> {
 public:
  server_core(boost::asio::io_context& context, server_options options, http_handler handler,
              logger log);

  result<void> listen();
  std::uint16_t port() const { return port_; }
  void start();
  boost::asio::awaitable<void> stop(std::chrono::milliseconds deadline);
  /// Closes everything at once.
  void abandon();
  server_counters counters() const;

  // For connections.
  const server_options& options() const { return options_; }
  const http_handler& handler() const { return handler_; }
  const logger& log() const { return log_; }
  server_counters& counted() { return counters_; }
  bool stopping() const { return stopping_; }
  std::string next_request_id();
  void leave(const http_connection& connection);
  /// Makes a WebSocket of a connection that then leaves without giving its place back.
  void upgrade(tcp_socket socket, std::string peer, bool from_proxy, const std::string& key,
               ws_accept on_socket);
  void leave(const ws_connection& socket);

 private:
  boost::asio::awaitable<void> accept_loop();
  boost::asio::awaitable<void> sweep_loop();
  boost::asio::awaitable<void> wait_until_empty(std::chrono::milliseconds deadline);
  boost::asio::awaitable<void> pause_accepting(const boost::system::error_code& reason);
  void admit(tcp_socket socket);
  void turn_away(tcp_socket socket);
  void stop_accepting();
  void abort_connections();
  bool empty() const { return connections_.empty() && sockets_.empty(); }
  void tell_if_empty();
  bool is_trusted(const std::string& peer) const;
  bool is_for_proxies_only() const;
  void spawn(std::string_view name, boost::asio::awaitable<void> loop);

  boost::asio::io_context& context_;
  server_options options_;
  http_handler handler_;
  logger log_;
  std::shared_ptr<connection_budget> budget_;
  tcp_acceptor acceptor_;
  timer accept_timer_;
  timer sweep_timer_;
  timer empty_timer_;
  std::vector<http_connection*>
      connections_;                      // each knows its place; removed by swap with the last
  std::vector<ws_connection*> sockets_;  // likewise
  server_counters counters_;
  std::string request_id_prefix_;
  std::uint64_t request_number_ = 0;
  std::uint16_t port_ = 0;
  bool accept_failure_logged_ = false;
  bool stopping_ = false;
  bool closed_ = false;
};

}  // namespace hotline::net
