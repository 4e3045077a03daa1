#include "services/transfer/retry_plan.hpp"

#include "common/exchange/wait.hpp"

namespace hotline::transfer {

using std::chrono::hours;
using std::chrono::minutes;

retry_plan::retry_plan(const v1::Outbound& rules) {
  for (const auto& text : rules.retry()) {
    if (const auto wait = exchange::parse_wait(text)) waits_.push_back(*wait);
  }
  if (waits_.empty()) waits_ = {minutes(1), minutes(5), minutes(30), hours(2), hours(6)};
}

std::optional<milliseconds> retry_plan::wait_after(std::int64_t tries, double spread) const {
  if (tries < 1 || tries > std::ssize(waits_)) return std::nullopt;
  constexpr double tenth = 0.1;
  const auto wait = waits_[static_cast<std::size_t>(tries - 1)];
  return wait + milliseconds(
                    static_cast<std::int64_t>(static_cast<double>(wait.count()) * tenth * spread));
}

}  // namespace hotline::transfer
