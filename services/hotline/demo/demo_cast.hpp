// The people of the demo: a small cast with names, and whoever else the story needs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "hotline/v1/ticket.pb.h"

namespace hotline::program {

/// Somebody under one of their posts.
struct demo_person {
  std::string unit;
  std::string role;  ///< "ROLE_OFFICER"
};

struct cast_member {
  const char* user;  ///< login name; a shell variable of this name can hold their token
  const char* name;
  const char* unit;
  v1::Role role;
};

/// From the call to the province: the operator, the dispatcher, officers of two counties and of
/// their city, the supervisors of city and province; then the three administrators (三员), who are
/// different people. No two have the same post.
std::span<const cast_member> demo_cast();

/// Who of the cast has this post; nullptr when nobody.
const cast_member* cast_as(const demo_person& who);

/// The login name of whoever has this post: one of the cast, or one made of unit and role.
std::string demo_user_id(const demo_person& who);

}  // namespace hotline::program
