// What a partner told, in words for the ticket's history (对接记录).
#pragma once

#include <string>

#include "hotline/v1/exchange.pb.h"

namespace hotline::domain {

/// What the partner says, or what it has done where it says nothing; with its reason code.
std::string words_of(const v1::PartnerEvent& event);

/// The answer of who has finished what was handed over.
std::string answer_of(const v1::PartnerEvent& event);

/// What the partner has done, who, and in what words; `late`: after what it said later.
std::string report_of(const v1::PartnerEvent& event, bool late = false);

}  // namespace hotline::domain
