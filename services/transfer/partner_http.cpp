#include "services/transfer/partner_http.hpp"

#include <utility>

namespace hotline::transfer {

namespace {

/// Scheme, host and port: what a connection is to.
std::string place_of(const net::http_url& url) {
  return (url.secure ? "https://" : "http://") + url.authority;
}

}  // namespace

bool may_be_partner(std::string_view address, bool internal) {
  switch (net::kind_of_address(address)) {
    case net::address_kind::global: return true;
    case net::address_kind::site:
    case net::address_kind::loopback: return internal;
    case net::address_kind::unusable: return false;
  }
  return false;
}

std::set<std::string, std::less<>> internal_places(const v1::Partner& partner) {
  std::set<std::string, std::less<>> places;
  if (!partner.internal()) return places;
  for (const auto& url :
       {partner.outbound().url(), partner.inbound().pull().url(),
        partner.reconciliation().list_url(), partner.attachments().upload_url()}) {
    if (const auto parts = net::parse_http_url(url)) places.insert(place_of(*parts));
  }
  return places;
}

partner_http::partner_http(boost::asio::io_context& context, partner_http_options options)
    : context_(context), options_(std::move(options)) {}

boost::asio::awaitable<result<net::response>> partner_http::send(net::method verb, std::string url,
                                                                 net::field_list headers,
                                                                 std::string body,
                                                                 milliseconds deadline) {
  const auto to = net::parse_http_url(url);
  if (!to) co_return fail(errc::invalid_argument, "not a URL that can be asked");
  headers.emplace_back("Host", to->authority);
  auto borrowed = borrow(*to);
  if (!borrowed) co_return pass(borrowed);
  auto client = *std::move(borrowed);
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

std::vector<partner_http::connection>& partner_http::idle_at(const net::http_url& to) {
  return idle_[place_of(to)];
}

result<partner_http::connection> partner_http::borrow(const net::http_url& to) {
  auto& idle = idle_at(to);
  if (!idle.empty()) {
    // The one used last is the most likely to be alive.
    auto client = std::move(idle.back());
    idle.pop_back();
    return client;
  }
  net::client_options options;
  if (to.secure && !trust_) {
    auto trust = net::make_tls_trust(options_.ca_file);
    if (!trust) return pass(trust);
    trust_ = *std::move(trust);
  }
  if (to.secure) options.tls = trust_;
  options.body_bytes_max = options_.answer_bytes_max;
  const bool internal = options_.internal || options_.internal_at.contains(place_of(to));
  options.may_connect = [internal](std::string_view address) {
    return may_be_partner(address, internal);
  };
  return std::make_unique<net::http_client>(context_, to.host, to.port, std::move(options));
}

void partner_http::give_back(const net::http_url& to, connection used) {
  auto& idle = idle_at(to);
  if (idle.size() < options_.idle_max) idle.push_back(std::move(used));
}

}  // namespace hotline::transfer
