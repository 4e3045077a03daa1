// Rejections: the closed set of ways in which a rule says no, each with its sentences.
#pragma once

#include <string>
#include <string_view>

#include "hotline/v1/rejection.pb.h"

namespace hotline::domain {

/// The rejection of a code, with its Chinese and English sentence.
/// `rule` names the rule ("return.two-working-days"); `field` is the path at fault, or empty.
v1::Rejection reject(v1::RejectCode code, std::string_view rule, std::string_view field = {});

/// Stable name of a code for problem answers and metrics: "extension_too_many".
std::string reject_name(v1::RejectCode code);

}  // namespace hotline::domain
