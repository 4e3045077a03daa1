#include "common/net/ws_client.hpp"

#include <fmt/core.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>

namespace hotline::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

namespace {

using executor = asio::io_context::executor_type;
using client_socket = asio::basic_stream_socket<tcp, executor>;
using client_timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, executor>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

class ws_client::connection : public std::enable_shared_from_this<ws_client::connection> {
 public:
  connection(asio::io_context& context, std::function<void(std::string_view)> on_text,
             std::function<void(int)> on_closed, ws_client_options options)
      : stream_(context),
        timer_(context),
        on_text_(std::move(on_text)),
        on_closed_(std::move(on_closed)),
        options_(std::move(options)) {
    stream_.read_message_max(options_.message_bytes_max);
    stream_.text(true);
    stream_.auto_fragment(false);
  }

  asio::awaitable<result<void>> connect(std::string address, std::uint16_t port, std::string target,
                                        field_list headers, std::chrono::milliseconds deadline) {
    const auto self = shared_from_this();
    timer_.expires_after(deadline);
    timer_.async_wait([self](boost::system::error_code stopped) {
      if (!stopped) self->expire();
    });
    auto opened = co_await open(std::move(address), port, std::move(target), std::move(headers));
    timer_.cancel();
    if (!opened && expired_) opened = fail(errc::timeout, "no WebSocket in time");
    if (opened) {
      open_ = true;
      read();
    }
    co_return opened;
  }

  void send(std::string text) {
    queue_.push_back(std::move(text));
    if (open_ && queue_.size() == 1) write();
  }

  void freeze(bool frozen) {
    frozen_ = frozen;
    if (!frozen && !reading_ && open_) read();
  }

  void close() {
    if (!open_) return;
    stream_.async_close(websocket::close_code::normal,
                        [self = shared_from_this()](boost::system::error_code) {});
  }

  void cut() {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
  }

  /// The owner is gone: nobody is told any more.
  void retire() {
    on_text_ = {};
    on_closed_ = {};
    cut();
  }

 private:
  asio::awaitable<result<void>> open(std::string address, std::uint16_t port, std::string target,
                                     field_list headers) {
    const auto self = shared_from_this();
    boost::system::error_code bad;
    const auto where = asio::ip::make_address(address, bad);
    auto& socket = stream_.next_layer();
    const tcp::endpoint there(where, port);
    if (!bad) socket.open(there.protocol(), bad);
    if (!bad && !options_.from.empty()) {
      socket.bind({asio::ip::make_address(options_.from, bad), 0}, bad);
    }
    if (bad) co_return fail(errc::unavailable, bad.message());
    const auto [unconnected] = co_await socket.async_connect(there, as_result);
    if (unconnected) co_return fail(errc::unavailable, unconnected.message());
    socket.set_option(tcp::no_delay(true), bad);
    stream_.set_option(websocket::stream_base::decorator(
        [headers = std::move(headers)](websocket::request_type& request) {
          for (const auto& [name, value] : headers) request.set(name, value);
        }));
    websocket::response_type answer;
    const auto host = fmt::format("{}:{}", address, port);
    const auto [refused] = co_await stream_.async_handshake(answer, host, target, as_result);
    if (refused == websocket::error::upgrade_declined) {
      co_return fail(errc::refused, fmt::format("{}", answer.result_int()));
    }
    if (refused) co_return fail(errc::unavailable, refused.message());
    co_return result<void>();
  }

  void expire() {
    expired_ = true;
    cut();
  }

  void read() {
    reading_ = true;
    stream_.async_read(in_, [self = shared_from_this()](boost::system::error_code error,
                                                        std::size_t) { self->after_read(error); });
  }

  void after_read(boost::system::error_code error) {
    reading_ = false;
    if (error) {
      open_ = false;
      const auto told = std::move(on_closed_);
      on_closed_ = {};
      if (told) told(stream_.reason().code);
      return;
    }
    const auto bytes = in_.data();
    if (on_text_) on_text_({static_cast<const char*>(bytes.data()), bytes.size()});
    in_.consume(in_.size());
    if (!frozen_) read();
  }

  void write() {
    stream_.async_write(asio::buffer(queue_.front()),
                        [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                          self->queue_.pop_front();
                          if (!error && !self->queue_.empty()) self->write();
                        });
  }

  websocket::stream<client_socket, false> stream_;
  client_timer timer_;
  std::function<void(std::string_view)> on_text_;
  std::function<void(int)> on_closed_;
  ws_client_options options_;
  beast::flat_buffer in_;
  std::deque<std::string> queue_;
  bool open_ = false;
  bool reading_ = false;
  bool frozen_ = false;
  bool expired_ = false;
};

ws_client::ws_client(asio::io_context& context, std::function<void(std::string_view)> on_text,
                     std::function<void(int code)> on_closed, ws_client_options options)
    : connection_(std::make_shared<connection>(context, std::move(on_text), std::move(on_closed),
                                               std::move(options))) {}

ws_client::~ws_client() { connection_->retire(); }

asio::awaitable<result<void>> ws_client::connect(std::string address, std::uint16_t port,
                                                 std::string target, field_list headers,
                                                 std::chrono::milliseconds deadline) {
  return connection_->connect(std::move(address), port, std::move(target), std::move(headers),
                              deadline);
}

void ws_client::send(std::string text) { connection_->send(std::move(text)); }
void ws_client::freeze(bool frozen) { connection_->freeze(frozen); }
void ws_client::close() { connection_->close(); }
void ws_client::cut() { connection_->cut(); }

}  // namespace hotline::net
