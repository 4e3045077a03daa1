#include "common/net/http_client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <iterator>
#include <optional>
#include <tuple>
#include <vector>

#include "common/base/clock.hpp"
#include "common/net/tls_stream.hpp"

namespace hotline::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using time_point = std::chrono::steady_clock::time_point;

namespace {

using executor = asio::io_context::executor_type;
using client_timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, executor>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_bytes = 16 * 1024;
// Servers close idle connections after a while; one that rested longer is looked at before use.
constexpr std::chrono::seconds rested{1};

bool is_line_text(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool is_sendable(std::string_view target, const field_list& headers) {
  const bool one_word = target.find_first_of(" \t") == std::string_view::npos;
  return target.starts_with('/') && one_word && is_line_text(target) &&
         std::ranges::all_of(headers, [](const auto& field) {
           return is_line_text(field.first) && is_line_text(field.second);
         });
}

}  // namespace

/// The connection, apart from http_client so that a deadline that fires late finds it alive.
class client_connection : public std::enable_shared_from_this<client_connection> {
 public:
  client_connection(asio::io_context& context, std::string host, std::uint16_t port,
                    client_options options)
      : host_(std::move(host)),
        port_(std::to_string(port)),
        host_field_(fmt::format("\r\nHost: {}:{}", host_, port_)),
        options_(std::move(options)),
        resolver_(context),
        socket_(context),
        timer_(context),
        buffer_(options.head_bytes_max + read_bytes) {}

  asio::awaitable<result<response>> send(method verb, std::string_view target,
                                         const field_list& headers, std::string_view body,
                                         std::chrono::milliseconds deadline);
  void close();
  void retire();

 private:
  asio::awaitable<result<response>> exchange(method verb);
  asio::awaitable<result<void>> connect();
  asio::awaitable<boost::system::error_code> write_out();
  asio::awaitable<std::pair<boost::system::error_code, std::size_t>> read_some();
  asio::awaitable<result<response>> receive(method verb);
  void serialise(method verb, std::string_view target, const field_list& headers,
                 std::string_view body);
  void watch_deadline();
  void on_timer();
  bool was_closed_by_server();
  std::string reason(const boost::system::error_code& error) const;
  std::unexpected<failure> unknown(const boost::system::error_code& error);

  std::string host_;
  std::string port_;
  std::string host_field_;
  client_options options_;
  asio::ip::basic_resolver<tcp, executor> resolver_;
  client_socket socket_;
  /// Over the open socket, where TLS is wanted; replaced only when nothing works with it any more.
  std::unique_ptr<tls_stream> tls_;
  client_timer timer_;
  boost::beast::flat_buffer buffer_;
  std::string out_;
  bool busy_ = false;
  bool expired_ = false;
  time_point deadline_;
  std::optional<time_point> timer_at_;  // when the pending wait ends
  time_point last_used_;
};

asio::awaitable<result<response>> client_connection::send(method verb, std::string_view target,
                                                          const field_list& headers,
                                                          std::string_view body,
                                                          std::chrono::milliseconds deadline) {
  if (busy_) co_return fail(errc::overloaded, "this client already waits for an answer");
  if (!is_sendable(target, headers)) {
    co_return fail(errc::invalid_argument, "the target or a header would break the request");
  }
  busy_ = true;
  expired_ = false;
  deadline_ = steady_now() + deadline;
  watch_deadline();
  serialise(verb, target, headers, body);
  auto answer = co_await exchange(verb);
  if (!answer) close();
  last_used_ = steady_now();
  busy_ = false;
  co_return answer;
}

asio::awaitable<result<response>> client_connection::exchange(method verb) {
  if (socket_.is_open() && was_closed_by_server()) close();
  if (!socket_.is_open()) {
    const auto connected = co_await connect();
    if (!connected) co_return pass(connected);
  }
  if (const auto error = co_await write_out()) co_return unknown(error);
  co_return co_await receive(verb);
}

asio::awaitable<boost::system::error_code> client_connection::write_out() {
  if (tls_) co_return co_await tls_->write(asio::buffer(out_));
  boost::system::error_code error;
  std::size_t written = socket_.write_some(asio::buffer(out_), error);
  if (error == asio::error::would_block) error = {};
  if (!error && written < out_.size()) {
    const auto rest = asio::buffer(out_) + written;
    std::tie(error, written) = co_await asio::async_write(socket_, rest, as_result);
  }
  co_return error;
}

asio::awaitable<std::pair<boost::system::error_code, std::size_t>> client_connection::read_some() {
  const auto room = buffer_.prepare(read_bytes);
  if (tls_) co_return co_await tls_->read_some(room);
  const auto [error, count] = co_await socket_.async_read_some(room, as_result);
  co_return std::pair(error, count);
}

asio::awaitable<result<void>> client_connection::connect() {
  buffer_.clear();
  const auto [resolve_error, endpoints] = co_await resolver_.async_resolve(host_, port_, as_result);
  if (resolve_error) {
    co_return fail(errc::unavailable,
                   fmt::format("cannot resolve {}: {}", host_, reason(resolve_error)));
  }
  std::vector<tcp::endpoint> allowed;
  for (const auto& found : endpoints) {
    const auto address = found.endpoint().address().to_string();
    if (!options_.may_connect || options_.may_connect(address)) allowed.push_back(found.endpoint());
  }
  if (allowed.empty()) {
    co_return fail(errc::unavailable, fmt::format("{} leads to no address that is allowed", host_));
  }
  const auto [error, endpoint] = co_await asio::async_connect(socket_, allowed, as_result);
  if (error || expired_) {
    co_return fail(errc::unavailable,
                   fmt::format("cannot connect to {}:{}: {}", host_, port_, reason(error)));
  }
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  tls_.reset();
  if (!options_.tls) co_return result<void>();
  tls_ = make_tls_stream(socket_, options_.tls, host_);
  auto greeted = co_await tls_->greet();
  if (!greeted && expired_)
    co_return fail(errc::unavailable, fmt::format("TLS with {}: deadline passed", host_));
  co_return greeted;
}

asio::awaitable<result<response>> client_connection::receive(method verb) {
  http::response_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(options_.head_bytes_max));
  parser.body_limit(options_.body_bytes_max);
  parser.skip(verb == method::head);
  parser.eager(true);
  while (!parser.is_done()) {
    const auto [read_error, count] = co_await read_some();
    buffer_.commit(count);
    boost::beast::error_code error;
    if (read_error == asio::error::eof && parser.is_header_done()) {
      parser.put_eof(error);
      if (error || !parser.is_done()) co_return unknown(read_error);
      break;
    }
    if (read_error) co_return unknown(read_error);
    while (!error && buffer_.size() > 0 && !parser.is_done()) {
      buffer_.consume(parser.put(buffer_.data(), error));
    }
    if (error && error != http::error::need_more) co_return unknown(error);
    if (buffer_.size() > options_.head_bytes_max) co_return unknown(http::error::buffer_overflow);
  }
  auto& message = parser.get();
  response answer;
  answer.status = static_cast<int>(message.result_int());
  answer.body = std::move(message.body());
  for (const auto& field : message) {
    answer.headers.emplace_back(field.name_string(), field.value());
  }
  if (const auto* type = answer.header("Content-Type")) answer.content_type = *type;
  if (!parser.keep_alive()) close();
  co_return answer;
}

