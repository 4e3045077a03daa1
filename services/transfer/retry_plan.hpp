// When a message that failed is tried again. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/clock.hpp"
#include "hotline/v1/partner.pb.h"

namespace hotline::transfer {

/// As configured; otherwise after 1, 5 and 30 minutes, 2 and 6 hours.
class retry_plan {
 public:
  explicit retry_plan(const v1::Outbound& rules);

  /// After `tries` that failed; nothing: it has been tried often enough. `spread` in [0, 1) adds up
  /// to a tenth, so that what failed together does not come back together.
  std::optional<milliseconds> wait_after(std::int64_t tries, double spread) const;

 private:
  std::vector<milliseconds> waits_;
};

}  // namespace hotline::transfer
