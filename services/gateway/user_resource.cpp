#include "services/gateway/user_resource.hpp"

#include <utility>
#include <variant>

#include "common/identity/text.hpp"
#include "hotline/v1/identity.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/session_resource.hpp"
#include "services/gateway/ticket_commands.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

/// cursor=: the id the page before ended with.
reading<std::string> read_user_cursor(const net::request& request) {
  const std::string* const text = request.query_value("cursor");
  if (text == nullptr) return std::string();
  if (identity::is_user_id(*text)) return *text;
  return std::unexpected(bad_parameter("cursor", "cursor 无效，应原样取自上一页。",
                                       "The cursor is not one this API gave."));
}

}  // namespace

void user_resource::add_to(api& routes) {
  routes.add({.verb = net::method::get,
              .pattern = "/v1/users",
              .name = "list_users",
              .summary = "本单位及下级的用户",
              .answer = v1::UserPage::descriptor(),
              .query = {{"unit", "只看该单位及其下级"},
                        {"limit", "每页条数，1 至 200，默认 50"},
                        {"cursor", "上一页的 next_cursor"}}},
             [this](call c) { return list(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/users/{id}",
              .name = "get_user",
              .summary = "一个用户",
              .answer = v1::UserAnswer::descriptor()},
             [this](call c) { return get(std::move(c)); });
  routes.add(
      {.verb = net::method::post,
       .pattern = "/v1/users",
       .name = "create_user",
       .summary = "新建用户；一次性密码只在首次应答中显示，重复请求的应答没有密码，遗失则重置",
       .body = v1::CreateUser::descriptor(),
       .answer = v1::UserAnswer::descriptor(),
       .success = 201,
       .needs_key = true},
      [this](call c) { return create(std::move(c)); });
  routes.add({.verb = net::method::post,
              .pattern = "/v1/users/{id}:change",
              .name = "change_user",
              .summary = "修改姓名、单位、岗位、有效期",
              .body = v1::ChangeUser::descriptor(),
              .answer = v1::UserAnswer::descriptor(),
              .needs_key = true,
              .takes_version = true},
             [this](call c) { return change(std::move(c)); });
  identity::user_desk& desk = parts_.desk;
  using identity::manager;
  add_verb(routes, "disable", "停用用户，登录立即失效",
           [&desk](manager who, std::string id, std::int64_t version, std::string reason) {
             return desk.set_disabled(std::move(who), std::move(id), version, true,
                                      std::move(reason));
           });
  add_verb(routes, "enable", "恢复用户",
           [&desk](manager who, std::string id, std::int64_t version, std::string reason) {
             return desk.set_disabled(std::move(who), std::move(id), version, false,
                                      std::move(reason));
           });
  add_verb(routes, "reset-password",
           "重置密码；一次性密码只在首次应答中显示，重复请求的应答没有密码，遗失则再次重置",
           [&desk](manager who, std::string id, std::int64_t version, std::string reason) {
             return desk.reset_password(std::move(who), std::move(id), version, std::move(reason));
           });
  add_verb(routes, "reset-totp", "解除动态口令",
           [&desk](manager who, std::string id, std::int64_t version, std::string reason) {
             return desk.reset_totp(std::move(who), std::move(id), version, std::move(reason));
           });
  add_verb(routes, "end-sessions", "使该用户的登录全部失效",
           [&desk](manager who, std::string id, std::int64_t version, std::string reason) {
             return desk.end_sessions(std::move(who), std::move(id), version, std::move(reason));
           });
  add_verb(routes, "unlock", "解除登录锁定",
           [&desk](manager who, std::string id, std::int64_t, std::string reason) {
             return desk.unlock(std::move(who), std::move(id), std::move(reason));
           });
}

void user_resource::add_verb(api& routes, std::string name, std::string summary, verb what) {
  std::string operation_name = name + "_user";
  for (char& c : operation_name) {
    if (c == '-') c = '_';
  }
  routes.add({.verb = net::method::post,
              .pattern = "/v1/users/{id}:" + name,
              .name = std::move(operation_name),
              .summary = std::move(summary),
              .body = v1::UserOrder::descriptor(),
              .answer = v1::UserAnswer::descriptor(),
              .needs_key = true,
              .takes_version = true},
             [this, what = std::move(what)](call c) { return carry_out(what, std::move(c)); });
}

outcome user_resource::answer_of(identity::answered<v1::UserAnswer> done, int status,
                                 body_format accepted) {
  if (!done) return std::unexpected(problem_for_refusal(done.error()));
  net::response answer = make_answer(*done, accepted, codec_);
  answer.status = status;
  set_version(answer, done->user().version());
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

/// Whether the role may at all; of whom, the desk judges user by user.
reading<void> user_resource::check_reader(const v1::Actor& actor) const {
  return check_access(domain::permit(province_()->org, actor, domain::action::read_users, nullptr));
}

awaitable<outcome> user_resource::list(call c) {
  if (auto may = check_reader(c.actor); !may) co_return std::unexpected(std::move(may.error()));
  const std::string* const unit = c.request.query_value("unit");
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  const auto after = read_user_cursor(c.request);
  if (!after) co_return std::unexpected(after.error());
  const auto page =
      co_await parts_.desk.list(manager_of(c), unit == nullptr ? std::string() : *unit, *after,
                                static_cast<std::size_t>(*limit));
  if (!page) co_return std::unexpected(problem_for_refusal(page.error()));
  co_return make_answer(*page, c.accepted, codec_);
}

awaitable<outcome> user_resource::get(call c) {
  if (auto may = check_reader(c.actor); !may) co_return std::unexpected(std::move(may.error()));
  auto found = co_await parts_.desk.get(manager_of(c), c.params.at("id"));
  co_return answer_of(std::move(found), 200, c.accepted);
}

awaitable<outcome> user_resource::create(call c) {
  v1::CreateUser order;
  if (auto read = read_body(c.request, codec_, order); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  auto fingerprint = fingerprint_of(c, order);
  act what = [&desk = parts_.desk, order = std::move(order)](identity::manager who) {
    return desk.create(std::move(who), order);
  };
  co_return co_await once(std::move(c), std::move(fingerprint), 201, std::move(what));
}

awaitable<outcome> user_resource::change(call c) {
  const auto version = read_expected_version(c.request);
  if (!version) co_return std::unexpected(version.error());
  v1::ChangeUser order;
  if (auto read = read_body(c.request, codec_, order); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  auto fingerprint = fingerprint_of(c, order);
  act what = [&desk = parts_.desk, id = c.params.at("id"), at = *version, order = std::move(order)](
                 identity::manager who) { return desk.change(std::move(who), id, at, order); };
  co_return co_await once(std::move(c), std::move(fingerprint), 200, std::move(what));
}

awaitable<outcome> user_resource::carry_out(const verb& what, call c) {
  const auto version = read_expected_version(c.request);
  if (!version) co_return std::unexpected(version.error());
  v1::UserOrder order;
  if (auto read = read_body(c.request, codec_, order); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  auto fingerprint = fingerprint_of(c, order);
  act made = [&what, id = c.params.at("id"), at = *version, reason = order.reason()](
                 identity::manager who) { return what(std::move(who), id, at, reason); };
  co_return co_await once(std::move(c), std::move(fingerprint), 200, std::move(made));
}

// A repeat is looked up before anything is judged or hashed. Two that come at once are told apart
// by the commit: the second is refused there, and then finds the answer of the first.
awaitable<outcome> user_resource::once(call c, std::string fingerprint, int status, act what) {
  const store::repeatable request{{c.key, gateway_.vault.fingerprint(fingerprint)},
                                  gateway_.now.now()};
  if (auto known = co_await known_answer(request, status, c.accepted)) co_return *std::move(known);
  identity::manager who = manager_of(c);
  who.request = request;
  auto done = co_await what(std::move(who));
  if (!done) {
    if (auto known = co_await known_answer(request, status, c.accepted)) {
      co_return *std::move(known);
    }
  }
  co_return answer_of(std::move(done), status, c.accepted);
}

awaitable<std::optional<outcome>> user_resource::known_answer(store::repeatable request, int status,
                                                              body_format accepted) {
  auto known = co_await parts_.people.find_request(std::move(request));
  if (!known) co_return std::unexpected(net::problem_for(known.error()));
  if (std::holds_alternative<store::key_reused>(*known)) {
    co_return std::unexpected(net::problem_for(errc::key_reused));
  }
  auto* const answer = std::get_if<v1::UserAnswer>(&*known);
  if (answer == nullptr) co_return std::nullopt;
  gateway_.counts.replayed();
  outcome repeated = answer_of(std::move(*answer), status, accepted);
  repeated->headers.emplace_back("Idempotency-Replayed", "true");
  co_return repeated;
}

}  // namespace hotline::gateway
