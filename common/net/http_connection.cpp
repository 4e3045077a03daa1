#include "common/net/http_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <iterator>
#include <tuple>

#include "common/base/clock.hpp"
#include "common/net/forwarded.hpp"
#include "common/net/problem.hpp"
#include "common/net/response_head.hpp"
#include "common/net/ws_handshake.hpp"

namespace hotline::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t head_read_bytes = 4 * 1024;
constexpr std::size_t body_read_bytes = 64 * 1024;
// What Beast leaves unread in a chunked body is the line of a chunk size: no honest one is longer.
constexpr std::size_t chunk_line_bytes_max = 64;
constexpr std::size_t linger_bytes_max = 256 * 1024;
// Bodies up to this size are copied behind the head: one buffer, one system call.
constexpr std::size_t joined_body_bytes_max = 16 * 1024;
// A connection that once sent a large answer does not keep the memory.
constexpr std::size_t kept_buffer_bytes_max = 32 * 1024;

constexpr std::string_view continue_answer = "HTTP/1.1 100 Continue\r\n\r\n";

response internal_error(std::string_view request_id) {
  return make_problem_response(problem_for(errc::internal), request_id);
}

}  // namespace

void chunk_guard::operator()(std::uint64_t size, boost::beast::string_view extensions,
                             boost::beast::error_code& error) {
  last_seen = size == 0;
  if (extensions.empty()) return;
  extension_seen = true;
  error = http::error::bad_chunk_extension;
}

http_fault chunk_guard::fault() const {
  if (extension_seen) return http_fault::chunk_extension;
  return last_seen ? http_fault::trailer : http_fault::chunk_syntax;
}

http_connection::http_connection(std::shared_ptr<server_core> core, tcp_socket socket,
                                 std::string peer, bool from_proxy)
    : core_(std::move(core)),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      from_proxy_(from_proxy),
      buffer_(core_->options().head.head_bytes_max + body_read_bytes) {
  enter(phase::idle, core_->options().head_deadline);
}

http_connection::~http_connection() { core_->leave(*this); }

asio::awaitable<void> http_connection::serve(std::shared_ptr<http_connection> self) {
  co_await self->run();
}

asio::awaitable<void> http_connection::run() {
  bool goes_on = true;
  while (goes_on) {
    goes_on = co_await serve_one();
    body_place_ = {};
  }
  if (socket_.is_open()) co_await linger();
  close();
}

/// True when the connection goes on with the next request.
asio::awaitable<bool> http_connection::serve_one() {
  auto head = co_await read_head();
  if (!head) {
    if (head.error()) co_await refuse(*head.error());
    co_return false;
  }
  const auto body = co_await read_body(*head);
  if (!body) {
    if (body.error()) co_await refuse(*body.error());
    co_return false;
  }
  const bool head_only = head->message.verb == method::head;
  const std::string request_id = head->message.request_id;
  auto ws_key = head->keep_alive ? ws_key_of(head->message) : std::nullopt;
  response r = co_await handle(std::move(head->message));
  if (aborted_) co_return false;
  if (r.on_socket) {
    co_await upgrade(std::move(r.on_socket), std::move(ws_key));
    co_return false;
  }
  ++served_;
  const bool keep_alive = head->keep_alive && !core_->stopping() &&
                          served_ < core_->options().requests_per_connection_max;
  const bool written = co_await answer(r, request_id, keep_alive, head_only);
  co_return written&& keep_alive;
}

asio::awaitable<http_connection::reading<request_head>> http_connection::read_head() {
  const auto& options = core_->options();
  scanner_.reset();
  if (served_ > 0) {
    if (buffer_.size() == 0 && buffer_.capacity() > kept_buffer_bytes_max) buffer_.shrink_to_fit();
    const bool begun = buffer_.size() > 0;
    enter(begun ? phase::head : phase::idle, begun ? options.head_deadline : options.idle_deadline);
  }
  for (;;) {
    const auto end = scanner_.scan(received(), options.head);
    if (!end) co_return std::unexpected(end.error());
    if (*end) {
      head_size_ = **end;
      auto head = check_request_head(received().substr(0, head_size_), options.head);
      if (!head) co_return std::unexpected(head.error());
      co_return std::move(*head);
    }
    const bool more = co_await read_more(head_read_bytes);
    if (!more && expired_ && phase_ == phase::head) {
      co_return std::unexpected(http_fault::head_timeout);
    }
    if (!more) co_return std::unexpected(std::nullopt);
    if (phase_ != phase::idle) continue;
    // The first head of a connection is timed from the accept, so that connecting and waiting is
    // not a way to hold a place for longer.
    if (served_ == 0) {
      phase_ = phase::head;
    } else {
      enter(phase::head, options.head_deadline);
    }
  }
}

