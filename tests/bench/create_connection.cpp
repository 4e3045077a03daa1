#include "create_connection.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <iterator>
#include <stdexcept>

namespace hotline::bench {

namespace asio = boost::asio;

namespace {

constexpr std::size_t read_bytes = 4096;

/// The value of a field of the head; the server writes names as they are given here.
std::string_view field(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos) return {};
  const auto from = at + name.size();
  return head.substr(from, head.find("\r\n", from) - from);
}

}  // namespace

create_connection::create_connection(asio::io_context& context, std::uint16_t port,
                                     const net::field_list& headers, std::string_view target)
    : socket_(context.get_executor()), port_(port) {
  head_ = fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n", target, port);
  for (const auto& [name, value] : headers) head_ += fmt::format("{}: {}\r\n", name, value);
}

asio::awaitable<int> create_connection::post(std::string_view idempotency_key,
                                             std::string_view body) {
  const auto fields = fmt::format("Idempotency-Key: {}\r\n", idempotency_key);
  co_return co_await post_with(fields, body);
}

asio::awaitable<int> create_connection::post_with(std::string_view fields, std::string_view body) {
  if (!socket_.is_open()) {
    co_await socket_.async_connect({asio::ip::address_v4::loopback(), port_}, asio::use_awaitable);
    socket_.set_option(asio::ip::tcp::no_delay(true));
    socket_.non_blocking(true);
  }
  out_ = head_;
  fmt::format_to(std::back_inserter(out_), "{}Content-Length: {}\r\n\r\n{}", fields, body.size(),
                 body);
  co_await asio::async_write(socket_, asio::buffer(out_), asio::use_awaitable);
  co_return co_await read_answer();
}

asio::awaitable<int> create_connection::read_answer() {
  in_.clear();
  std::array<char, read_bytes> part;
  std::size_t whole = 0;
  while (whole == 0 || in_.size() < whole) {
    in_.append(part.data(),
               co_await socket_.async_read_some(asio::buffer(part), asio::use_awaitable));
    const auto end = in_.find("\r\n\r\n");
    if (whole > 0 || end == std::string::npos) continue;
    const auto text = field(std::string_view(in_).substr(0, end + 2), "\r\nContent-Length: ");
    std::size_t length = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), length).ec != std::errc()) {
      throw std::runtime_error("an answer without Content-Length");
    }
    whole = end + 4 + length;
  }
  int status = 0;
  std::from_chars(in_.data() + 9, in_.data() + 12, status);
  ticket_no_.clear();
  if (status == 201) {
    const auto where = field(in_, "\r\nLocation: ");
    ticket_no_ = where.substr(where.rfind('/') + 1);
  }
  // After so many requests the server wants another connection.
  if (field(in_, "\r\nConnection: ") == "close") socket_.close();
  co_return status;
}

}  // namespace hotline::bench
