#include "tests/unit/gateway/header_authenticator.hpp"

#include <algorithm>
#include <utility>

#include "common/domain/organisation.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {
namespace {

constexpr std::size_t user_bytes_max = 64;

bool is_user_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= user_bytes_max && std::ranges::all_of(text, fits);
}

net::problem who_is_missing(std::string_view header) {
  net::problem p =
      make_problem(401, "actor_required", "请求没有说明操作人、单位和角色。",
                   "The request does not say who acts, for which unit, in which role.");
  p.field = header;
  return p;
}

}  // namespace

reading<v1::Actor> read_actor(const net::request& request) {
  const std::string* const user = request.header("X-Hotline-User");
  const std::string* const unit = request.header("X-Hotline-Unit");
  const std::string* const role = request.header("X-Hotline-Role");
  if (user == nullptr) return std::unexpected(who_is_missing("X-Hotline-User"));
  if (unit == nullptr) return std::unexpected(who_is_missing("X-Hotline-Unit"));
  if (role == nullptr) return std::unexpected(who_is_missing("X-Hotline-Role"));
  if (!is_user_name(*user)) {
    return std::unexpected(bad_parameter("X-Hotline-User", "操作人标识无效。",
                                         "A user is 1 to 64 of A-Z, a-z, 0-9, '.', '_', '-'."));
  }
  if (!domain::is_unit_code(*unit)) {
    return std::unexpected(bad_parameter("X-Hotline-Unit", "单位代码无效。",
                                         "A unit code is 1 to 32 of a-z, 0-9, '-'."));
  }
  v1::Role value{};
  if (!v1::Role_Parse(*role, &value) || value == v1::ROLE_UNSPECIFIED) {
    return std::unexpected(bad_parameter("X-Hotline-Role", "角色无效。",
                                         "A role is given by its full name, e.g. ROLE_OPERATOR."));
  }
  if (value == v1::ROLE_SYSTEM) {
    return std::unexpected(forbidden("role.system", "系统角色不能由外部使用。",
                                     "The system role is the hotline's own."));
  }
  v1::Actor actor;
  actor.set_user(*user);
  actor.set_unit(*unit);
  actor.set_role(value);
  if (const std::string* const other = request.header("X-Hotline-Other-Unit")) {
    actor.add_other_units(*other);
  }
  return actor;
}

boost::asio::awaitable<reading<visitor>> header_authenticator::authenticate(
    const net::request& request, needed) {
  auto actor = read_actor(request);
  if (!actor) co_return std::unexpected(std::move(actor.error()));
  co_return visitor{*std::move(actor), "test"};
}

boost::asio::awaitable<bool> header_authenticator::is_valid(visitor) { co_return true; }

}  // namespace hotline::gateway
