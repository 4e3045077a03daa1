// The shipped province and partners, and a small partner to break.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/domain/province.hpp"
#include "common/exchange/partner.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::exchange {

const v1::HotlineConfig& shipped_config();
const domain::province& shipped_land();

/// A shipped partner, ready; a test fails where there is none.
partner shipped(std::string_view name);
/// A sample message of config/partners/samples.
std::string sample(std::string_view file);

/// A partner of few fields that passes every check: JSON in and out.
v1::Partner small_partner();
partner ready(const v1::Partner& config);
partner ready(const std::function<void(v1::Partner&)>& change);

v1::FieldMapping& map_in(v1::Partner& to, std::string_view theirs, std::string_view ours);
v1::FieldMapping& map_out(v1::Partner& to, std::string_view theirs, std::string_view ours);

}  // namespace hotline::exchange
