#include "common/identity/standing.hpp"

#include <algorithm>

#include "common/domain/organisation.hpp"

namespace hotline::identity {

bool is_valid(const v1::User& user, instant now) {
  return !user.disabled() &&
         (user.valid_until_at() == 0 || to_unix_ms(now) < user.valid_until_at());
}

bool is_in_force(const v1::Post& post, instant now) {
  const auto at = to_unix_ms(now);
  return at >= post.valid_from_at() && (post.valid_until_at() == 0 || at < post.valid_until_at());
}

std::vector<const v1::Post*> posts_in_force(const v1::User& user, instant now) {
  std::vector<const v1::Post*> found;
  if (!is_valid(user, now)) return found;
  for (const v1::Post& post : user.posts()) {
    if (is_in_force(post, now)) found.push_back(&post);
  }
  return found;
}

std::string_view restriction_of(const v1::User& user, const identity_options& options,
                                instant now) {
  // The password of a program is made by us, long and random; nobody is there to change it.
  if (user.kind() == v1::USER_KIND_MACHINE) return {};
  const auto age = now - from_unix_ms(user.password().set_at());
  const bool aged = options.password.age_max.count() > 0 && age >= options.password.age_max;
  if (user.password().must_change() || aged) return "password_change";
  const auto posts = posts_in_force(user, now);
  const bool needs_code = std::ranges::any_of(posts, [&](const v1::Post* post) {
    return std::ranges::find(options.totp_roles, post->role()) != options.totp_roles.end();
  });
  if (needs_code && user.totp().secret().empty()) return "totp_enrolment";
  return {};
}

bool is_alive(const v1::Session& session, instant seen, const v1::User& user,
              const identity_options& options, instant now) {
  return session.user() == user.id() && session.generation() == user.session_generation() &&
         is_valid(user, now) && to_unix_ms(now) < session.ends_at() && now - seen < options.idle;
}

std::optional<v1::Post> read_post(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  v1::Role role{};
  if (!domain::is_unit_code(text.substr(0, slash)) ||
      !v1::Role_Parse(std::string(text.substr(slash + 1)), &role) || role == v1::ROLE_UNSPECIFIED) {
    return std::nullopt;
  }
  v1::Post post;
  post.set_unit(std::string(text.substr(0, slash)));
  post.set_role(role);
  return post;
}

namespace {

/// Where else the user belongs: a complaint about such a unit is about their own people.
void add_other_units(v1::Actor& actor, const v1::User& user,
                     const std::vector<const v1::Post*>& posts) {
  const auto add = [&](const std::string& unit) {
    auto& known = *actor.mutable_other_units();
    if (unit.empty() || unit == actor.unit() || std::ranges::find(known, unit) != known.end()) {
      return;
    }
    *known.Add() = unit;
  };
  add(user.unit());
  for (const v1::Post* post : posts) add(post->unit());
}

}  // namespace

std::optional<v1::Actor> actor_of(const v1::User& user, const v1::Post* wished, instant now) {
  const auto posts = posts_in_force(user, now);
  for (const v1::Post* post : posts) {
    if (wished != nullptr && (post->unit() != wished->unit() || post->role() != wished->role())) {
      continue;
    }
    v1::Actor actor;
    actor.set_user(user.id());
    actor.set_unit(post->unit());
    actor.set_role(post->role());
    add_other_units(actor, user, posts);
    return actor;
  }
  return std::nullopt;
}

}  // namespace hotline::identity
