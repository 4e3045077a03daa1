#include "services/gateway/api.hpp"

#include <chrono>
#include <utility>

#include "common/base/clock.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

void api::add(operation op, operation_handler handler) {
  operations_.push_back(op);
  operation_counters& counters = counts_.operation(op.name);
  const entry& added = entries_.emplace_back(entry{std::move(op), std::move(handler), counters});
  router_.add(added.op.verb, added.op.pattern, added.op.name,
              [this, &added](net::request request, net::route_params params) {
                return answer(added, std::move(request), std::move(params));
              });
}

awaitable<net::response> api::answer(const entry& e, net::request request,
                                     net::route_params params) {
  const auto begin = steady_now();
  const std::string request_id = request.request_id;
  auto accepted = co_await accept(e.op, std::move(request), std::move(params));
  net::response out;
  if (!accepted) {
    out = refuse(accepted.error(), request_id);
  } else {
    outcome done = co_await e.handler(std::move(*accepted));
    if (done) {
      out = std::move(*done);
    } else {
      out = refuse(done.error(), request_id);
      if (out.status >= 500) {
        log_.warn("operation={} status={} code={} request_id={} detail={}", e.op.name, out.status,
                  done.error().code, request_id, done.error().detail);
      }
    }
  }
  e.counters.answered(out.status, steady_now() - begin);
  co_return out;
}

awaitable<reading<call>> api::accept(const operation& op, net::request request,
                                     net::route_params params) {
  visitor who;
  if (op.needs_actor) {
    auto known =
        co_await who_.authenticate(request, op.self_service ? needed::session : needed::post);
    if (!known) co_return std::unexpected(std::move(known.error()));
    who = *std::move(known);
  }
  co_return accept_call(op, std::move(who), std::move(request), std::move(params));
}

net::response api::refuse(const net::problem& p, const std::string& request_id) {
  counts_.refused(p.code);
  net::response answer = net::make_problem_response(p, request_id);
  if (p.status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

}  // namespace hotline::gateway
