// The outboxes as an onlooker reads them: without a group, so that nothing waits for it and nothing
// is kept for it. Whoever looks must notice when entries were trimmed before it came.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/stream_id.hpp"
#include "hotline/v1/event.pb.h"

namespace hotline::store {

struct tail_entry {
  stream_id id;
  std::optional<v1::Event> event;  ///< nothing: it cannot be read
};

/// What one shard gave.
struct tail_part {
  std::string shard;
  /// Everything behind this is in `entries`, or comes with the next read.
  stream_id floor;
  std::vector<tail_entry> entries;
  bool more = false;  ///< there may be more at once
  bool gap = false;   ///< entries behind the place asked for may have been trimmed
};

/// A place in every shard's outbox.
struct tail_place {
  std::string shard;
  stream_id id;
};

class stream_tail {
 public:
  explicit stream_tail(redis::client& redis) : redis_(redis) {}

  /// The newest `count` entries of every shard, to begin with.
  boost::asio::awaitable<result<std::vector<tail_part>>> recent(std::vector<std::string> shards,
                                                                std::size_t count) const;

  /// Up to `count` entries of every shard behind the places, in one round trip (two when some shard
  /// has more than `count`: only then can something have been trimmed, because housekeeping always
  /// keeps more than that).
  boost::asio::awaitable<result<std::vector<tail_part>>> read(std::vector<tail_place> after,
                                                              std::size_t count) const;

 private:
  boost::asio::awaitable<result<void>> look_for_gaps(std::vector<tail_part>& parts) const;

  redis::client& redis_;
};

}  // namespace hotline::store
