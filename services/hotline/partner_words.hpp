// The words of the trade for what partners tell us, and why a person has to look at it.
#pragma once

#include <string_view>

#include "hotline/v1/exchange.pb.h"
#include "hotline/v1/feed.pb.h"

namespace hotline::program {

std::string_view word(v1::PartnerEventKind kind);
std::string_view word(v1::ReviewReason reason);

}  // namespace hotline::program
