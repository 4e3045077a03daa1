// One connection that posts. The generator shares two cores with what it measures, so this
// knows no more of HTTP than it takes: one request, one answer with a Content-Length.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/net/http_message.hpp"

namespace hotline::bench {

class create_connection {
 public:
  /// `headers`: sent with each request, e.g. the session of an operator.
  create_connection(boost::asio::io_context& context, std::uint16_t port,
                    const net::field_list& headers, std::string_view target = "/v1/tickets");

  /// Connects at the first call. Throws where the server does not answer as ours does.
  boost::asio::awaitable<int> post(std::string_view idempotency_key, std::string_view body);
  /// The same with these header fields of its own, each line ended.
  boost::asio::awaitable<int> post_with(std::string_view fields, std::string_view body);
  /// The last answer, head and body.
  const std::string& answer() const { return in_; }
  /// Of the last answer; empty when it was no 201.
  const std::string& ticket_no() const { return ticket_no_; }

 private:
  using executor = boost::asio::io_context::executor_type;

  boost::asio::awaitable<int> read_answer();

  boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor> socket_;
  std::uint16_t port_;
  std::string head_;
  std::string out_;
  std::string in_;
  std::string ticket_no_;
};

}  // namespace hotline::bench
