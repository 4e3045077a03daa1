// A WebSocket client, lean enough to open thousands: for tests, tools and the load generator.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/net/http_message.hpp"

namespace boost::asio {
class io_context;
}

namespace hotline::net {

struct ws_client_options {
  std::size_t message_bytes_max = 1024 * 1024;
  /// The local address to connect from; empty: the system chooses.
  std::string from;
};

/// Numeric addresses only. Belongs to its io_context.
class ws_client {
 public:
  /// `on_text` is called for every message, `on_closed` once with the code of the server's goodbye
  /// (0: none came). Neither after the client's end.
  ws_client(boost::asio::io_context& context, std::function<void(std::string_view)> on_text,
            std::function<void(int code)> on_closed, ws_client_options options = {});
  ~ws_client();
  ws_client(const ws_client&) = delete;
  ws_client& operator=(const ws_client&) = delete;

  /// Once. Failures: unavailable (no connection), refused (the server answered something else; the
  /// detail has the status), timeout.
  boost::asio::awaitable<result<void>> connect(std::string address, std::uint16_t port,
                                               std::string target, field_list headers,
                                               std::chrono::milliseconds deadline);
  /// Queues a text message.
  void send(std::string text);
  /// Stops reading (a frozen client); or goes on.
  void freeze(bool frozen);
  /// Says goodbye.
  void close();
  /// Cuts the connection without a word.
  void cut();

 private:
  class connection;
  std::shared_ptr<connection> connection_;
};

}  // namespace hotline::net
