// Forgets, long after a ticket's end, what was told about it: so that memory is bounded by the
// tickets that matter.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/store/exchange_ledger.hpp"
#include "common/store/ticket_store.hpp"

namespace hotline::transfer {

/// An archived ticket takes nothing more, so a message that comes again after this has no effect
/// on it: it is looked at by a person.
inline constexpr std::chrono::days remembered_for{180};

/// One per partner and thread. Everything given outlives it.
class memory_keeper {
 public:
  memory_keeper(store::exchange_ledger& ledger, store::ticket_store& tickets)
      : ledger_(ledger), tickets_(tickets) {}

  /// Once a civil day, in the small hours; otherwise nothing. How many things were forgotten.
  boost::asio::awaitable<result<std::int64_t>> tidy(instant now);

 private:
  boost::asio::awaitable<result<std::int64_t>> forget_among(
      std::vector<store::exchanged_ticket> tickets, instant before);
  boost::asio::awaitable<result<bool>> has_ended(const store::exchanged_ticket& ticket,
                                                 instant before);

  store::exchange_ledger& ledger_;
  store::ticket_store& tickets_;
  std::chrono::year_month_day tidied_{};
};

}  // namespace hotline::transfer
