// Which passwords may be chosen. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "common/identity/options.hpp"

namespace hotline::identity {

inline constexpr std::size_t password_bytes_max = 128;

/// Why a password is not taken; texts never repeat it.
struct password_fault {
  std::string_view rule;  ///< stable: "password.length"
  std::string_view zh;
  std::string_view en;
};

/// Who chooses it: what must not be in it.
struct password_owner {
  std::string_view id;
  std::string_view name;
};

/// Length, classes of characters, and how much is left of it when common words, rows of the
/// keyboard, years and the owner's own name are taken away. The history is compared elsewhere: it
/// takes hashing.
std::optional<password_fault> check_password(std::string_view password, const password_owner& owner,
                                             const password_policy& policy);

}  // namespace hotline::identity
