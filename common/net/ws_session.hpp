// A WebSocket as its user sees it: text in, text out, never waiting and never growing without
// bound. Belongs to the io_context of its server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hotline::net {

/// Why a socket is closed, as RFC 6455 numbers it.
enum class ws_close : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  unsupported = 1003,  ///< not text
  policy = 1008,
  internal = 1011,
};

enum class ws_sent {
  queued,
  full,    ///< over queue_bytes_max: not taken; on_drained tells when the queue is empty again
  closed,  ///< nothing is sent any more
};

struct ws_options {
  std::size_t message_bytes_max = 64 * 1024;  ///< of a message from the client
  std::size_t queue_bytes_max = 256 * 1024;   ///< waiting to be sent
  int send_buffer_bytes = 64 * 1024;          ///< of the kernel: bounds what frozen clients hold
  std::chrono::milliseconds handshake_deadline{10'000};
  std::chrono::milliseconds idle_deadline{60'000};   ///< a ping after half of it without a sign
  std::chrono::milliseconds write_deadline{60'000};  ///< a client that takes nothing for so long
  std::chrono::milliseconds close_deadline{1'000};   ///< for the rest of the queue and the goodbye
};

struct ws_callbacks {
  std::function<void(std::string_view)> on_message;  ///< valid UTF-8, within message_bytes_max
  std::function<void()> on_drained;
  std::function<void()> on_closed;  ///< once, as the last; then all callbacks are dropped
};

class ws_session {
 public:
  virtual ~ws_session() = default;

  /// Sets who is told. Within the handler's on_socket, before anything can arrive.
  virtual void listen(ws_callbacks callbacks) = 0;
  /// Queues a text (UTF-8; many sockets may share it). An empty queue takes one of any length.
  virtual ws_sent send(std::shared_ptr<const std::string> text) = 0;
  /// Forgets what is queued and not yet begun.
  virtual void drop_queued() = 0;
  /// Sends what is queued, then says goodbye; after close_deadline the connection is cut.
  virtual void close(ws_close code, std::string_view reason) = 0;
  virtual std::size_t queued_bytes() const = 0;
};

}  // namespace hotline::net
