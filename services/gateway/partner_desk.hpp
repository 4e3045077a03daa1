// A partner (对接方) as the gateway deals with it.
#pragma once

#include <string_view>
#include <vector>

#include "common/exchange/partner.hpp"
#include "common/exchange/signature.hpp"
#include "common/runtime/counters.hpp"
#include "common/runtime/feed_intake.hpp"
#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_fetches.hpp"

namespace hotline::gateway {

/// What came in through the doors of all threads.
struct feed_counters {
  runtime::counter taken{0};          ///< items that are applied to their tickets
  runtime::counter duplicates{0};     ///< items that came before
  runtime::counter other_content{0};  ///< items whose number came before with another content
  runtime::counter not_mapped{0};     ///< items or documents that cannot be read
  runtime::counter unsigned_{0};      ///< requests without a good signature
};

/// For one thread; what it refers to outlives it.
struct partner_desk {
  store::exchange_feed& feed;
  store::exchange_fetches& fetches;
  runtime::feed_intake intake;

  const exchange::partner& partner() const { return intake.from(); }
};

struct partner_parts {
  std::vector<partner_desk> desks;  ///< of every active partner
  exchange::secret_source secrets;
  feed_counters& counts;

  /// nullptr for a name without an active partner.
  partner_desk* find(std::string_view name);
};

}  // namespace hotline::gateway
