#include "common/net/ws_connection.hpp"

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "common/base/clock.hpp"

namespace hotline::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace {

// A socket that once got a large message does not keep the memory.
constexpr std::size_t kept_buffer_bytes_max = 4 * 1024;

}  // namespace

ws_connection::ws_connection(std::shared_ptr<server_core> core, tcp_socket socket, client from)
    : core_(std::move(core)),
      from_(std::move(from)),
      stream_(std::move(socket)),
      in_(core_->options().sockets.message_bytes_max) {
  const auto& options = core_->options().sockets;
  boost::system::error_code ignored;
  stream_.next_layer().set_option(asio::socket_base::send_buffer_size(options.send_buffer_bytes),
                                  ignored);
  websocket::stream_base::timeout times{};
  times.handshake_timeout = options.handshake_deadline;
  times.idle_timeout = options.idle_deadline;
  times.keep_alive_pings = true;
  stream_.set_option(times);
  stream_.read_message_max(options.message_bytes_max);
  stream_.auto_fragment(false);
  stream_.text(true);
}

void ws_connection::accept(const std::string& key, ws_accept on_socket) {
  // Beast gets the request as we have understood it, not the client's bytes again.
  auto request = std::make_shared<beast::http::request<beast::http::empty_body>>(
      beast::http::verb::get, "/", 11);
  request->set(beast::http::field::host, "hotline");
  request->set(beast::http::field::upgrade, "websocket");
  request->set(beast::http::field::connection, "Upgrade");
  request->set(beast::http::field::sec_websocket_version, "13");
  request->set(beast::http::field::sec_websocket_key, key);
  stream_.async_accept(*request, [self = shared_from_this(), request,
                                  on_socket = std::move(on_socket)](error_code error) {
    if (error || self->closing_) {
      self->abort();
      return self->finish();
    }
    self->open_ = true;
    on_socket(self);
    self->read();
  });
}

void ws_connection::read() {
  stream_.async_read(
      in_, [self = shared_from_this()](error_code error, std::size_t) { self->after_read(error); });
}

void ws_connection::after_read(error_code error) {
  if (error) {
    open_ = false;
    return finish();
  }
  if (!stream_.got_text()) {
    close(ws_close::unsupported, "text only");
  } else if (!closing_ && callbacks_.on_message) {
    const auto bytes = in_.data();
    callbacks_.on_message({static_cast<const char*>(bytes.data()), bytes.size()});
  }
  in_.consume(in_.size());
  if (in_.capacity() > kept_buffer_bytes_max) in_.shrink_to_fit();
  read();
}

ws_sent ws_connection::send(std::shared_ptr<const std::string> text) {
  if (!open_ || closing_) return ws_sent::closed;
  // The first is always taken: only an empty queue that was full before calls on_drained.
  const bool over = queued_bytes_ + text->size() > core_->options().sockets.queue_bytes_max;
  if (over && !queue_.empty()) {
    was_full_ = true;
    return ws_sent::full;
  }
  queued_bytes_ += text->size();
  queue_.push_back(std::move(text));
  if (!writing_) write();
  return ws_sent::queued;
}

void ws_connection::drop_queued() {
  const std::size_t kept = writing_ ? 1 : 0;
  while (queue_.size() > kept) {
    queued_bytes_ -= queue_.back()->size();
    queue_.pop_back();
  }
}

void ws_connection::write() {
  writing_ = true;
  write_began_ = steady_now();
  stream_.async_write(
      asio::buffer(*queue_.front()),
      [self = shared_from_this()](error_code error, std::size_t) { self->after_write(error); });
}

void ws_connection::after_write(error_code error) {
  writing_ = false;
  queued_bytes_ -= queue_.front()->size();
  queue_.pop_front();
  if (error) {
    // The read ends too and finishes the session.
    queue_.clear();
    queued_bytes_ = 0;
    return abort();
  }
  if (!queue_.empty()) return write();
  queue_.shrink_to_fit();
  if (closing_) return say_goodbye();
  if (!was_full_) return;
  was_full_ = false;
  if (callbacks_.on_drained) callbacks_.on_drained();
}

void ws_connection::close(ws_close code, std::string_view reason) {
  if (closing_) return;
  closing_ = true;
  close_began_ = steady_now();
  close_code_ = code;
  close_reason_ = reason;
  if (open_ && !writing_) say_goodbye();
}

void ws_connection::say_goodbye() {
  if (goodbye_said_) return;
  goodbye_said_ = true;
  const websocket::close_reason why(static_cast<websocket::close_code>(close_code_),
                                    beast::string_view(close_reason_));
  stream_.async_close(why, [self = shared_from_this()](error_code) {});
}

void ws_connection::sweep(time_point now) {
  const auto& options = core_->options().sockets;
  const bool frozen = writing_ && now - write_began_ >= options.write_deadline;
  const bool lingers = closing_ && now - close_began_ >= options.close_deadline;
  if (frozen || lingers) abort();
}

void ws_connection::abort() {
  closing_ = true;
  boost::system::error_code ignored;
  stream_.next_layer().close(ignored);
}

void ws_connection::finish() {
  if (finished_) return;
  finished_ = true;
  closing_ = true;
  boost::system::error_code ignored;
  stream_.next_layer().close(ignored);
  core_->leave(*this);
  // Whoever is told may let go of this session; the handler that brought us here still holds it.
  const auto told = std::move(callbacks_);
  callbacks_ = {};
  if (told.on_closed) told.on_closed();
}

}  // namespace hotline::net
