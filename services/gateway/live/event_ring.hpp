// The latest events of every shard, for clients that come back after a lost connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hotline/v1/event.pb.h"
#include "services/gateway/live/position.hpp"
#include "services/gateway/live/touch.hpp"

namespace hotline::gateway::live {

struct seen_event {
  store::stream_id id;
  std::string no;
  v1::EventKind kind;
  std::shared_ptr<const touch> touched;
  std::int64_t version = 0;  ///< of the ticket, after it
};

/// How a position lies to what is kept.
enum class reach {
  kept,    ///< everything behind it is here
  lost,    ///< something behind it is not kept any more, or a shard is unknown
  future,  ///< ahead of what was read: another reader was faster
};

class event_ring {
 public:
  explicit event_ring(std::size_t events_per_shard_max) : max_(events_per_shard_max) {}

  /// Forgets a shard and begins behind `floor`.
  void begin(const std::string& shard, store::stream_id floor);
  /// In the order of the shard's stream.
  void add(const std::string& shard, seen_event event);

  reach look(const position& at) const;
  /// What lies behind a position that is kept, shard by shard; at most `max` events, and `true` in
  /// `more` when there are more.
  std::vector<seen_event> behind(const position& at, std::size_t max, bool& more) const;
  /// Behind the last event of every shard.
  const position& end() const { return end_; }

 private:
  struct shard_events {
    store::stream_id floor;
    std::deque<seen_event> events;
  };

  std::size_t max_;
  std::map<std::string, shard_events, std::less<>> shards_;
  position end_;
};

}  // namespace hotline::gateway::live
