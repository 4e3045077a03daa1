// One client connection: reads a request, has it answered, and so on. One coroutine, no timer of
// its own: the server looks at all deadlines in one sweep.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/net/request_check.hpp"
#include "common/net/server_core.hpp"

namespace hotline::net {

/// Refuses chunk extensions, which Beast 1.81 lets pass unbounded.
struct chunk_guard {
  bool extension_seen = false;
  bool last_seen = false;  // the chunk of size 0: what comes behind it are trailers

  void operator()(std::uint64_t size, boost::beast::string_view extensions,
                  boost::beast::error_code& error);
  /// What was wrong when Beast gave up.
  http_fault fault() const;
};

class http_connection {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  http_connection(std::shared_ptr<server_core> core, tcp_socket socket, std::string peer,
                  bool from_proxy);
  ~http_connection();
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;

  /// Serves until either side ends the connection.
  static boost::asio::awaitable<void> serve(std::shared_ptr<http_connection> self);

  /// Ends what is late.
  void sweep(time_point now);
  /// Closes it unless a request has begun.
  void close_if_idle();
  /// Closes it and cancels the handler.
  void abort();

  boost::asio::cancellation_slot slot() { return cancel_.slot(); }
  const std::string& peer() const { return peer_; }
  bool from_proxy() const { return from_proxy_; }
  /// It became a WebSocket, which has taken over its place in the budget.
  bool upgraded() const { return upgraded_; }

  std::size_t place = 0;  ///< the server's: where it stands in the list of connections

 private:
  enum class phase { idle, head, body, handling, writing, lingering };
  /// Why reading ended: a fault to be answered, or nothing when the client left.
  using ending = std::optional<http_fault>;
  template <class T>
  using reading = std::expected<T, ending>;
  using body_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<reading<request_head>> read_head();
  boost::asio::awaitable<reading<void>> read_body(request_head& head);
  boost::asio::awaitable<bool> ask_gate(const request& message);
  boost::asio::awaitable<reading<void>> read_rest_of_body(const request_head& head,
                                                          std::size_t limit);
  boost::asio::awaitable<response> handle(request message);
  boost::asio::awaitable<bool> answer(response& r, std::string_view request_id, bool keep_alive,
                                      bool head_only);
  boost::asio::awaitable<bool> write(std::string_view head, std::string_view body);
  boost::asio::awaitable<void> refuse(http_fault fault);
  boost::asio::awaitable<void> upgrade(ws_accept on_socket, std::optional<std::string> key);
  boost::asio::awaitable<void> linger();
  boost::asio::awaitable<bool> read_more(std::size_t bytes_max);

  std::optional<http_fault> parse_head(const request_head& head, std::size_t limit);
  std::optional<http_fault> parse_body();
  std::chrono::milliseconds body_time(const request_head& head, std::size_t limit) const;
  bool is_late(time_point now) const;
  void enter(phase next, std::chrono::milliseconds time_allowed);
  void close();
  std::string_view received() const;

  std::shared_ptr<server_core> core_;
  tcp_socket socket_;
  std::string peer_;
  bool from_proxy_;
  boost::asio::cancellation_signal cancel_;
  boost::beast::flat_buffer buffer_;
  head_scanner scanner_;
  std::size_t head_size_ = 0;
  std::optional<body_parser> parser_;
  chunk_guard chunks_;
  std::string out_;
  std::size_t served_ = 0;

  phase phase_ = phase::idle;
  bool expired_ = false;
  bool aborted_ = false;
  bool upgraded_ = false;
  time_point began_;     // of this phase
  time_point deadline_;  // of this phase
  std::size_t body_received_ = 0;
  body_place body_place_;  // of the request in hand
};

}  // namespace hotline::net
