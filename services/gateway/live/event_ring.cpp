#include "services/gateway/live/event_ring.hpp"

#include <algorithm>
#include <utility>

namespace hotline::gateway::live {

void event_ring::begin(const std::string& shard, store::stream_id floor) {
  shards_[shard] = {floor, {}};
  end_[shard] = floor;
}

void event_ring::add(const std::string& shard, seen_event event) {
  shard_events& kept = shards_[shard];
  end_[shard] = event.id;
  kept.events.push_back(std::move(event));
  while (kept.events.size() > max_) {
    kept.floor = kept.events.front().id;
    kept.events.pop_front();
  }
}

reach event_ring::look(const position& at) const {
  bool ahead = false;
  for (const auto& [shard, kept] : shards_) {
    const auto asked = at.find(shard);
    if (asked == at.end() || asked->second < kept.floor) return reach::lost;
    ahead = ahead || asked->second > end_.find(shard)->second;
  }
  return ahead ? reach::future : reach::kept;
}

std::vector<seen_event> event_ring::behind(const position& at, std::size_t max, bool& more) const {
  std::vector<seen_event> found;
  more = false;
  for (const auto& [shard, kept] : shards_) {
    const auto from = at.find(shard);
    if (from == at.end()) continue;
    auto next = std::ranges::upper_bound(kept.events, from->second, {}, &seen_event::id);
    for (; next != kept.events.end(); ++next) {
      if (found.size() == max) {
        more = true;
        return found;
      }
      found.push_back(*next);
    }
  }
  return found;
}

}  // namespace hotline::gateway::live