asio::awaitable<http_connection::reading<void>> http_connection::read_body(request_head& head) {
  const auto& options = core_->options();
  request& message = head.message;
  message.peer = client_address(message.headers, peer_, options.trusted_proxies);
  const std::string* given_id = from_proxy_ ? message.header("X-Request-Id") : nullptr;
  const bool take_over = given_id != nullptr && is_request_id(*given_id);
  message.request_id = take_over ? *given_id : core_->next_request_id();

  const body_rule rule = options.route_body_limit
                             ? options.route_body_limit(message.verb, message.path)
                             : body_rule(options.body_bytes_max);
  const std::size_t limit = rule.bytes_max;
  if (const auto fault = parse_head(head, limit)) co_return std::unexpected(*fault);
  if (head.framing != body_framing::none) {
    if (rule.asks_first) {
      const bool let_in = co_await ask_gate(message);
      if (!let_in) co_return std::unexpected(std::nullopt);
    }
    const auto rest = co_await read_rest_of_body(head, limit);
    if (!rest) co_return std::unexpected(rest.error());
    const auto& fields = parser_->get();
    const auto count = static_cast<std::size_t>(std::distance(fields.begin(), fields.end()));
    if (count != message.headers.size()) co_return std::unexpected(http_fault::trailer);
    message.body = std::move(parser_->get().body());
  }
  parser_.reset();
  co_return reading<void>();
}

/// False: it was answered that the body is not wanted, and the connection ends. Nobody is asked to
/// go on (100 Continue) before.
asio::awaitable<bool> http_connection::ask_gate(const request& message) {
  enter(phase::handling, std::chrono::milliseconds(0));
  std::expected<body_place, response> told = std::unexpected(internal_error(message.request_id));
  try {
    told = co_await core_->options().gate(message);
  } catch (const std::exception& e) {
    if (aborted_) throw;
    core_->log().error("gate failed request_id={} what={}", message.request_id, e.what());
    ++core_->counted().handler_exceptions;
  }
  if (aborted_) co_return false;
  if (told) {
    body_place_ = *std::move(told);
    co_return true;
  }
  ++core_->counted().refused_requests;
  co_await answer(told.error(), message.request_id, false, false);
  co_return false;
}

/// Gives Beast the head. It must read the same message as we did, or nobody reads on.
std::optional<http_fault> http_connection::parse_head(const request_head& head, std::size_t limit) {
  if (head.framing == body_framing::length && head.content_length > limit) {
    return http_fault::body_too_large;
  }
  chunks_ = {};
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(head_size_) + 1);
  parser_->body_limit(limit);
  if (head.framing == body_framing::chunked) parser_->on_chunk_header(chunks_);
  boost::beast::error_code error;
  const std::size_t used = parser_->put(asio::buffer(buffer_.data(), head_size_), error);
  if (error || used != head_size_ || !parser_->is_header_done()) return http_fault::header_syntax;
  buffer_.consume(used);
  const bool chunked = head.framing == body_framing::chunked;
  const bool bodiless = head.framing == body_framing::none;
  if (parser_->chunked() != chunked || parser_->is_done() != bodiless) {
    return http_fault::framing_conflict;
  }
  if (head.framing == body_framing::length && parser_->content_length() != head.content_length) {
    return http_fault::framing_conflict;
  }
  parser_->eager(true);
  return std::nullopt;
}

asio::awaitable<http_connection::reading<void>> http_connection::read_rest_of_body(
    const request_head& head, std::size_t limit) {
  enter(phase::body, body_time(head, limit));
  body_received_ = buffer_.size();
  if (head.expects_continue && buffer_.size() == 0) {
    const bool told = co_await write(continue_answer, {});
    if (!told) co_return std::unexpected(std::nullopt);
  }
  for (;;) {
    if (const auto fault = parse_body()) co_return std::unexpected(*fault);
    if (parser_->is_done()) co_return reading<void>();
    const auto missing = parser_->content_length_remaining();
    const std::size_t wanted =
        std::min<std::uint64_t>(missing ? *missing : body_read_bytes, body_read_bytes);
    const bool more = co_await read_more(wanted);
    if (!more && expired_) co_return std::unexpected(http_fault::body_timeout);
    if (!more) co_return std::unexpected(std::nullopt);
  }
}

/// Gives Beast what has arrived of the body.
std::optional<http_fault> http_connection::parse_body() {
  while (buffer_.size() > 0 && !parser_->is_done()) {
    boost::beast::error_code error;
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error == http::error::need_more) break;
    if (error == http::error::body_limit) return http_fault::body_too_large;
    if (error) return chunks_.fault();
  }
  if (!parser_->is_done() && buffer_.size() > chunk_line_bytes_max) {
    const bool extended = received().find(';') != std::string_view::npos;
    return extended ? http_fault::chunk_extension : http_fault::chunk_syntax;
  }
  return std::nullopt;
}

/// body_deadline is meant for body_bytes_max; a route that takes more gets time in proportion.
std::chrono::milliseconds http_connection::body_time(const request_head& head,
                                                     std::size_t limit) const {
  const auto& options = core_->options();
  if (body_place_.deadline.count() > 0) return body_place_.deadline;
  const std::uint64_t expected = head.framing == body_framing::length ? head.content_length : limit;
  const std::uint64_t shares = 1 + expected / (options.body_bytes_max + 1);
  return options.body_deadline * static_cast<std::int64_t>(shares);
}

