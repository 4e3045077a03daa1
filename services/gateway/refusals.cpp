#include "services/gateway/refusals.hpp"

#include <fmt/core.h>

#include <utility>

#include "services/gateway/problems.hpp"

namespace hotline::gateway {

bool is_about_rights(const net::problem& p) {
  if (p.status == 403 || p.status == 404) return true;
  return p.code == "sign_in_locked" || p.code == wrong_signature ||
         p.rule.starts_with("form.masked") || p.rule.starts_with("form.sealed") ||
         p.rule.starts_with("form.read-only");
}

boost::asio::awaitable<net::problem> refusals::judge(refused_request what, net::problem p) {
  const verdict found = count(what, p.code);
  if (found.first) {
    v1::AuditRecord record;
    record.set_at(to_unix_ms(now_.now()));
    record.set_action("request.refused");
    record.set_object(what.operation);
    // Names of codes and rules only: what was sent may be somebody's number.
    record.set_reason(p.rule.empty() ? p.code : fmt::format("{} {}", p.code, p.rule));
    record.set_request_id(std::move(what.request_id));
    record.set_address(std::move(what.address));
    *record.mutable_actor() = std::move(what.actor);
    const auto recorded = co_await records_.append(std::move(record));
    // The refusal stands without its record: nothing was done that must not be.
    if (!recorded) log_.warn("refusal not recorded reason=\"{}\"", to_string(recorded.error()));
  }
  if (!found.over) co_return p;
  net::problem busy = make_problem(429, "too_many_requests", "被拒绝的请求过多，请稍后再试。",
                                   "Too many requests were refused; try again later.");
  busy.retry_after_s = static_cast<int>(limits_.window.count());
  co_return busy;
}

refusals::verdict refusals::count(const refused_request& what, std::string_view code) {
  const auto now = steady_now();
  if (now - begun_ >= limits_.window) {
    counts_.clear();
    recorded_.clear();
    begun_ = now;
  }
  const std::string& user = what.actor.user();
  bool over = count_one("@" + what.address, limits_.of_address_max);
  if (!user.empty()) over = count_one(user, limits_.of_user_max) || over;
  const bool room = recorded_.size() < limits_.keys_max;
  const bool first =
      room && recorded_.insert(fmt::format("{}@{} {}", user, what.address, code)).second;
  return {first, over};
}

/// Whether the key is over its limit now.
bool refusals::count_one(std::string key, int max) {
  if (counts_.size() >= limits_.keys_max && !counts_.contains(key)) return false;
  return ++counts_[std::move(key)] > max;
}

}  // namespace hotline::gateway
