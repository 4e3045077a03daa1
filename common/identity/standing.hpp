// What a user may do at an instant: posts in force, restrictions, sessions that are alive. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/identity/options.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/identity.pb.h"

namespace hotline::identity {

/// Whether the user may begin or continue a session.
bool is_valid(const v1::User& user, instant now);

bool is_in_force(const v1::Post& post, instant now);

/// In the order in which the user holds them.
std::vector<const v1::Post*> posts_in_force(const v1::User& user, instant now);

/// What stands before everything else; "" for nothing, else "password_change" or
/// "totp_enrolment".
std::string_view restriction_of(const v1::User& user, const identity_options& options, instant now);

/// Judged from stored times: begun under the present generation of its user, not older than the
/// absolute limit, used within the idle limit.
bool is_alive(const v1::Session& session, instant seen, const v1::User& user,
              const identity_options& options, instant now);

/// "370883/ROLE_OFFICER"
std::optional<v1::Post> read_post(std::string_view text);

/// The user under the wished post, or the first in force where none is wished, with the units of
/// home and all other posts in force; nothing when it is not held.
std::optional<v1::Actor> actor_of(const v1::User& user, const v1::Post* wished, instant now);

}  // namespace hotline::identity