asio::awaitable<response> http_connection::handle(request message) {
  enter(phase::handling, std::chrono::milliseconds(0));
  ++core_->counted().requests;
  const std::string request_id = message.request_id;
  try {
    response r = co_await core_->handler()(std::move(message));
    if (r.on_socket || is_sendable(r)) co_return r;
    core_->log().error("unsendable answer request_id={} status={}", request_id, r.status);
  } catch (const std::exception& e) {
    if (aborted_) throw;
    core_->log().error("handler failed request_id={} what={}", request_id, e.what());
  }
  ++core_->counted().handler_exceptions;
  co_return internal_error(request_id);
}

asio::awaitable<bool> http_connection::answer(response& r, std::string_view request_id,
                                              bool keep_alive, bool head_only) {
  enter(phase::writing, core_->options().write_deadline);
  out_.clear();
  append_response_head(out_, r, request_id, keep_alive);
  std::string_view body;
  if (!head_only && status_has_body(r.status)) body = r.body;
  if (body.size() <= joined_body_bytes_max) {
    out_.append(body);
    body = {};
  }
  const bool written = co_await write(out_, body);
  if (out_.capacity() > kept_buffer_bytes_max) out_ = std::string();
  co_return written;
}

/// Tries at once, which nearly always suffices, and waits only for what the socket does not take.
asio::awaitable<bool> http_connection::write(std::string_view head, std::string_view body) {
  std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
  boost::system::error_code error;
  std::size_t written = socket_.write_some(parts, error);
  while (!error || error == asio::error::would_block) {
    const std::size_t from_head = std::min(written, parts[0].size());
    parts[0] += from_head;
    parts[1] += written - from_head;
    if (parts[0].size() + parts[1].size() == 0) co_return true;
    std::tie(error, written) = co_await socket_.async_write_some(parts, as_result);
  }
  close();
  co_return false;
}

/// The client must not send before it has our 101: bytes that are here already have two readings.
asio::awaitable<void> http_connection::upgrade(ws_accept on_socket,
                                               std::optional<std::string> key) {
  if (!key || buffer_.size() > 0) {
    co_await refuse(key ? http_fault::framing_conflict : http_fault::header_syntax);
    co_return;
  }
  if (core_->stopping()) co_return close();
  upgraded_ = true;
  core_->upgrade(std::move(socket_), peer_, from_proxy_, *key, std::move(on_socket));
}

asio::awaitable<void> http_connection::refuse(http_fault fault) {
  ++core_->counted().refused_requests;
  const std::string request_id = core_->next_request_id();
  core_->log().debug("request refused rule={} request_id={}", describe(fault).rule, request_id);
  response r = make_problem_response(problem_for(fault), request_id);
  co_await answer(r, request_id, false, false);
}

/// Closing with unread bytes would reset the connection and could destroy the answer on its way, so
/// the client gets a moment to read it. What it sends meanwhile is thrown away unseen.
asio::awaitable<void> http_connection::linger() {
  enter(phase::lingering, core_->options().linger_deadline);
  boost::system::error_code error;
  socket_.shutdown(tcp_socket::shutdown_send, error);
  buffer_.clear();
  for (std::size_t thrown_away = 0; thrown_away < linger_bytes_max;) {
    const bool more = co_await read_more(head_read_bytes);
    if (!more) co_return;
    thrown_away += buffer_.size();
    buffer_.clear();
  }
}

asio::awaitable<bool> http_connection::read_more(std::size_t bytes_max) {
  const auto [error, count] =
      co_await socket_.async_read_some(buffer_.prepare(bytes_max), as_result);
  buffer_.commit(count);
  body_received_ += count;
  co_return !error;
}

void http_connection::sweep(time_point now) {
  if (!is_late(now)) return;
  expired_ = true;
  boost::system::error_code ignored;
  const bool answerable = phase_ == phase::head || phase_ == phase::body;
  if (answerable) {
    socket_.cancel(ignored);
  } else {
    close();
  }
}

bool http_connection::is_late(time_point now) const {
  if (phase_ == phase::handling) return false;
  if (now >= deadline_) return true;
  if (phase_ != phase::body || now - began_ < core_->options().body_rate_grace) return false;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
  const auto due =
      core_->options().body_bytes_per_s_min * static_cast<std::size_t>(elapsed.count());
  return body_received_ * 1'000 < due;
}

void http_connection::enter(phase next, std::chrono::milliseconds time_allowed) {
  phase_ = next;
  expired_ = false;
  began_ = steady_now();
  deadline_ = began_ + time_allowed;
}

void http_connection::close_if_idle() {
  if (phase_ == phase::idle) close();
}

void http_connection::abort() {
  aborted_ = true;
  close();
  cancel_.emit(asio::cancellation_type::terminal);
}

void http_connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::string_view http_connection::received() const {
  const auto bytes = buffer_.data();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace hotline::net
