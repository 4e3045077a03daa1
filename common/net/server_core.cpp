#include "common/net/server_core.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>

#include "common/base/assert.hpp"
#include "common/base/clock.hpp"
#include "common/net/http_connection.hpp"
#include "common/net/problem.hpp"
#include "common/net/response_head.hpp"
#include "common/net/ws_connection.hpp"

namespace hotline::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// After a hard stop a cancelled handler needs a turn of the loop to end, no more.
constexpr std::chrono::milliseconds abort_time{1'000};

// Request ids of several processes and restarts must not meet in a log.
std::string make_request_id_prefix() {
  std::random_device entropy;
  return fmt::format("{:08x}{:08x}", entropy(), entropy());
}

std::string address_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

std::string turned_away_answer() {
  const response r = make_problem_response(problem_for(http_fault::too_many_connections));
  std::string bytes;
  append_response_head(bytes, r, {}, false);
  return bytes + r.body;
}

bool is_abort(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

std::string what(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "not an exception of the standard library";
  }
}

}  // namespace

server_core::server_core(asio::io_context& context, server_options options, http_handler handler,
                         logger log)
    : context_(context),
      options_(std::move(options)),
      handler_(std::move(handler)),
      log_(std::move(log)),
      budget_(options_.budget ? options_.budget
                              : std::make_shared<connection_budget>(
                                    options_.connections_max, options_.connections_per_peer_max)),
      acceptor_(context),
      accept_timer_(context),
      sweep_timer_(context),
      empty_timer_(context),
      request_id_prefix_(make_request_id_prefix()) {}

