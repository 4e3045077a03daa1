#include "common/identity/user_desk.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/identity/password_policy.hpp"
#include "common/identity/standing.hpp"
#include "common/identity/text.hpp"
#include "common/identity/token.hpp"
#include "common/identity/user_rules.hpp"

namespace hotline::identity {
namespace {

using boost::asio::awaitable;

// Somebody else may change the same user between reading and writing; this often in a row they do
// not.
constexpr int tries_max = 4;
constexpr std::size_t reason_bytes_max = 600;
constexpr std::size_t machine_password_characters = 32;
constexpr std::size_t scanned_max = 2'000;

std::unexpected<refusal> no_such_user() {
  return refuse(refused::not_found, "", "", "没有找到该用户，或者您无权查看。",
                "There is no such user, or none you may see.");
}

std::unexpected<refusal> changed_meanwhile() {
  return refuse(refused::conflict, "user.version", "", "该用户已被他人修改，请刷新后重试。",
                "Somebody else changed the user first; load it and try again.");
}

std::string post_text(const v1::Post& post) {
  return post.unit() + "/" + v1::Role_Name(post.role());
}

bool same_post(const v1::Post& a, const v1::Post& b) {
  return a.unit() == b.unit() && a.role() == b.role();
}

/// What differs, without secrets and without the name (personal data).
std::string difference(const v1::User& before, const v1::User& after) {
  std::string text;
  const auto add = [&](std::string part) { text += (text.empty() ? "" : "; ") + std::move(part); };
  if (before.name() != after.name()) add("name");
  if (before.unit() != after.unit()) {
    add(fmt::format("unit {} -> {}", before.unit(), after.unit()));
  }
  if (before.valid_until_at() != after.valid_until_at()) {
    add(fmt::format("valid_until_at {} -> {}", before.valid_until_at(), after.valid_until_at()));
  }
  if (before.disabled() != after.disabled()) add(after.disabled() ? "disabled" : "enabled");
  const auto posts_only_in = [&](const v1::User& one, const v1::User& other, char sign) {
    for (const v1::Post& post : one.posts()) {
      const auto same = [&](const v1::Post& p) {
        return same_post(p, post) && p.valid_from_at() == post.valid_from_at() &&
               p.valid_until_at() == post.valid_until_at();
      };
      if (std::ranges::any_of(other.posts(), same)) continue;
      add(fmt::format("{}{} [{}, {})", sign, post_text(post), post.valid_from_at(),
                      post.valid_until_at()));
    }
  };
  posts_only_in(before, after, '-');
  posts_only_in(after, before, '+');
  return text;
}

v1::UserAnswer answer_of(const v1::User& user) {
  v1::UserAnswer made;
  *made.mutable_user() = view_of(user);
  return made;
}

store::put_options options_for(const manager& who, const v1::User& after) {
  store::put_options options;
  options.request = who.request;
  if (options.request) options.answer = answer_of(after);
  return options;
}

void set_password(v1::User& user, std::string hash, bool must_change, int history, instant now) {
  v1::UserPassword& password = *user.mutable_password();
  if (!password.hash().empty()) {
    std::vector<std::string> kept{password.hash()};
    kept.insert(kept.end(), password.history().begin(), password.history().end());
    kept.resize(std::min(kept.size(), static_cast<std::size_t>(history)));
    password.mutable_history()->Assign(kept.begin(), kept.end());
  }
  password.set_hash(std::move(hash));
  password.set_set_at(to_unix_ms(now));
  password.set_must_change(must_change);
  user.set_session_generation(user.session_generation() + 1);
}

}  // namespace

v1::AuditRecord audit_of(const manager& who, std::string action, std::string object, instant now) {
  v1::AuditRecord record;
  record.set_at(to_unix_ms(now));
  *record.mutable_actor() = who.actor;
  record.mutable_actor()->clear_other_units();
  record.set_action(std::move(action));
  record.set_object(std::move(object));
  record.set_done(true);
  record.set_request_id(who.request_id);
  record.set_address(who.at_console ? "console" : who.address);
  return record;
}

v1::UserView view_of(const v1::User& user) {
  v1::UserView view;
  view.set_id(user.id());
  view.set_name(user.name());
  view.set_unit(user.unit());
  view.set_kind(user.kind());
  *view.mutable_posts() = user.posts();
  view.set_valid_until_at(user.valid_until_at());
  view.set_disabled(user.disabled());
  view.set_must_change(user.password().must_change());
  view.set_totp(!user.totp().secret().empty());
  view.set_password_set_at(user.password().set_at());
  view.set_version(user.version());
  view.set_created_at(user.created_at());
  view.set_changed_at(user.changed_at());
  return view;
}

user_desk::user_desk(store::people_store& people, hash_pool& pool, store::province_source province,
                     const identity_options& options, const clock& now)
    : people_(people), pool_(pool), province_(std::move(province)), options_(options), now_(now) {}

awaitable<answered<v1::User>> user_desk::load(const manager& who, std::string id) {
  const v1::Actor actor = who.actor;
  const bool at_console = who.at_console;
  if (!is_user_id(id)) co_return no_such_user();
  auto loaded = co_await people_.load_user(std::move(id));
  if (!loaded) co_return refuse(loaded.error());
  if (!*loaded) co_return no_such_user();
  if (!at_console && !may_see_user(province_()->org, actor, **loaded)) co_return no_such_user();
  co_return std::move(**loaded);
}

/// The right to manage this user; the want of it is recorded.
awaitable<answered<void>> user_desk::require(manager who, order what, v1::User user) {
  if (who.at_console) co_return answered<void>();
  auto bad = check_manager(province_()->org, who.actor, user);
  if (!bad) co_return answered<void>();
  auto record = audit_of(who, what.action, user.id(), now_.now());
  record.set_done(false);
  record.set_reason(bad->rule);
  const auto recorded = co_await people_.record(std::move(record));
  if (!recorded) co_return refuse(recorded.error());
  co_return std::unexpected(*std::move(bad));
}

awaitable<answered<std::string>> user_desk::hash_for(const v1::User& user, std::string password) {
  if (const auto fault = check_password(password, {user.id(), user.name()}, options_.password)) {
    co_return refuse(refused::invalid, fault->rule, "password", fault->zh, fault->en);
  }
  auto hash = co_await pool_.hash(std::move(password));
  if (!hash) co_return refuse(hash.error());
  co_return *std::move(hash);
}

user_desk::answer user_desk::create(manager who, v1::CreateUser order, std::string password) {
  v1::User user;
  user.set_id(std::move(*order.mutable_id()));
  user.set_name(std::move(*order.mutable_name()));
  user.set_unit(std::move(*order.mutable_unit()));
  user.set_kind(order.kind() == v1::USER_KIND_UNSPECIFIED ? v1::USER_KIND_PERSON : order.kind());
  *user.mutable_posts() = order.posts();
  user.set_valid_until_at(order.valid_until_at());
  if (auto bad = check_user(user, province_()->org)) co_return std::unexpected(*std::move(bad));
  const auto allowed = co_await require(who, {.id = user.id(), .action = "user.create"}, user);
  if (!allowed) co_return std::unexpected(allowed.error());
  co_return co_await store_new(std::move(who), std::move(user), std::move(password));
}

awaitable<answered<v1::UserAnswer>> user_desk::store_new(manager who, v1::User user,
                                                         std::string password) {
  const auto known = co_await people_.load_user(user.id());
  if (!known) co_return refuse(known.error());
  const auto exists = [] {
    return refuse(refused::conflict, "user.exists", "id", "该用户名已被使用。",
                  "The user id is taken.");
  };
  if (*known) co_return exists();
  const bool machine = user.kind() == v1::USER_KIND_MACHINE;
  const bool made = password.empty();
  if (made) password = machine ? new_password(machine_password_characters) : new_password();
  auto hash = co_await hash_for(user, password);
  if (!hash) co_return std::unexpected(std::move(hash.error()));
  const instant now = now_.now();
  set_password(user, *std::move(hash), made && !machine, options_.password.history, now);
  user.set_version(1);
  user.set_created_at(to_unix_ms(now));
  user.set_changed_at(to_unix_ms(now));
  auto record = audit_of(who, "user.create", user.id(), now);
  record.set_detail(difference({}, user));
  const auto put = co_await people_.put_user(user, options_for(who, user), std::move(record));
  if (!put) co_return refuse(put.error());
  if (*put != store::people_outcome::done) co_return exists();
  auto answer = answer_of(user);
  if (made) answer.set_password(password);
  wipe(password);
  co_return answer;
}

user_desk::answer user_desk::modify(manager who, order what, mutation change) {
  if (what.reason.size() > reason_bytes_max) {
    co_return refuse(refused::invalid, "reason.length", "reason", "理由太长。",
                     "The reason is too long.");
  }
  for (int i = 0; i < tries_max; ++i) {
    auto before = co_await load(who, what.id);
    if (!before) co_return std::unexpected(std::move(before.error()));
    const auto allowed = co_await require(who, what, *before);
    if (!allowed) co_return std::unexpected(allowed.error());
    if (what.version != 0 && what.version != before->version()) co_return changed_meanwhile();
    v1::User after = *before;
    change(after);
    if (auto bad = check_user(after, province_()->org)) co_return std::unexpected(*std::move(bad));
    const auto still_allowed = co_await require(who, what, after);
    if (!still_allowed) co_return std::unexpected(still_allowed.error());
    const instant now = now_.now();
    after.set_version(before->version() + 1);
    after.set_changed_at(to_unix_ms(now));
    auto record = audit_of(who, what.action, what.id, now);
    record.set_reason(what.reason);
    record.set_detail(difference(*before, after));
    const auto put = co_await people_.put_user(after, options_for(who, after), std::move(record));
    if (!put) co_return refuse(put.error());
    if (*put == store::people_outcome::done) co_return answer_of(after);
    if (*put != store::people_outcome::changed) break;
  }
  co_return changed_meanwhile();
}

user_desk::answer user_desk::change(manager who, std::string id, std::int64_t version,
                                    v1::ChangeUser order) {
  mutation change = [order](v1::User& user) {
    user.set_name(order.name());
    user.set_unit(order.unit());
    *user.mutable_posts() = order.posts();
    user.set_valid_until_at(order.valid_until_at());
  };
  co_return co_await modify(std::move(who), {std::move(id), version, "user.change", order.reason()},
                            std::move(change));
}

user_desk::answer user_desk::grant(manager who, std::string id, v1::Post post) {
  mutation change = [post](v1::User& user) {
    const auto held = std::ranges::find_if(*user.mutable_posts(),
                                           [&](const v1::Post& p) { return same_post(p, post); });
    if (held == user.mutable_posts()->end()) {
      *user.add_posts() = post;
    } else {
      *held = post;
    }
  };
  co_return co_await modify(std::move(who), {std::move(id), 0, "user.grant", {}},
                            std::move(change));
}

user_desk::answer user_desk::revoke(manager who, std::string id, v1::Post post) {
  const auto user = co_await load(who, id);
  if (!user) co_return std::unexpected(user.error());
  if (std::ranges::none_of(user->posts(), [&](const v1::Post& p) { return same_post(p, post); })) {
    co_return refuse(refused::not_found, "post.not-held", "", "该用户没有这个岗位。",
                     "The user does not hold this post.");
  }
  mutation change = [post](v1::User& u) {
    auto& posts = *u.mutable_posts();
    posts.erase(std::remove_if(posts.begin(), posts.end(),
                               [&](const v1::Post& p) { return same_post(p, post); }),
                posts.end());
  };
  co_return co_await modify(std::move(who), {std::move(id), 0, "user.revoke", {}},
                            std::move(change));
}

user_desk::answer user_desk::set_disabled(manager who, std::string id, std::int64_t version,
                                          bool disabled, std::string reason) {
  mutation change = [disabled](v1::User& user) {
    user.set_disabled(disabled);
    user.set_session_generation(user.session_generation() + 1);
  };
  co_return co_await modify(
      std::move(who),
      {std::move(id), version, disabled ? "user.disable" : "user.enable", std::move(reason)},
      std::move(change));
}

user_desk::answer user_desk::reset_password(manager who, std::string id, std::int64_t version,
                                            std::string reason, std::string password) {
  order what{id, version, "user.reset-password", std::move(reason)};
  const auto user = co_await load(who, id);
  if (!user) co_return std::unexpected(user.error());
  // Before the hash: who may not must not make us work.
  const auto allowed = co_await require(who, what, *user);
  if (!allowed) co_return std::unexpected(allowed.error());
  const bool machine = user->kind() == v1::USER_KIND_MACHINE;
  const bool made = password.empty();
  if (made) password = machine ? new_password(machine_password_characters) : new_password();
  const auto hash = co_await hash_for(*user, password);
  if (!hash) co_return std::unexpected(hash.error());
  mutation change = [hash = *hash, must_change = !machine, keep = options_.password.history,
                     now = now_.now()](v1::User& u) {
    set_password(u, hash, must_change, keep, now);
  };
  auto changed = co_await modify(std::move(who), std::move(what), std::move(change));
  if (changed && made) changed->set_password(password);
  wipe(password);
  co_return changed;
}

user_desk::answer user_desk::reset_totp(manager who, std::string id, std::int64_t version,
                                        std::string reason) {
  mutation change = [](v1::User& user) {
    user.clear_totp();
    user.set_session_generation(user.session_generation() + 1);
  };
  co_return co_await modify(std::move(who),
                            {std::move(id), version, "user.reset-totp", std::move(reason)},
                            std::move(change));
}

user_desk::answer user_desk::end_sessions(manager who, std::string id, std::int64_t version,
                                          std::string reason) {
  mutation change = [](v1::User& user) {
    user.set_session_generation(user.session_generation() + 1);
  };
  co_return co_await modify(std::move(who),
                            {std::move(id), version, "user.end-sessions", std::move(reason)},
                            std::move(change));
}

user_desk::answer user_desk::unlock(manager who, std::string id, std::string reason) {
  const auto user = co_await load(who, id);
  if (!user) co_return std::unexpected(user.error());
  const auto allowed = co_await require(who, {.id = id, .action = "user.unlock"}, *user);
  if (!allowed) co_return std::unexpected(allowed.error());
  auto record = audit_of(who, "user.unlock", id, now_.now());
  record.set_reason(std::move(reason));
  const auto done =
      co_await people_.unlock(std::move(id), options_for(who, *user), std::move(record));
  if (!done) co_return refuse(done.error());
  if (*done != store::people_outcome::done) co_return changed_meanwhile();
  co_return answer_of(*user);
}

user_desk::answer user_desk::get(manager who, std::string id) {
  const auto user = co_await load(who, std::move(id));
  if (!user) co_return std::unexpected(user.error());
  co_return answer_of(*user);
}

awaitable<answered<v1::UserPage>> user_desk::list(manager who, std::string unit, std::string after,
                                                  std::size_t limit) {
  const auto land = province_();
  v1::UserPage page;
  const auto wanted = [&](const v1::User& user) {
    if (!who.at_console && !may_see_user(land->org, who.actor, user)) return false;
    if (unit.empty()) return true;
    return is_of_unit(land->org, unit, user);
  };
  std::size_t scanned = 0;
  while (static_cast<std::size_t>(page.users_size()) < limit && scanned < scanned_max) {
    const auto part = co_await people_.list_users(after, limit);
    if (!part) co_return refuse(part.error());
    after.clear();
    for (const v1::User& user : part->users) {
      ++scanned;
      if (wanted(user)) *page.add_users() = view_of(user);
      after = user.id();
      if (static_cast<std::size_t>(page.users_size()) == limit) break;
    }
    if (part->next.empty() && (part->users.empty() || after == part->users.back().id())) {
      co_return page;
    }
  }
  page.set_next_cursor(after);
  co_return page;
}

awaitable<answered<void>> user_desk::change_own_password(manager who, v1::User user,
                                                         std::string password) {
  if (const auto fault = check_password(password, {user.id(), user.name()}, options_.password)) {
    co_return refuse(refused::invalid, fault->rule, "new_password", fault->zh, fault->en);
  }
  std::vector<std::string> earlier{user.password().hash()};
  earlier.insert(earlier.end(), user.password().history().begin(), user.password().history().end());
  for (std::string& hash : earlier) {
    const auto same = co_await pool_.verify(password, std::move(hash));
    if (!same) co_return refuse(same.error());
    if (!*same) continue;
    co_return refuse(refused::invalid, "password.history", "new_password",
                     "不能使用最近用过的密码。", "The password was used before.");
  }
  auto hash = co_await pool_.hash(std::move(password));
  if (!hash) co_return refuse(hash.error());
  const instant now = now_.now();
  set_password(user, *std::move(hash), false, options_.password.history, now);
  user.set_version(user.version() + 1);
  user.set_changed_at(to_unix_ms(now));
  const auto put =
      co_await people_.put_user(user, {}, audit_of(who, "user.change-password", user.id(), now));
  if (!put) co_return refuse(put.error());
  if (*put != store::people_outcome::done) co_return changed_meanwhile();
  co_return answered<void>();
}

}  // namespace hotline::identity
