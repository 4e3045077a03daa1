// Keeping the outboxes short, and knowing how far everybody has come.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"
#include "common/redis/client.hpp"
#include "common/runtime/counters.hpp"
#include "common/runtime/stop_signal.hpp"

namespace hotline::runtime {

/// Over all shards, as last looked at; for metrics.
struct group_gauges {
  std::atomic<std::int64_t> lag{0};      ///< not handed out yet
  std::atomic<std::int64_t> pending{0};  ///< handed out, not finished
  std::atomic<std::int64_t> dead{0};     ///< in the dead letters
  std::atomic<std::int64_t> lost{0};     ///< vanished before the group saw them: alarm
};

struct stream_gauges {
  std::atomic<std::int64_t> entries{0};
  counter missed{0};    ///< events found missing from an outbox: alarm
  counter restored{0};  ///< events brought back from histories
  // Filled before the housekeeping starts.
  std::map<std::string, group_gauges> groups;  ///< that read the outbox itself
  std::map<std::string, group_gauges> lanes;   ///< and those that read a lane of their own
};

/// Every `interval` until the signal: brings back from the histories what vanished before a group
/// saw it, trims each shard's outbox behind its audit chain and all of its groups, which must be at
/// least those of `gauges`, each lane behind its own, and looks at the groups. The newest `keep`
/// entries of a shard stay, for onlookers that come back (store::stream_tail). Any number of
/// processes may do it.
boost::asio::awaitable<void> keep_streams(redis::client& redis, std::string data_set,
                                          std::vector<std::string> shards, milliseconds interval,
                                          std::int64_t keep, stream_gauges& gauges,
                                          stop_signal& stopping, logger log);

}  // namespace hotline::runtime
