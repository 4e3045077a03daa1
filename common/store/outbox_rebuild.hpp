// An outbox that lost entries before every reader saw them (trimmed, emptied or deleted by hand):
// noticing it, and bringing the events back from the tickets' histories. An event that comes twice
// is harmless, one that never comes is not.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

/// What is wrong with the outbox of a shard.
struct outbox_gaps {
  std::int64_t missing = 0;   ///< entries that vanished after they had been handed out
  std::string deleted;        ///< id of the last entry somebody deleted; empty: nothing new
  std::int64_t short_by = 0;  ///< entries the stream is younger than its shard: it was deleted
  std::map<std::string, std::int64_t>
      lost;  ///< by group or "audit" (not sealed), where something is lost

  bool any() const { return missing > 0 || !deleted.empty() || short_by > 0 || !lost.empty(); }
  /// The most anybody lost, at least 1 where there is a gap at all.
  std::int64_t size() const;
};

/// Of the outbox itself, or of a lane. Costs one function call, more after each start of Redis; a
/// shard that has no outbox yet has no gaps.
boost::asio::awaitable<result<outbox_gaps>> find_outbox_gaps(redis::client& redis,
                                                             std::string data_set,
                                                             std::string shard,
                                                             std::string lane = {});

struct rebuild_options {
  std::string data_set;
  std::vector<std::string> shards;
  /// Events from here on are brought back even where no gap shows. Empty: only shards with gaps,
  /// from where all their readers had been.
  std::optional<instant> since;
  std::size_t batch = 200;  ///< tickets per burst
};

struct rebuild_report {
  std::map<std::string, outbox_gaps> gaps;  ///< by shard or "shard:lane", as they were found
  std::int64_t tickets = 0;                 ///< looked at
  std::int64_t restored = 0;                ///< events appended to outboxes again
};

/// Looks for gaps and makes them good: every event that may not have been handled and is not in the
/// outbox is appended once more, those of a ticket in order. May run beside the server, and be
/// repeated: what is in the outbox is not appended again. Looks at every ticket where there is a
/// gap.
boost::asio::awaitable<result<rebuild_report>> rebuild_outboxes(redis::client& redis,
                                                                rebuild_options options);

}  // namespace hotline::store
