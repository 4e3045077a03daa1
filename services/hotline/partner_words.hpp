// The words of the trade for what partners tell us, and why a person has to look at it.
#pragma once

#include <string_view>

#include "hotline/v1/config.pb.h"
#include "hotline/v1/exchange.pb.h"
#include "hotline/v1/feed.pb.h"

namespace hotline::program {

std::string_view word(v1::PartnerEventKind kind);
std::string_view word(v1::ReviewReason reason);

/// The partner of a configuration, active or not; nullptr when there is none.
const v1::Partner* find_partner(const v1::HotlineConfig& config, std::string_view name);

/// Says why there is no active partner of the name: not configured, or switched off (停用).
/// The exit code.
int complain_of_partner(const v1::HotlineConfig& config, std::string_view name);

}  // namespace hotline::program
