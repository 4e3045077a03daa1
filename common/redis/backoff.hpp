// The pause between attempts: doubling, bounded, with jitter. Private to this room.
#pragma once

#include <algorithm>
#include <random>

#include "common/base/clock.hpp"

namespace hotline::redis {

class backoff {
 public:
  backoff(milliseconds first, milliseconds last)
      : first_(first),
        last_(std::max(first, last)),
        pause_(first_),
        random_(std::random_device{}()) {}

  void reset() { pause_ = first_; }

  /// Half to all of the present pause, so that many clients do not come back at once.
  milliseconds next() {
    std::uniform_int_distribution<milliseconds::rep> jitter(pause_.count() / 2, pause_.count());
    pause_ = std::min(pause_ * 2, last_);
    return milliseconds(jitter(random_));
  }

 private:
  milliseconds first_;
  milliseconds last_;
  milliseconds pause_;
  std::minstd_rand random_;
};

}  // namespace hotline::redis