result<void> server_core::listen() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error) {
    return fail(errc::misconfigured,
                fmt::format("listen address '{}' is not numeric", options_.address));
  }
  const tcp::endpoint endpoint(address, options_.port);
  using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && options_.reuse_port) acceptor_.set_option(reuse_port(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(options_.backlog, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (!error) return {};
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  return fail(errc::io_error, fmt::format("cannot listen on {}:{}: {}", options_.address,
                                          options_.port, error.message()));
}

void server_core::start() {
  HL_ASSERT(acceptor_.is_open(), "start() comes after listen()");
  spawn("accept", accept_loop());
  spawn("sweep", sweep_loop());
}

void server_core::spawn(std::string_view name, asio::awaitable<void> loop) {
  asio::co_spawn(context_, std::move(loop),
                 [self = shared_from_this(), name = std::string(name)](std::exception_ptr error) {
                   if (error) self->log_.error("loop ended loop={} what={}", name, what(error));
                 });
}

asio::awaitable<void> server_core::accept_loop() {
  while (!stopping_) {
    tcp_socket socket(context_);
    const auto [error] = co_await acceptor_.async_accept(socket, as_result);
    if (stopping_) break;
    if (error) {
      co_await pause_accepting(error);
      continue;
    }
    accept_failure_logged_ = false;
    admit(std::move(socket));
  }
}

/// Out of descriptors or memory: connections wait in the backlog until some are free again.
asio::awaitable<void> server_core::pause_accepting(const boost::system::error_code& reason) {
  ++counters_.accept_failures;
  if (!accept_failure_logged_) log_.warn("accept fails, retrying what={}", reason.message());
  accept_failure_logged_ = true;
  accept_timer_.expires_after(options_.accept_retry);
  co_await accept_timer_.async_wait(as_result);
}

void server_core::admit(tcp_socket socket) {
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return;
  std::string peer = address_text(remote.address());
  const bool from_proxy = is_trusted(peer);
  ++counters_.accepted;
  if (!from_proxy && is_for_proxies_only() && !remote.address().is_loopback()) {
    ++counters_.refused_connections;
    return;
  }
  socket.non_blocking(true, error);
  socket.set_option(tcp::no_delay(true), error);
  if (!budget_->acquire(peer, !from_proxy)) return turn_away(std::move(socket));
  auto connection = std::make_shared<http_connection>(shared_from_this(), std::move(socket),
                                                      std::move(peer), from_proxy);
  connection->place = connections_.size();
  connections_.push_back(connection.get());
  asio::co_spawn(
      context_, http_connection::serve(connection),
      asio::bind_cancellation_slot(
          connection->slot(), [self = shared_from_this(), connection](std::exception_ptr failed) {
            if (failed && !is_abort(failed)) {
              self->log_.error("connection failed what={}", what(failed));
            }
          }));
}

void server_core::turn_away(tcp_socket socket) {
  ++counters_.refused_connections;
  boost::system::error_code ignored;
  socket.write_some(asio::buffer(turned_away_answer()), ignored);
  socket.shutdown(tcp_socket::shutdown_both, ignored);
}

/// Whoever reaches a server of this kind past its proxy speaks without TLS.
bool server_core::is_for_proxies_only() const {
  if (options_.trusted_proxies.empty()) return false;
  return !asio::ip::make_address(options_.address).is_loopback();
}

bool server_core::is_trusted(const std::string& peer) const {
  return std::ranges::find(options_.trusted_proxies, peer) != options_.trusted_proxies.end();
}

void server_core::leave(const http_connection& connection) {
  if (!connection.upgraded()) budget_->release(connection.peer(), !connection.from_proxy());
  const std::size_t place = connection.place;
  HL_ASSERT(place < connections_.size() && connections_[place] == &connection,
            "a connection left twice");
  connections_[place] = connections_.back();
  connections_[place]->place = place;
  connections_.pop_back();
  tell_if_empty();
}

void server_core::upgrade(tcp_socket socket, std::string peer, bool from_proxy,
                          const std::string& key, ws_accept on_socket) {
  ++counters_.upgraded;
  const ws_connection::client from{std::move(peer), from_proxy};
  auto made = std::make_shared<ws_connection>(shared_from_this(), std::move(socket), from);
  made->place = sockets_.size();
  sockets_.push_back(made.get());
  made->accept(key, std::move(on_socket));
}

void server_core::leave(const ws_connection& socket) {
  budget_->release(socket.peer(), !socket.from_proxy());
  const std::size_t place = socket.place;
  HL_ASSERT(place < sockets_.size() && sockets_[place] == &socket, "a socket left twice");
  sockets_[place] = sockets_.back();
  sockets_[place]->place = place;
  sockets_.pop_back();
  tell_if_empty();
}

void server_core::tell_if_empty() {
  if (stopping_ && empty()) empty_timer_.cancel();
}

asio::awaitable<void> server_core::sweep_loop() {
  while (!closed_) {
    sweep_timer_.expires_after(options_.sweep_interval);
    co_await sweep_timer_.async_wait(as_result);
    const auto now = steady_now();
    for (http_connection* connection : connections_) connection->sweep(now);
    for (ws_connection* socket : sockets_) socket->sweep(now);
  }
}

asio::awaitable<void> server_core::stop(std::chrono::milliseconds deadline) {
  const auto self = shared_from_this();
  stop_accepting();
  for (http_connection* connection : connections_) connection->close_if_idle();
  for (ws_connection* socket : sockets_) socket->close(ws_close::going_away, "stopping");
  co_await wait_until_empty(deadline);
  if (!empty()) {
    log_.warn("stopping with requests unanswered connections={} sockets={}", connections_.size(),
              sockets_.size());
    abort_connections();
    co_await wait_until_empty(abort_time);
  }
  closed_ = true;
  sweep_timer_.cancel();
}

void server_core::stop_accepting() {
  stopping_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  accept_timer_.cancel();
}

asio::awaitable<void> server_core::wait_until_empty(std::chrono::milliseconds deadline) {
  if (empty()) co_return;
  empty_timer_.expires_after(deadline);
  co_await empty_timer_.async_wait(as_result);
}

void server_core::abort_connections() {
  // A copy: a cancelled handler may end its connection at once.
  const auto open = connections_;
  for (http_connection* connection : open) connection->abort();
  for (ws_connection* socket : sockets_) socket->abort();
}

void server_core::abandon() {
  stop_accepting();
  closed_ = true;
  sweep_timer_.cancel();
  abort_connections();
}

server_counters server_core::counters() const {
  server_counters now = counters_;
  now.open = connections_.size();
  now.sockets = sockets_.size();
  return now;
}

std::string server_core::next_request_id() {
  return fmt::format("{}-{:x}", request_id_prefix_, ++request_number_);
}

}  // namespace hotline::net
