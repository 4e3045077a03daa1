#include "services/gateway/api.hpp"

#include <chrono>
#include <utility>

#include "common/base/clock.hpp"
#include "services/gateway/browser_rules.hpp"

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
  refused_request asked{{}, request.peer, request.request_id, e.op.name};
  auto accepted = co_await accept(e.op, std::move(request), std::move(params), asked.actor);
  net::response out;
  if (!accepted) {
    out = co_await refuse(std::move(asked), std::move(accepted.error()));
  } else {
    outcome done = co_await e.handler(std::move(*accepted));
    if (done) {
      out = std::move(*done);
    } else {
      const net::problem& p = done.error();
      if (p.status >= 500) {
        log_.warn("operation={} status={} code={} request_id={} detail={}", e.op.name, p.status,
                  p.code, asked.request_id, p.detail);
      }
      out = co_await refuse(std::move(asked), std::move(done.error()));
    }
  }
  e.counters.answered(out.status, steady_now() - begin);
  co_return out;
}

awaitable<reading<call>> api::accept(const operation& op, net::request request,
                                     net::route_params params, v1::Actor& actor) {
  visitor who;
  if (op.needs_actor) {
    auto known =
        co_await who_.authenticate(request, op.self_service ? needed::session : needed::post);
    if (!known) {
      net::problem p = std::move(known.error());
      // A post that is not held, a password to be changed: the session itself is somebody's.
      if (p.status == 403 && p.code != cross_site().code) {
        auto session = co_await who_.authenticate(request, needed::session);
        if (session) actor = std::move(session->actor);
      }
      co_return std::unexpected(std::move(p));
    }
    who = *std::move(known);
    actor = who.actor;
  }
  co_return accept_call(op, std::move(who), std::move(request), std::move(params));
}

awaitable<net::response> api::refuse(refused_request what, net::problem p) {
  counts_.refused(p.code);
  const std::string request_id = what.request_id;
  if (refused_ != nullptr && is_about_rights(p)) {
    p = co_await refused_->judge(std::move(what), std::move(p));
  }
  net::response answer = net::make_problem_response(p, request_id);
  if (p.status == 401 && p.code != wrong_signature)
    answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  co_return answer;
}

}  // namespace hotline::gateway
