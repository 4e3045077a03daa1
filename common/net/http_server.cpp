#include "common/net/http_server.hpp"

#include "common/net/server_core.hpp"

namespace hotline::net {

http_server::http_server(boost::asio::io_context& context, server_options options,
                         http_handler handler, logger log)
    : core_(std::make_shared<server_core>(context, std::move(options), std::move(handler),
                                          std::move(log))) {}

http_server::~http_server() { core_->abandon(); }

result<void> http_server::listen() { return core_->listen(); }

std::uint16_t http_server::port() const { return core_->port(); }

void http_server::start() { core_->start(); }

boost::asio::awaitable<void> http_server::stop(std::chrono::milliseconds deadline) {
  return core_->stop(deadline);
}

server_counters http_server::counters() const { return core_->counters(); }

}  // namespace hotline::net
