// What the rules would make of a partner's event if it came now (`hotline partner try`).
#pragma once

#include <string>

#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "hotline/v1/exchange.pb.h"
#include "hotline/v1/partner.pb.h"

namespace hotline::program {

struct trial {
  enum class outcome {
    accepted,  ///< 受理: a ticket, complete
    draft,     ///< 待补充: a ticket whose elements an operator completes
    applies,   ///< about a ticket that is there: its words are in order
    review,    ///< 转人工核对: a rule refuses it
  };
  outcome end;
  std::string text;  ///< Chinese: what is missing, or which rule
};

/// Nothing is stored. A CREATE is decided as the feed would; of anything else, whose ticket is not
/// at hand, the form is checked.
trial try_event(const v1::PartnerEvent& event, const v1::Partner& from,
                const domain::province& land, instant now);

}  // namespace hotline::program
