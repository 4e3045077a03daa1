// Looks after the outbox of a shard: how far every group has come, what was lost, and trimming what
// all of them have behind them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/stream_id.hpp"

namespace hotline::store {

struct group_position {
  std::string group;
  std::int64_t pending = 0;         ///< handed out, not acknowledged
  std::optional<std::int64_t> lag;  ///< not handed out yet; nothing: Redis cannot tell
  std::string last_delivered;       ///< id
  std::string oldest_pending;       ///< id; empty when nothing is pending
  /// How many entries at least vanished before the group saw them; exact once it has read all that
  /// is left. Not zero: somebody trimmed by hand. Alarm; only the histories of the tickets still
  /// have these events (rebuild_outboxes).
  std::int64_t lost = 0;
  std::int64_t dead_letters = 0;
};

struct stream_report {
  std::int64_t length = 0;
  std::int64_t entries_added = 0;  ///< ever
  std::string newest;              ///< the last id given out
  std::vector<group_position> groups;
};

/// The state of a shard's outbox, or of a lane of it. What does not exist yet is an empty report.
boost::asio::awaitable<result<stream_report>> report_stream(redis::client& redis, std::string shard,
                                                            std::string lane = {});

/// Whether an outbox is kept until the audit chain has sealed it.
enum class seal_floor {
  kept,   ///< the rule: what is not sealed is not removed
  absent  ///< nobody seals: tests, and data sets without an audit chain
};

/// Removes entries every group has handed out and got acknowledged, and gives their number. As long
/// as one of the `expected` groups does not exist nothing is removed: it would miss the beginning.
/// Groups beyond the expected ones count too, and so does the audit chain. Redis trims whole nodes,
/// so a few entries behind all of them stay. What is not older than `keep_from` stays for onlookers
/// (stream_tail).
boost::asio::awaitable<result<std::int64_t>> trim_stream(
    redis::client& redis, std::string shard, std::vector<std::string> expected, seal_floor floor,
    std::optional<stream_id> keep_from = std::nullopt);

/// Removes from a lane what its groups have behind them, and gives the number. Nothing as long as
/// there is no group.
boost::asio::awaitable<result<std::int64_t>> trim_lane(redis::client& redis, std::string shard,
                                                       std::string lane);

/// Creates a group where it is missing, reading from the beginning. To be done for every group at
/// start, before the first event can be trimmed.
boost::asio::awaitable<result<void>> ensure_group(redis::client& redis, std::string shard,
                                                  std::string group, std::string lane = {});

/// Takes a group away that nobody reads for any more, with all it has not read: it would keep the
/// outbox from being trimmed for ever. False: there is none.
boost::asio::awaitable<result<bool>> drop_group(redis::client& redis, std::string shard,
                                                std::string group);

}  // namespace hotline::store
