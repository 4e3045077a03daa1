// What a user must look like, and who may manage whom (三员分立). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/domain/organisation.hpp"
#include "common/identity/refusal.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/identity.pb.h"

namespace hotline::identity {

inline constexpr int posts_max = 64;

/// Names, units that exist, posts that make sense, and the separation of the three administrators:
/// nobody is two of them. For a user that is new or changed.
std::optional<refusal> check_user(const v1::User& user, const domain::organisation& org);

/// Whether the user belongs to a unit or one below it, or has a post there.
bool is_of_unit(const domain::organisation& org, std::string_view unit, const v1::User& user);

/// Whether this actor may read of the user: domain::permit for a unit of theirs.
bool may_see_user(const domain::organisation& org, const v1::Actor& actor, const v1::User& user);

/// Managing a user asks domain::permit for the unit and for every post: who may set the password of
/// somebody with a post higher up could act there. And nobody manages themselves.
std::optional<refusal> check_manager(const domain::organisation& org, const v1::Actor& actor,
                                     const v1::User& user);

}  // namespace hotline::identity
