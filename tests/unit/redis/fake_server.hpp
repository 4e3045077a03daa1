// A server that answers what a test wants, when it wants.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hotline::test {

/// Speaks RESP on a Unix socket. For each command it sends what `answer` returns, verbatim;
/// nullopt ends the connection.
class fake_server {
 public:
  using words = std::vector<std::string>;
  using answer_function = std::function<std::optional<std::string>(const words&)>;

  fake_server(boost::asio::io_context& context, const std::string& path, answer_function answer)
      : acceptor_(context, {path}), answer_(std::move(answer)) {
    boost::asio::co_spawn(context, accept(), boost::asio::detached);
  }

  std::size_t connections() const { return connections_; }

 private:
  using protocol = boost::asio::local::stream_protocol;
  static constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);

  boost::asio::awaitable<void> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(token);
      if (error) co_return;
      ++connections_;
      auto session = serve(std::move(socket), answer_);
      boost::asio::co_spawn(acceptor_.get_executor(), std::move(session), boost::asio::detached);
    }
  }

  static boost::asio::awaitable<std::optional<std::string>> line(protocol::socket& socket,
                                                                 boost::asio::streambuf& buffer) {
    auto [error, size] = co_await boost::asio::async_read_until(socket, buffer, "\r\n", token);
    if (error) co_return std::nullopt;
    std::string text(size, '\0');
    std::istream(&buffer).read(text.data(), static_cast<std::streamsize>(size));
    text.resize(size - 2);
    co_return text;
  }

  // Arguments of the tests hold no line ends, so lines are enough.
  static boost::asio::awaitable<void> serve(protocol::socket socket, answer_function answer) {
    boost::asio::streambuf buffer;
    for (;;) {
      const auto head = co_await line(socket, buffer);
      if (!head) co_return;
      words command;
      for (auto left = std::stoul(head->substr(1)); left > 0; --left) {
        const auto length = co_await line(socket, buffer);
        const auto word = co_await line(socket, buffer);
        if (!length || !word) co_return;
        command.push_back(*word);
      }
      const auto text = answer(command);
      if (!text) co_return;
      co_await boost::asio::async_write(socket, boost::asio::buffer(*text), token);
    }
  }

  protocol::acceptor acceptor_;
  answer_function answer_;
  std::size_t connections_ = 0;
};

}  // namespace hotline::test
