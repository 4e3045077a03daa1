// Writes down what only this process knows of the exchange with a partner, so that any process can
// show it and a restart does not forget it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <utility>

#include "common/base/log.hpp"
#include "common/store/exchange_ledger.hpp"
#include "services/transfer/partner_counters.hpp"

namespace hotline::transfer {

/// One per partner and process that exchanges. Everything given outlives it.
class health_keeper {
 public:
  health_keeper(store::exchange_ledger& ledger, const partner_counters& counters, logger log)
      : ledger_(ledger), counters_(counters), log_(std::move(log)) {}

  /// Writes if something has changed. What an earlier process saw fail stays known; that it was
  /// failing does not.
  boost::asio::awaitable<void> keep();

 private:
  store::exchange_ledger& ledger_;
  const partner_counters& counters_;
  logger log_;
  boost::asio::awaitable<result<void>> remember();

  std::optional<store::exchange_signs> kept_;
};

}  // namespace hotline::transfer
