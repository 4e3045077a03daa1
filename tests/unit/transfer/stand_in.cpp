#include "tests/unit/transfer/stand_in.hpp"

#include <fmt/core.h>

#include <stdexcept>
#include <utility>

#include "tests/support/redis_fixture.hpp"

namespace hotline::test {
namespace {

net::server_options many_requests() {
  net::server_options options;
  options.requests_per_connection_max = 1'000'000;
  options.body_bytes_max = std::size_t{32} * 1024 * 1024;
  return options;
}

}  // namespace

net::response answer_of(int status, std::string body) {
  net::response made;
  made.status = status;
  made.content_type = "application/json";
  made.body = std::move(body);
  return made;
}

stand_in::stand_in(boost::asio::io_context& context, answer_maker make)
    : answer(std::move(make)),
      server_(
          context, many_requests(),
          [this](net::request request) { return handle(std::move(request)); }, quiet_log()) {
  if (!server_.listen()) throw std::runtime_error("the stand-in cannot listen");
  server_.start();
}

std::string stand_in::url(std::string_view target) const {
  return fmt::format("http://127.0.0.1:{}{}", server_.port(), target);
}

boost::asio::awaitable<net::response> stand_in::handle(net::request request) {
  asked.push_back(request);
  if (!answer) co_return answer_of(200, R"({"code":"0"})");
  co_return co_await answer(std::move(request));
}

}  // namespace hotline::test
