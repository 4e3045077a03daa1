// A small partner: answers what it is told to, and notes what it was asked.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "common/net/http_server.hpp"

namespace hotline::test {

/// On the context of the test.
class stand_in {
 public:
  using answer_maker = std::function<boost::asio::awaitable<net::response>(net::request)>;

  /// Without a maker it answers 200 and `{"code":"0"}`.
  explicit stand_in(boost::asio::io_context& context, answer_maker answer = {});

  std::string url(std::string_view target = "/") const;
  std::size_t connections() const { return server_.counters().accepted; }

  std::vector<net::request> asked;
  answer_maker answer;

 private:
  boost::asio::awaitable<net::response> handle(net::request request);

  net::http_server server_;
};

/// A plain answer of this status.
net::response answer_of(int status, std::string body);

}  // namespace hotline::test
