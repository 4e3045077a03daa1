#include "services/gateway/recent_requests.hpp"

#include "common/store/records.hpp"

namespace hotline::gateway {

bool recent_requests::begin(std::string_view key, std::string_view fingerprint,
                            std::chrono::steady_clock::time_point now) {
  const auto print = store::shorten_fingerprint(fingerprint);
  const std::lock_guard lock(guard_);
  drop_old(now);
  const auto [found, added] = prints_.try_emplace(std::string(key), print);
  if (added) order_.push_back({found->first, now});
  return found->second == print;
}

void recent_requests::forget(std::string_view key, std::string_view fingerprint) {
  const auto print = store::shorten_fingerprint(fingerprint);
  const std::lock_guard lock(guard_);
  const auto found = prints_.find(std::string(key));
  if (found != prints_.end() && found->second == print) prints_.erase(found);
}

void recent_requests::drop_old(std::chrono::steady_clock::time_point now) {
  while (!order_.empty() && (order_.size() > known_max || order_.front().at + kept < now)) {
    prints_.erase(order_.front().key);
    order_.pop_front();
  }
}

}  // namespace hotline::gateway
