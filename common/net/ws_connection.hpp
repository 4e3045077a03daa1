// One WebSocket of the server. Callbacks, not coroutines: an idle socket keeps no frame.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "common/net/server_core.hpp"
#include "common/net/ws_session.hpp"

namespace hotline::net {

class ws_connection : public ws_session, public std::enable_shared_from_this<ws_connection> {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What the connection it comes from knew of the client.
  struct client {
    std::string peer;
    bool from_proxy;
  };

  ws_connection(std::shared_ptr<server_core> core, tcp_socket socket, client from);

  /// Answers the handshake with this key; then `on_socket` gets the session.
  void accept(const std::string& key, ws_accept on_socket);

  void listen(ws_callbacks callbacks) override { callbacks_ = std::move(callbacks); }
  ws_sent send(std::shared_ptr<const std::string> text) override;
  void drop_queued() override;
  void close(ws_close code, std::string_view reason) override;
  std::size_t queued_bytes() const override { return queued_bytes_; }

  /// Cuts what is late.
  void sweep(time_point now);
  /// Cuts the connection.
  void abort();

  const std::string& peer() const { return from_.peer; }
  bool from_proxy() const { return from_.from_proxy; }

  std::size_t place = 0;  ///< the server's: where it stands in the list of sockets

 private:
  using error_code = boost::system::error_code;
  using stream = boost::beast::websocket::stream<tcp_socket, false>;

  void read();
  void after_read(error_code error);
  void write();
  void after_write(error_code error);
  void say_goodbye();
  void finish();

  std::shared_ptr<server_core> core_;
  client from_;
  stream stream_;
  boost::beast::flat_buffer in_;
  ws_callbacks callbacks_;

  std::deque<std::shared_ptr<const std::string>> queue_;  // the first is being written
  std::size_t queued_bytes_ = 0;
  bool writing_ = false;
  bool was_full_ = false;
  time_point write_began_;

  bool open_ = false;
  bool closing_ = false;       // close() was called
  bool goodbye_said_ = false;  // the close frame is on its way
  bool finished_ = false;
  time_point close_began_;
  ws_close close_code_ = ws_close::normal;
  std::string close_reason_;
};

}  // namespace hotline::net