void client_connection::serialise(method verb, std::string_view target, const field_list& headers,
                                  std::string_view body) {
  out_.clear();
  out_.append(to_string(verb)).append(" ").append(target).append(" HTTP/1.1");
  if (find_field(headers, "Host") == nullptr) out_.append(host_field_);
  for (const auto& [name, value] : headers) {
    out_.append("\r\n").append(name).append(": ").append(value);
  }
  const bool has_body = !body.empty() || verb == method::post || verb == method::put;
  if (has_body && find_field(headers, "Content-Length") == nullptr) {
    fmt::format_to(std::back_inserter(out_), "\r\nContent-Length: {}", body.size());
  }
  out_.append("\r\n\r\n").append(body);
}

/// One wait serves many requests: it is renewed when it ends, or when it would end too late.
void client_connection::watch_deadline() {
  if (timer_at_ && *timer_at_ <= deadline_) return;
  timer_at_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->on_timer();
  });
}

void client_connection::on_timer() {
  timer_at_.reset();
  if (!busy_) return;
  if (steady_now() < deadline_) return watch_deadline();
  expired_ = true;
  resolver_.cancel();
  close();
}

/// A server that closed in the meantime left an end-of-file; asking for it costs nothing of the
/// request, whereas sending into it would leave the outcome unknown.
bool client_connection::was_closed_by_server() {
  if (steady_now() - last_used_ < rested) return false;
  char byte = 0;
  const auto peeked = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

std::string client_connection::reason(const boost::system::error_code& error) const {
  return expired_ ? "deadline passed" : error.message();
}

std::unexpected<failure> client_connection::unknown(const boost::system::error_code& error) {
  return fail(errc::outcome_unknown,
              fmt::format("no answer from {}:{}: {}", host_, port_, reason(error)));
}

void client_connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  buffer_.clear();
}

void client_connection::retire() {
  close();
  resolver_.cancel();
  timer_.cancel();
}

http_client::http_client(asio::io_context& context, std::string host, std::uint16_t port,
                         client_options options)
    : connection_(std::make_shared<client_connection>(context, std::move(host), port,
                                                      std::move(options))) {}

http_client::~http_client() {
  if (connection_) connection_->retire();
}

http_client::http_client(http_client&&) noexcept = default;

asio::awaitable<result<response>> http_client::send(method verb, std::string target,
                                                    field_list headers, std::string body,
                                                    std::chrono::milliseconds deadline) {
  const auto connection = connection_;
  co_return co_await connection->send(verb, target, headers, body, deadline);
}

void http_client::close() { connection_->close(); }

}  // namespace hotline::net
