#include "services/transfer/partner_http.hpp"

#include <fmt/core.h>

#include <utility>

namespace hotline::transfer {

bool may_be_partner(std::string_view address, bool internal) {
  switch (net::kind_of_address(address)) {
    case net::address_kind::global: return true;
    case net::address_kind::site:
    case net::address_kind::loopback: return internal;
    case net::address_kind::unusable: return false;
  }
  return false;
}

partner_http::partner_http(boost::asio::io_context& context, partner_http_options options)
    : context_(context), options_(options) {}

boost::asio::awaitable<result<net::response>> partner_http::send(net::method verb, std::string url,
                                                                 net::field_list headers,
                                                                 std::string body,
                                                                 milliseconds deadline) {
  const auto to = net::parse_http_url(url);
  if (!to) co_return fail(errc::invalid_argument, "not a URL that can be asked");
  if (to->secure) {
    co_return fail(errc::invalid_argument,
                   fmt::format("TLS to {} is spoken by a proxy: write the proxy's http address "
                               "into the partner's configuration",
                               to->authority));
  }
  headers.emplace_back("Host", to->authority);
  auto client = borrow(*to);
  busy_.insert(client.get());
  auto answer =
      co_await client->send(verb, to->target, std::move(headers), std::move(body), deadline);
  busy_.erase(client.get());
  give_back(*to, std::move(client));
  co_return answer;
}

void partner_http::stop() {
  idle_.clear();
  for (auto* client : busy_) client->close();
}

partner_http::connection partner_http::borrow(const net::http_url& to) {
  auto& idle = idle_[to.authority];
  if (!idle.empty()) {
    // The one used last is the most likely to be alive.
    auto client = std::move(idle.back());
    idle.pop_back();
    return client;
  }
  net::client_options options;
  options.body_bytes_max = options_.answer_bytes_max;
  options.may_connect = [internal = options_.internal](std::string_view address) {
    return may_be_partner(address, internal);
  };
  return std::make_unique<net::http_client>(context_, to.host, to.port, std::move(options));
}

void partner_http::give_back(const net::http_url& to, connection used) {
  auto& idle = idle_[to.authority];
  if (idle.size() < options_.idle_max) idle.push_back(std::move(used));
}

}  // namespace hotline::transfer
