// The timers of the tickets: what is due, and when the next will be.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/store/index_reader.hpp"

namespace hotline::store {

struct due_timer {
  std::string no;  ///< of the ticket
  instant due;     ///< since when a Tick has work

  bool operator==(const due_timer&) const = default;
};

/// A due entry stays until the commit of a Tick moves it on, so any number of sla instances may
/// read the same entries: the version check lets one of their Ticks count.
class timers {
 public:
  timers(redis::client& redis, shard_source shards);

  /// What is due at `now`, over all shards, oldest first, at most `limit`.
  boost::asio::awaitable<result<std::vector<due_timer>>> due(instant now, std::size_t limit) const;
  boost::asio::awaitable<result<std::vector<due_timer>>> due_in_shard(std::string shard,
                                                                      instant now,
                                                                      std::size_t limit) const;

  /// The earliest timer of all; it may be past. Nothing: no ticket has one.
  boost::asio::awaitable<result<std::optional<instant>>> next() const;

  /// The clock of the Redis server. Nothing may fire early, so a loop on the machine's clock fires
  /// at the earlier of both; in a rehearsal the server's clock means nothing.
  boost::asio::awaitable<result<instant>> server_time() const;

 private:
  redis::client& redis_;
  shard_source shards_;
};

}  // namespace hotline::store
