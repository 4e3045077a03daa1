#include "common/identity/user_rules.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "common/domain/permission.hpp"
#include "common/identity/text.hpp"

namespace hotline::identity {
namespace {

using domain::access;
using domain::action;
using domain::permit;
using domain::permit_unit;

constexpr std::size_t name_bytes_max = 96;

/// Whether `is` holds of the user's home unit or of the unit of a post.
template <class Fn>
bool any_unit(const v1::User& user, const Fn& is) {
  return is(user.unit()) ||
         std::ranges::any_of(user.posts(), [&](const v1::Post& post) { return is(post.unit()); });
}

std::optional<refusal> invalid(std::string_view rule, std::string field, std::string_view zh,
                               std::string_view en) {
  return refuse(refused::invalid, rule, field, zh, en).error();
}

bool is_administrator(v1::Role role) {
  return role == v1::ROLE_ADMINISTRATOR || role == v1::ROLE_SECURITY_ADMINISTRATOR ||
         role == v1::ROLE_AUDITOR;
}

std::optional<refusal> check_post(const v1::Post& post, int index,
                                  const domain::organisation& org) {
  const std::string field = fmt::format("posts[{}]", index);
  if (!org.contains(post.unit())) {
    return invalid("post.unit", field + ".unit", "没有这个单位。", "There is no such unit.");
  }
  if (!v1::Role_IsValid(post.role()) || post.role() == v1::ROLE_UNSPECIFIED) {
    return invalid("post.role", field + ".role", "没有这个角色。", "There is no such role.");
  }
  if (post.role() == v1::ROLE_SYSTEM) {
    return invalid("post.system", field + ".role", "系统角色不能授予用户。",
                   "The system role is the hotline's own.");
  }
  if (post.valid_until_at() != 0 && post.valid_until_at() <= post.valid_from_at()) {
    return invalid("post.validity", field + ".valid_until_at", "有效期的结束应在开始之后。",
                   "A post ends after it begins.");
  }
  return std::nullopt;
}

/// A channel speaks for strangers: it is a program, and nobody of the hotline as well.
std::optional<refusal> check_channel(const v1::User& user) {
  const auto is_channel = [](const v1::Post& post) { return post.role() == v1::ROLE_CHANNEL; };
  if (std::ranges::none_of(user.posts(), is_channel)) return std::nullopt;
  if (user.kind() != v1::USER_KIND_MACHINE) {
    return invalid("user.channel-machine", "kind", "公众渠道只能是系统对接用户。",
                   "A channel is a machine.");
  }
  if (std::ranges::all_of(user.posts(), is_channel)) return std::nullopt;
  return invalid("user.channel-only", "posts", "公众渠道不能兼任其他岗位。",
                 "A channel holds no other posts.");
}

}  // namespace

std::optional<refusal> check_user(const v1::User& user, const domain::organisation& org) {
  if (!is_user_id(user.id())) {
    return invalid("user.id", "id", "用户名应为 2 至 64 个小写字母、数字、点、下划线或连字符。",
                   "A user id is 2 to 64 of a-z, 0-9, '.', '_', '-'.");
  }
  if (user.name().empty() || user.name().size() > name_bytes_max) {
    return invalid("user.name", "name", "请填写姓名，至多 32 个汉字。",
                   "A name is required, at most 96 bytes.");
  }
  if (!org.contains(user.unit())) {
    return invalid("user.unit", "unit", "没有这个单位。", "There is no such unit.");
  }
  if (user.kind() != v1::USER_KIND_PERSON && user.kind() != v1::USER_KIND_MACHINE) {
    return invalid("user.kind", "kind", "没有这种用户。", "There is no such kind of user.");
  }
  if (user.posts_size() > posts_max) {
    return invalid("user.posts", "posts", "岗位太多。", "Too many posts.");
  }
  std::optional<v1::Role> administers;
  for (int i = 0; i < user.posts_size(); ++i) {
    const v1::Post& post = user.posts(i);
    if (auto bad = check_post(post, i, org)) return bad;
    for (int j = 0; j < i; ++j) {
      if (user.posts(j).unit() == post.unit() && user.posts(j).role() == post.role()) {
        return invalid("post.duplicate", fmt::format("posts[{}]", i), "岗位重复。",
                       "The same post twice.");
      }
    }
    if (!is_administrator(post.role())) continue;
    if (administers && *administers != post.role()) {
      return invalid("user.separation", fmt::format("posts[{}].role", i),
                     "系统、安全、审计三类管理员应由不同的人担任。",
                     "System, security and audit administrators are different people.");
    }
    administers = post.role();
  }
  return check_channel(user);
}

bool is_of_unit(const domain::organisation& org, std::string_view unit, const v1::User& user) {
  return any_unit(user, [&](const std::string& own) { return org.is_in_subtree(own, unit); });
}

bool may_see_user(const domain::organisation& org, const v1::Actor& actor, const v1::User& user) {
  return any_unit(user, [&](const std::string& own) {
    return permit_unit(org, actor, action::read_users, own) == access::granted;
  });
}

std::optional<refusal> check_manager(const domain::organisation& org, const v1::Actor& actor,
                                     const v1::User& user) {
  if (permit(org, actor, action::manage_users, nullptr) != access::granted) {
    return refuse(refused::not_allowed, "user.security-administrator", "",
                  "只有安全管理员可以管理用户。", "Only a security administrator manages users.")
        .error();
  }
  if (actor.user() == user.id()) {
    return refuse(refused::not_allowed, "user.self", "", "不能管理自己的账号和权限。",
                  "Nobody manages their own account.")
        .error();
  }
  const auto outside = [&](const std::string& unit) {
    return permit_unit(org, actor, action::manage_users, unit) != access::granted;
  };
  if (any_unit(user, outside)) {
    return refuse(refused::not_allowed, "user.subtree", "",
                  "该用户所属单位或岗位不在您管理的范围内。",
                  "The user belongs to, or has a post in, a unit outside yours.")
        .error();
  }
  return std::nullopt;
}

}  // namespace hotline::identity
