#include "services/gateway/session_resource.hpp"

#include <utility>

#include "common/identity/standing.hpp"
#include "common/identity/text.hpp"
#include "common/identity/token.hpp"
#include "common/identity/totp.hpp"
#include "hotline/v1/identity.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/browser_rules.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/sign_in.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

operation own_operation(std::string pattern, std::string name, std::string summary,
                        const google::protobuf::Descriptor* body,
                        const google::protobuf::Descriptor* answer) {
  return {.verb = net::method::post,
          .pattern = std::move(pattern),
          .name = std::move(name),
          .summary = std::move(summary),
          .body = body,
          .answer = answer,
          .self_service = true};
}

net::response nothing_to_say() {
  net::response answer;
  answer.status = 204;
  return answer;
}

}  // namespace

identity::manager manager_of(const call& c) {
  identity::manager who;
  who.actor = c.actor;
  who.request_id = c.request.request_id;
  who.address = c.request.peer;
  return who;
}

void session_resource::add_to(api& routes) {
  routes.add({.verb = net::method::post,
              .pattern = "/v1/sessions",
              .name = "create_session",
              .summary = "登录",
              .body = v1::CreateSession::descriptor(),
              .answer = v1::SessionView::descriptor(),
              .success = 201,
              .needs_actor = false},
             [this](call c) { return create(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/sessions/current",
              .name = "get_session",
              .summary = "当前登录",
              .answer = v1::SessionView::descriptor(),
              .self_service = true},
             [this](call c) { return show(std::move(c)); });
  routes.add({.verb = net::method::delete_,
              .pattern = "/v1/sessions/current",
              .name = "end_session",
              .summary = "退出登录",
              .success = 204,
              .self_service = true},
             [this](call c) { return end(std::move(c)); });
  routes.add(own_operation("/v1/users/me:change-password", "change_password",
                           "修改自己的密码；已有的登录全部失效", v1::ChangePassword::descriptor(),
                           nullptr),
             [this](call c) { return change_password(std::move(c)); });
  routes.add(own_operation("/v1/users/me:enrol-totp", "enrol_totp", "绑定动态口令：取得密钥",
                           v1::EnrolTotp::descriptor(), v1::TotpSecret::descriptor()),
             [this](call c) { return enrol_totp(std::move(c)); });
  routes.add(own_operation("/v1/users/me:confirm-totp", "confirm_totp",
                           "绑定动态口令：用一个口令确认；已有的登录全部失效",
                           v1::ConfirmTotp::descriptor(), nullptr),
             [this](call c) { return confirm_totp(std::move(c)); });
}

awaitable<outcome> session_resource::create(call c) {
  // Signing in for somebody else's purpose is an attack, too (login CSRF).
  if (is_from_another_site(c.request, parts_.tls)) co_return std::unexpected(cross_site());
  v1::CreateSession order;
  if (auto read = read_body(c.request, codec_, order); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  identity::wipe(c.request.body);
  if (order.cookie()) {
    if (!parts_.options.cookies) {
      co_return std::unexpected(make_problem(422, "cookies_off", "本系统未启用浏览器登录。",
                                             "Browser sessions are switched off here."));
    }
    if (auto own = check_cookie_request(c.request, parts_.tls); !own) {
      co_return std::unexpected(std::move(own.error()));
    }
  }
  claim what{std::move(*order.mutable_user()), std::move(*order.mutable_password()),
             std::move(*order.mutable_code())};
  identity::manager where = manager_of(c);
  auto who = co_await credentials_.check(std::move(what), where, "session.create");
  if (!who) co_return std::unexpected(std::move(who.error()));
  co_return co_await begin(*std::move(who), order.cookie(), std::move(where), c.accepted);
}

awaitable<outcome> session_resource::begin(proven who, bool cookie, identity::manager where,
                                           body_format accepted) {
  std::string token = identity::new_token();
  const instant now = parts_.real.now();
  v1::Session session;
  session.set_id(identity::session_id_of(token));
  session.set_user(who.user.id());
  session.set_generation(who.user.session_generation());
  session.set_created_at(to_unix_ms(now));
  session.set_ends_at(to_unix_ms(now + parts_.options.absolute));
  session.set_address(where.address);
  session.set_cookie(cookie);
  where.actor.set_user(who.user.id());
  auto record = identity::audit_of(where, "session.create", who.user.id(), now);
  record.set_detail("session " + session.id().substr(0, 16));
  const auto made = co_await parts_.people.create_session(session, who.user.version(), who.step,
                                                          {who.user.id(), where.address},
                                                          credentials_.limits(), std::move(record));
  if (!made) co_return std::unexpected(net::problem_for(made.error()));
  if (*made == store::people_outcome::code_used) {
    co_return std::unexpected(
        co_await credentials_.refuse(std::move(where), "session.create", "code used before"));
  }
  if (*made == store::people_outcome::changed) {
    co_return std::unexpected(net::problem_for(errc::conflict));
  }
  v1::SessionView view = view_of(session, who.user);
  if (!cookie) view.set_token(token);
  net::response answer = make_answer(view, accepted, codec_);
  answer.status = 201;
  answer.headers.emplace_back("Cache-Control", "no-store");
  if (cookie) answer.headers.emplace_back("Set-Cookie", session_cookie(token));
  identity::wipe(token);
  co_return answer;
}

v1::SessionView session_resource::view_of(const v1::Session& session, const v1::User& user) const {
  const instant now = parts_.real.now();
  v1::SessionView view;
  view.set_id(session.id());
  view.set_user(user.id());
  view.set_name(user.name());
  for (const v1::Post* post : identity::posts_in_force(user, now)) *view.add_posts() = *post;
  view.set_created_at(session.created_at());
  view.set_ends_at(session.ends_at());
  view.set_idle_minutes(static_cast<std::int32_t>(
      std::chrono::duration_cast<std::chrono::minutes>(parts_.options.idle).count()));
  view.set_restriction(std::string(identity::restriction_of(user, parts_.options, now)));
  return view;
}

awaitable<outcome> session_resource::show(call c) {
  const auto live = co_await parts_.sessions.find(c.session, session_cache::purpose::look);
  if (!live) co_return std::unexpected(net::problem_for(live.error()));
  if (!*live) co_return std::unexpected(sign_in_required());
  co_return make_answer(view_of((*live)->session, (*live)->user), c.accepted, codec_);
}

awaitable<outcome> session_resource::end(call c) {
  auto record = identity::audit_of(manager_of(c), "session.end", c.actor.user(), parts_.real.now());
  record.set_detail("session " + c.session.substr(0, 16));
  const auto ended = co_await parts_.people.end_session(c.session, std::move(record));
  if (!ended) co_return std::unexpected(net::problem_for(ended.error()));
  parts_.sessions.forget(c.session);
  net::response answer = nothing_to_say();
  const auto token = find_token(c.request);
  if (token && token->cookie) answer.headers.emplace_back("Set-Cookie", session_cookie({}));
  co_return answer;
}

awaitable<outcome> session_resource::change_password(call c) {
  v1::ChangePassword order;
  if (auto read = read_body(c.request, codec_, order); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  identity::wipe(c.request.body);
  const identity::manager where = manager_of(c);
  claim what{c.actor.user(), std::move(*order.mutable_old_password()), {}, true};
  auto who = co_await credentials_.check(std::move(what), where, "user.change-password");
  if (!who) co_return std::unexpected(std::move(who.error()));
  const auto changed = co_await parts_.desk.change_own_password(
      where, std::move(who->user), std::move(*order.mutable_new_password()));
  if (!changed) co_return std::unexpected(problem_for_refusal(changed.error()));
  co_return nothing_to_say();
}

awaitable<reading<v1::User>> session_resource::load_own(std::string id) {
  auto user = co_await parts_.people.load_user(std::move(id));
  if (!user) co_return std::unexpected(net::problem_for(user.error()));
  if (!*user) co_return std::unexpected(sign_in_required());
  co_return std::move(**user);
}

awaitable<outcome> session_resource::enrol_totp(call c) {
  v1::EnrolTotp order;
  if (auto read = read_body(c.request, codec_, order); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  identity::wipe(c.request.body);
  const identity::manager where = manager_of(c);
  // A stolen session must not be able to add a factor of the thief's.
  claim what{c.actor.user(), std::move(*order.mutable_password()), {}, true};
  auto who = co_await credentials_.check(std::move(what), where, "user.enrol-totp");
  if (!who) co_return std::unexpected(std::move(who.error()));
  if (!who->user.totp().secret().empty()) {
    co_return std::unexpected(
        make_problem(409, "totp_enrolled", "已经绑定动态口令；更换请联系安全管理员。",
                     "There is a second factor already; a security administrator resets it."));
  }
  std::string secret = identity::new_totp_secret();
  v1::User after = std::move(who->user);
  after.mutable_totp()->set_pending_secret(parts_.box.seal(secret, after.id()));
  after.set_version(after.version() + 1);
  store::put_options quiet;
  quiet.rights_changed = false;
  const auto put = co_await parts_.people.put_user(
      after, quiet, identity::audit_of(where, "user.enrol-totp", after.id(), parts_.real.now()));
  if (!put) co_return std::unexpected(net::problem_for(put.error()));
  if (*put != store::people_outcome::done) {
    co_return std::unexpected(net::problem_for(errc::conflict));
  }
  v1::TotpSecret shown;
  shown.set_secret(identity::to_base32(secret));
  shown.set_uri(identity::totp_uri(secret, after.id()));
  identity::wipe(secret);
  net::response answer = make_answer(shown, c.accepted, codec_);
  answer.headers.emplace_back("Cache-Control", "no-store");
  co_return answer;
}

awaitable<outcome> session_resource::confirm_totp(call c) {
  v1::ConfirmTotp order;
  if (auto read = read_body(c.request, codec_, order); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  const identity::manager where = manager_of(c);
  auto user = co_await load_own(c.actor.user());
  if (!user) co_return std::unexpected(std::move(user.error()));
  if (user->totp().pending_secret().empty()) {
    co_return std::unexpected(
        make_problem(409, "totp_not_begun", "请先取得动态口令密钥。", "Ask for a secret first."));
  }
  // Six digits can be guessed: a code counts like a password.
  if (auto counted = co_await credentials_.count(where); !counted) {
    co_return std::unexpected(std::move(counted.error()));
  }
  const auto secret = parts_.box.open(user->totp().pending_secret(), user->id());
  if (!secret) co_return std::unexpected(net::problem_for(secret.error()));
  const instant now = parts_.real.now();
  const auto step = identity::match_totp(*secret, order.code(), now);
  if (!step) {
    net::problem p = make_problem(422, "code_wrong", "动态口令不正确。", "The code is wrong.");
    p.field = "code";
    co_return std::unexpected(
        co_await credentials_.refuse_as(where, "user.confirm-totp", "wrong code", std::move(p)));
  }
  if (auto forgiven = co_await credentials_.forgive(where); !forgiven) {
    co_return std::unexpected(std::move(forgiven.error()));
  }
  v1::SecondFactor& totp = *user->mutable_totp();
  totp.set_secret(std::move(*totp.mutable_pending_secret()));
  totp.clear_pending_secret();
  totp.set_confirmed_at(to_unix_ms(now));
  user->set_session_generation(user->session_generation() + 1);
  user->set_version(user->version() + 1);
  store::put_options options;
  options.used_step = step;
  const auto put = co_await parts_.people.put_user(
      *user, options, identity::audit_of(where, "user.confirm-totp", user->id(), now));
  if (!put) co_return std::unexpected(net::problem_for(put.error()));
  if (*put != store::people_outcome::done) {
    co_return std::unexpected(net::problem_for(errc::conflict));
  }
  co_return nothing_to_say();
}

}  // namespace hotline::gateway
