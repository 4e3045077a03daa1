#include "services/gateway/meta.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "services/gateway/openapi.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

operation machine_operation(std::string pattern, std::string name, std::string summary) {
  return {.verb = net::method::get,
          .pattern = std::move(pattern),
          .name = std::move(name),
          .summary = std::move(summary),
          .needs_actor = false};
}

net::response text_answer(std::string type, std::string body) {
  net::response answer;
  answer.content_type = std::move(type);
  answer.body = std::move(body);
  return answer;
}

}  // namespace

void meta::add_to(api& routes) {
  routes.add(machine_operation("/healthz", "health", "进程存活"),
             [this](call c) { return health(std::move(c)); });
  routes.add(machine_operation("/readyz", "readiness", "可以受理请求"),
             [this](call c) { return readiness(std::move(c)); });
  routes.add(machine_operation("/metrics", "metrics", "Prometheus 指标"),
             [this](call c) { return counters(std::move(c)); });
  routes.add(machine_operation("/openapi.json", "openapi", "本接口的描述"),
             [this](call c) { return openapi(std::move(c)); });
  openapi_ = make_openapi(routes.operations());
}

awaitable<outcome> meta::health(call) { co_return text_answer("text/plain", "ok\n"); }

awaitable<outcome> meta::readiness(call) {
  if (!parts_.ready()) co_return std::unexpected(net::problem_for(errc::unavailable));
  co_return text_answer("text/plain", "ready\n");
}

/// Not for the people behind a proxy that forwards everything: what it is about is the machine's.
bool meta::is_neighbour(const std::string& peer) const {
  boost::system::error_code bad;
  const auto address = boost::asio::ip::make_address(peer, bad);
  if (!bad && address.is_loopback()) return true;
  return std::ranges::find(parts_.trusted_proxies, peer) != parts_.trusted_proxies.end();
}

awaitable<outcome> meta::counters(call c) {
  if (!is_neighbour(c.request.peer)) co_return std::unexpected(not_found());
  co_return text_answer("text/plain; version=0.0.4", parts_.counts.to_text());
}

awaitable<outcome> meta::openapi(call c) {
  if (!is_neighbour(c.request.peer)) co_return std::unexpected(not_found());
  co_return text_answer("application/json", openapi_);
}

}  // namespace hotline::gateway
