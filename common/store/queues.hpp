// The queues of the units: what waits where, and taking the next of it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "common/store/command_runner.hpp"
#include "common/store/index_reader.hpp"

namespace hotline::store {

struct queue_size {
  std::int64_t total = 0;
  std::int64_t claimable = 0;  ///< of those: waiting to be signed
};

/// The ticket somebody claimed; nothing when the queue had none to claim.
using claim_result = std::expected<std::optional<executed>, refusal>;

/// One per thread. Everything given outlives it.
class queues {
 public:
  queues(const index_reader& index, ticket_store& store, command_runner& runner,
         const clock& clock);

  /// A unit's queue in the order in which work should be done (domain::queue_score).
  boost::asio::awaitable<result<index_page>> page(std::string unit,
                                                  std::optional<index_cursor> after,
                                                  std::size_t limit) const;
  boost::asio::awaitable<result<queue_size>> size(std::string unit) const;

  /// Signs the first ticket of the queue that can be signed. The version check of the commit lets
  /// one claimer win a ticket; the others go on to the next. `id` and `fingerprint` as for
  /// command_runner::run: a repeated claim gives the same ticket, not one more.
  /// conflict: others were first so often that it is better to come again.
  boost::asio::awaitable<claim_result> claim(std::string unit, v1::Actor actor, std::string id = {},
                                             std::string fingerprint = {});

  static constexpr std::size_t candidates_per_round = 32;
  static constexpr int rounds_max = 8;

 private:
  const index_reader& index_;
  ticket_store& store_;
  command_runner& runner_;
  const clock& clock_;
};

}  // namespace hotline::store
