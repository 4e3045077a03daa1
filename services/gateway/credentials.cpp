#include "services/gateway/credentials.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/identity/password_policy.hpp"
#include "common/identity/standing.hpp"
#include "common/identity/text.hpp"
#include "common/identity/totp.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

constexpr int busy_retry_s = 2;

net::problem credentials_wrong() {
  return make_problem(401, "credentials_wrong", "用户名、密码或动态口令不正确。",
                      "User, password or one-time code is wrong.");
}

net::problem busy() {
  net::problem p = make_problem(429, "busy", "登录的人较多，请稍后再试。",
                                "Many are signing in; try again in a moment.");
  p.retry_after_s = busy_retry_s;
  return p;
}

net::problem locked(instant until, instant now) {
  net::problem p = make_problem(429, "sign_in_locked", "尝试次数过多，请稍后再试。",
                                "Too many tries; try again later.");
  const auto left = std::chrono::ceil<std::chrono::seconds>(until - now).count();
  p.retry_after_s = static_cast<int>(std::max<std::int64_t>(left, 1));
  return p;
}

}  // namespace

store::attempt_limits credentials::limits() const {
  return {parts_.options.tries_max, parts_.options.address_tries_max, parts_.options.lock};
}

awaitable<reading<void>> credentials::count(identity::manager where) {
  const instant now = parts_.real.now();
  const store::sign_in_attempt who{where.actor.user(), where.address};
  const auto until = co_await parts_.people.count_attempt(who, limits(), now);
  if (!until) co_return std::unexpected(net::problem_for(until.error()));
  if (*until) co_return std::unexpected(locked(**until, now));
  co_return reading<void>();
}

awaitable<reading<void>> credentials::forgive(identity::manager where) {
  const store::sign_in_attempt who{where.actor.user(), where.address};
  const auto forgiven = co_await parts_.people.forgive_attempt(who, limits(), parts_.real.now());
  if (!forgiven) co_return std::unexpected(net::problem_for(forgiven.error()));
  co_return reading<void>();
}

awaitable<reading<proven>> credentials::check(claim what, identity::manager where,
                                              std::string action) {
  // Before it is counted: an attempt that was not even looked at costs nobody a try.
  if (parts_.pool.full()) co_return std::unexpected(busy());
  what.user = identity::lower_case(what.user);
  const bool possible = identity::is_user_id(what.user);
  const store::sign_in_attempt who{possible ? what.user : "?", where.address};
  const instant now = parts_.real.now();
  const auto until = co_await parts_.people.count_attempt(who, limits(), now);
  if (!until) co_return std::unexpected(net::problem_for(until.error()));
  if (*until) co_return std::unexpected(locked(**until, now));

  std::optional<v1::User> user;
  if (possible) {
    auto loaded = co_await parts_.people.load_user(what.user);
    if (!loaded) co_return std::unexpected(net::problem_for(loaded.error()));
    user = *std::move(loaded);
    where.actor.set_user(what.user);
  }
  if (what.password.size() > identity::password_bytes_max) what.password.clear();
  const auto right =
      co_await parts_.pool.verify(what.password, user ? user->password().hash() : std::string());
  identity::wipe(what.password);
  if (!right && right.error().code == errc::overloaded) co_return std::unexpected(busy());
  if (!right) co_return std::unexpected(net::problem_for(right.error()));

  std::optional<std::int64_t> step;
  std::string wrong = what_is_wrong(what, user, *right, step);
  if (!wrong.empty()) {
    co_return std::unexpected(
        co_await refuse(std::move(where), std::move(action), std::move(wrong)));
  }
  if (what.password_only) {
    const auto forgiven = co_await parts_.people.forgive_attempt(who, limits(), now);
    if (!forgiven) co_return std::unexpected(net::problem_for(forgiven.error()));
  }
  co_return proven{*std::move(user), step};
}

/// Empty when nothing is wrong.
std::string credentials::what_is_wrong(const claim& what, const std::optional<v1::User>& user,
                                       bool password_right,
                                       std::optional<std::int64_t>& step) const {
  const instant now = parts_.real.now();
  if (!user) return "unknown user";
  if (!password_right) return "wrong password";
  if (!identity::is_valid(*user, now)) return "disabled or expired";
  if (what.password_only || user->totp().secret().empty()) return "";
  const auto secret = parts_.box.open(user->totp().secret(), user->id());
  if (!secret) return "second factor cannot be opened";
  step = identity::match_totp(*secret, what.code, now);
  return step ? "" : "wrong code";
}

awaitable<net::problem> credentials::refuse(identity::manager where, std::string action,
                                            std::string reason) {
  co_return co_await refuse_as(std::move(where), std::move(action), std::move(reason),
                               credentials_wrong());
}

awaitable<net::problem> credentials::refuse_as(identity::manager where, std::string action,
                                               std::string reason, net::problem answer) {
  auto record = identity::audit_of(where, std::move(action), where.actor.user(), parts_.real.now());
  record.set_done(false);
  record.set_reason(std::move(reason));
  const auto recorded = co_await parts_.people.record(std::move(record));
  // Who cannot be recorded is not answered as usual: the record must have no holes.
  if (!recorded) co_return net::problem_for(recorded.error());
  co_return answer;
}

}  // namespace hotline::gateway
