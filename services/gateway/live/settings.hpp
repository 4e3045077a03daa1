// From the settings of the deployment to those of the feed.
#pragma once

#include <cstddef>

#include "hotline/v1/config.pb.h"
#include "services/gateway/live/feed.hpp"

namespace hotline::gateway::live {

inline constexpr std::size_t sockets_per_user_default = 4;

/// Numbers that are zero keep their defaults; negative ones the check of the settings refuses.
feed_options feed_options_of(const v1::LiveSettings& settings, bool rehearsal);
std::size_t sockets_per_user(const v1::LiveSettings& settings);

}  // namespace hotline::gateway::live
