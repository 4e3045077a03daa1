#include "common/net/connection_budget.hpp"

#include "common/base/assert.hpp"

namespace hotline::net {

bool connection_budget::acquire(const std::string& peer, bool counted) {
  const std::lock_guard lock(mutex_);
  if (open_ >= total_max_) return false;
  if (counted) {
    std::size_t& of_peer = per_peer_[peer];
    if (of_peer >= per_peer_max_) return false;
    ++of_peer;
  }
  ++open_;
  return true;
}

void connection_budget::release(const std::string& peer, bool counted) {
  const std::lock_guard lock(mutex_);
  HL_ASSERT(open_ > 0, "a connection was released twice");
  --open_;
  if (!counted) return;
  const auto found = per_peer_.find(peer);
  HL_ASSERT(found != per_peer_.end(), "a connection was released for an unknown peer");
  if (--found->second == 0) per_peer_.erase(found);
}

std::size_t connection_budget::open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

}  // namespace hotline::net
