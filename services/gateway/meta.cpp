#include "services/gateway/meta.hpp"

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

awaitable<outcome> meta::counters(call) {
  co_return text_answer("text/plain; version=0.0.4", parts_.counts.to_text());
}

awaitable<outcome> meta::openapi(call) { co_return text_answer("application/json", openapi_); }

}  // namespace hotline::gateway
