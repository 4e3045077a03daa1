// One field of a partner's message on its way into an event.
#pragma once

#include <optional>
#include <string>

#include "common/exchange/mapping.hpp"
#include "hotline/v1/exchange.pb.h"

namespace hotline::exchange {

struct field_reading {
  std::string their_value;  ///< as written; items of a list joined by ", "
  std::string our_value;
  std::optional<fault> wrong;
};

/// Puts the value into the event, unless it is absent or something is wrong. The texts are made
/// only when they are `wanted`.
field_reading read_field_into(v1::PartnerEvent& event, const node& message, const field_rule& rule,
                              const partner_mapping& from, bool wanted);

/// White space around a value is nobody's.
std::string_view trimmed(std::string_view text);

}  // namespace hotline::exchange
