#include "services/gateway/api.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/base/assert.hpp"
#include "common/base/clock.hpp"
#include "services/gateway/browser_rules.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

void api::add(operation op, operation_handler handler, body_admitter admit) {
  HL_ASSERT(!admit || op.pattern.find('{') == op.pattern.npos, "asked for by its path alone");
  operations_.push_back(op);
  operation_counters& counters = counts_.operation(op.name);
  const entry& added =
      entries_.emplace_back(entry{std::move(op), std::move(handler), counters, std::move(admit)});
  if (added.admit) asking_.push_back(&added);
  router_.add(added.op.verb, added.op.pattern, added.op.name,
              [this, &added](net::request request, net::route_params params) {
                return answer(added, std::move(request), std::move(params));
              });
}

const api::entry* api::find_asking(net::method verb, std::string_view path) const {
  const auto found = std::ranges::find_if(
      asking_, [&](const entry* e) { return e->op.verb == verb && e->op.pattern == path; });
  return found == asking_.end() ? nullptr : *found;
}

std::optional<net::body_rule> api::body_rule(net::method verb, std::string_view path) const {
  const auto* const asking = find_asking(verb, path);
  if (asking == nullptr) return std::nullopt;
  return net::body_rule(asking->op.file_bytes_max, true);
}

awaitable<std::expected<net::body_place, net::response>> api::admit_body(net::request head) {
  const auto* const found = find_asking(head.verb, head.path);
  HL_ASSERT(found != nullptr, "only routes that ask are asked");
  const entry& e = *found;
  const auto begin = steady_now();
  refused_request asked{{}, head.peer, head.request_id, e.op.name};
  auto accepted = co_await accept(e.op, std::move(head), {}, asked.actor);
  std::optional<net::problem> no;
  if (accepted) {
    auto place = co_await e.admit(*std::move(accepted));
    if (place) co_return *std::move(place);
    no = std::move(place.error());
  } else {
    no = std::move(accepted.error());
  }
  net::response out = co_await refuse(std::move(asked), *std::move(no));
  e.counters.answered(out.status, steady_now() - begin);
  co_return std::unexpected(std::move(out));
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
    if (actor.role() == v1::ROLE_CHANNEL && !op.for_channels) {
      co_return std::unexpected(forbidden("channel.role", "公众渠道只能使用受理和进度查询接口。",
                                          "A channel may use the intake only."));
    }
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
