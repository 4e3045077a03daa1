#include "services/gateway/sign_in.hpp"

#include <algorithm>
#include <utility>

#include "common/identity/standing.hpp"
#include "common/identity/token.hpp"
#include "services/gateway/browser_rules.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

net::problem restricted(std::string_view restriction) {
  if (restriction == "password_change") {
    return make_problem(403, "password_change_required", "请先修改密码。",
                        "Change your password first.");
  }
  return make_problem(403, "totp_enrolment_required", "请先绑定动态口令。",
                      "Enrol a second factor first.");
}

net::problem post_not_held() {
  net::problem p =
      make_problem(403, "post_not_held", "您现在没有这个岗位。", "You do not hold this post now.");
  p.field = post_header;
  return p;
}

/// The post that was wished for; nothing where none was. In the query only /v1/stream takes it.
reading<std::optional<v1::Post>> read_wish(const net::request& request) {
  const std::string* text = request.header(post_header);
  if (text == nullptr) text = request.query_value(post_parameter);
  if (text == nullptr) return std::nullopt;
  auto post = identity::read_post(*text);
  if (post) return post;
  return std::unexpected(bad_parameter(post_header, "岗位写法应为 单位代码/角色。",
                                       "A post is written 370883/ROLE_OFFICER."));
}

}  // namespace

net::problem sign_in_required() {
  return make_problem(401, "sign_in_required", "请先登录，或者登录已失效。",
                      "Sign in; a session there was is over.");
}

sign_in::sign_in(store::people_store& people, const identity::identity_options& options,
                 const clock& now, bool tls, logger log)
    : people_(people),
      options_(options),
      now_(now),
      tls_(tls),
      log_(std::move(log)),
      sessions_(people, options, now) {}

awaitable<reading<visitor>> sign_in::authenticate(const net::request& request, needed what) {
  const auto presented = find_token(request);
  if (!presented) co_return std::unexpected(sign_in_required());
  if (presented->cookie) {
    if (auto own = check_cookie_request(request, tls_); !own) {
      co_await record_refusal(request, "from another site");
      co_return std::unexpected(std::move(own.error()));
    }
  }
  std::string id = identity::session_id_of(presented->token);
  if (id.empty()) co_return std::unexpected(co_await unknown_token(request));
  // Who is known already goes on, whatever others at the same address do.
  if (!sessions_.knows(id) && failures_.reached(request.peer, steady_now())) {
    net::problem p = make_problem(429, "too_many_requests", "请求过于频繁，请稍后再试。",
                                  "Too many requests; try again later.");
    p.retry_after_s = static_cast<int>(failure_limit::window.count());
    co_return std::unexpected(std::move(p));
  }
  auto found = co_await sessions_.find(std::move(id), session_cache::purpose::use);
  if (!found) co_return std::unexpected(net::problem_for(found.error()));
  if (!*found) co_return std::unexpected(co_await unknown_token(request));
  const live_session& live = **found;
  visitor who;
  who.session = live.session.id();
  who.actor.set_user(live.user.id());
  if (what == needed::session) co_return who;
  const instant now = now_.now();
  const auto restriction = identity::restriction_of(live.user, options_, now);
  if (!restriction.empty()) co_return std::unexpected(restricted(restriction));
  const auto wish = read_wish(request);
  if (!wish) co_return std::unexpected(wish.error());
  auto actor = identity::actor_of(live.user, *wish ? &**wish : nullptr, now);
  if (!actor) co_return std::unexpected(post_not_held());
  who.actor = *std::move(actor);
  co_return who;
}

/// A token that is nobody's, or nobody's any more.
awaitable<net::problem> sign_in::unknown_token(const net::request& request) {
  co_await record_refusal(request, "unknown or ended session");
  co_return sign_in_required();
}

awaitable<void> sign_in::record_refusal(const net::request& request, std::string_view reason) {
  if (!failures_.count(request.peer, steady_now())) co_return;
  v1::AuditRecord record;
  record.set_at(to_unix_ms(now_.now()));
  record.set_action("session.check");
  record.set_reason(std::string(reason));
  record.set_request_id(request.request_id);
  record.set_address(request.peer);
  const auto recorded = co_await people_.record(std::move(record));
  // The refusal stands without its record: nothing was done that must not be.
  if (!recorded) log_.warn("refusal not recorded reason=\"{}\"", to_string(recorded.error()));
}

awaitable<bool> sign_in::is_valid(visitor who) {
  if (!identity::is_session_id(who.session)) co_return false;
  const auto found = co_await sessions_.find(who.session, session_cache::purpose::look);
  co_return found && *found&& still_holds(**found, who);
}

std::optional<bool> sign_in::known_validity(const visitor& who) {
  const auto live = sessions_.peek(who.session);
  if (!live) return std::nullopt;
  return still_holds(*live, who);
}

bool sign_in::still_holds(const live_session& live, const visitor& who) const {
  const instant now = now_.now();
  if (live.user.id() != who.actor.user()) return false;
  if (!identity::restriction_of(live.user, options_, now).empty()) return false;
  v1::Post post;
  post.set_unit(who.actor.unit());
  post.set_role(who.actor.role());
  const auto actor = identity::actor_of(live.user, &post, now);
  // Somebody who belongs elsewhere now may be among the accused of what they watch.
  return actor && std::ranges::equal(actor->other_units(), who.actor.other_units());
}

}  // namespace hotline::gateway
