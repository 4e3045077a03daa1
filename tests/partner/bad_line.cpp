#include "tests/partner/bad_line.hpp"

#include <fmt/core.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <set>
#include <string>

namespace hotline::test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
constexpr auto byte_pause = std::chrono::milliseconds(1);

struct wire {
  explicit wire(asio::io_context& context) : client(context), server(context) {}

  void close() {
    boost::system::error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }

  tcp::socket client;
  tcp::socket server;
};

bool asks_for(std::string_view answer, std::string_view what) {
  return answer.find(fmt::format("{}: {}\r\n", line_field, what)) != answer.npos;
}

asio::awaitable<void> carry_requests(std::shared_ptr<wire> w) {
  std::array<char, 16 * 1024> buffer;
  while (true) {
    const auto [failed, size] = co_await w->client.async_read_some(asio::buffer(buffer), quietly);
    if (failed) break;
    const auto [lost, written] =
        co_await asio::async_write(w->server, asio::buffer(buffer, size), quietly);
    if (lost) break;
  }
  w->close();
}

asio::awaitable<bool> send_slowly(wire& w, std::string_view answer) {
  asio::steady_timer pause(w.client.get_executor());
  for (const char& byte : answer) {
    const auto [lost, written] =
        co_await asio::async_write(w.client, asio::buffer(&byte, 1), quietly);
    if (lost) co_return false;
    pause.expires_after(byte_pause);
    co_await pause.async_wait(quietly);
  }
  co_return true;
}

/// Answers of a stand-in are small: one read holds one of them, from its head on.
asio::awaitable<void> carry_answers(std::shared_ptr<wire> w) {
  std::array<char, 64 * 1024> buffer;
  while (true) {
    const auto [failed, size] = co_await w->server.async_read_some(asio::buffer(buffer), quietly);
    if (failed) break;
    const std::string_view answer(buffer.data(), size);
    if (asks_for(answer, line_slow)) {
      if (!co_await send_slowly(*w, answer)) break;
      continue;
    }
    const bool cut = asks_for(answer, line_cut);
    const auto [lost, written] =
        co_await asio::async_write(w->client, asio::buffer(buffer, cut ? size / 2 : size), quietly);
    if (lost || cut) break;
  }
  w->close();
}

}  // namespace

struct bad_line::state {
  state(asio::io_context& in, std::uint16_t to)
      : context(in), acceptor(in, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), server(to) {}

  asio::io_context& context;
  tcp::acceptor acceptor;
  std::uint16_t server;
  std::set<std::weak_ptr<wire>, std::owner_less<>> wires;

  asio::awaitable<void> connect(std::shared_ptr<wire> w) {
    const tcp::endpoint to(asio::ip::address_v4::loopback(), server);
    const auto [failed] = co_await w->server.async_connect(to, quietly);
    if (failed) {
      w->close();
      co_return;
    }
    asio::co_spawn(context, carry_requests(w), asio::detached);
    co_await carry_answers(std::move(w));
  }

  static asio::awaitable<void> accept(std::shared_ptr<state> self) {
    while (self->acceptor.is_open()) {
      auto w = std::make_shared<wire>(self->context);
      const auto [failed] = co_await self->acceptor.async_accept(w->client, quietly);
      if (failed) continue;
      std::erase_if(self->wires, [](const auto& one) { return one.expired(); });
      self->wires.insert(w);
      asio::co_spawn(self->context, self->connect(std::move(w)), asio::detached);
    }
  }
};

bad_line::bad_line(asio::io_context& context, std::uint16_t server)
    : state_(std::make_shared<state>(context, server)) {
  asio::co_spawn(context, state::accept(state_), asio::detached);
}

bad_line::~bad_line() { stop(); }

std::uint16_t bad_line::port() const { return state_->acceptor.local_endpoint().port(); }

void bad_line::stop() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  for (const auto& one : state_->wires)
    if (const auto open = one.lock()) open->close();
}

}  // namespace hotline::test
