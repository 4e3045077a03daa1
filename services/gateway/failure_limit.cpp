#include "services/gateway/failure_limit.hpp"

namespace hotline::gateway {

void failure_limit::turn(std::chrono::steady_clock::time_point now) {
  if (now - begun_ < window) return;
  failures_.clear();
  begun_ = now;
}

bool failure_limit::reached(const std::string& address, std::chrono::steady_clock::time_point now) {
  turn(now);
  const auto found = failures_.find(address);
  return found != failures_.end() && found->second >= failures_max;
}

bool failure_limit::count(const std::string& address, std::chrono::steady_clock::time_point now) {
  turn(now);
  if (failures_.size() >= addresses_max && !failures_.contains(address)) return false;
  return ++failures_[address] == 1;
}

}  // namespace hotline::gateway
