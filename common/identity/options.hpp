// The settings of identity with their defaults: plain values for everything in this room.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::identity {

struct password_policy {
  int length_min = 10;
  int classes_min = 3;                           ///< of lower, upper, digit, other
  milliseconds age_max = std::chrono::days(90);  ///< 0: passwords do not age
  int history = 5;
  std::vector<std::string> refused;  ///< lower case
};

struct identity_options {
  password_policy password;
  milliseconds idle = std::chrono::minutes(30);
  milliseconds absolute = std::chrono::hours(12);
  int tries_max = 5;
  int address_tries_max = 20;
  milliseconds lock = std::chrono::minutes(15);
  std::vector<v1::Role> totp_roles;
  /// Half of the cores where they idle (a hash fills the caches of the core it runs on, and tickets
  /// go first), and the one that helps where none ever does: see hash_options.
  std::size_t hashes_at_once = std::max(1U, std::thread::hardware_concurrency() / 2) + 1;
  std::size_t hashes_waiting_max = 16;
  bool cookies = true;
};

/// Settings at 0 take their defaults. The configuration's check has refused negative ones.
identity_options options_of(const v1::IdentitySettings& settings);

}  // namespace hotline::identity
