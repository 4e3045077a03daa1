// Leaves a partner alone that does not work (熔断). Pure.
#pragma once

#include <cstdint>

#include "common/base/clock.hpp"
#include "hotline/v1/partner.pb.h"

namespace hotline::transfer {

class breaker {
 public:
  explicit breaker(const v1::Outbound& rules);
  breaker(std::int64_t failures_max, milliseconds wait)
      : failures_max_(failures_max), wait_(wait) {}

  enum class allowance {
    any,   ///< closed
    one,   ///< half open: one message tries whether the partner works again
    none,  ///< open
  };
  allowance allows(instant now) const;

  void succeeded();
  /// The last of too many in a row opens it, and so does a failure when it is half open. What was
  /// on its way when it opened does not make it stay open longer.
  void failed(instant now);

  std::int64_t failures_in_row() const { return failures_; }
  /// Nothing is sent before; the epoch: closed.
  instant until() const { return until_; }

 private:
  std::int64_t failures_max_;
  milliseconds wait_;
  std::int64_t failures_ = 0;
  instant until_{};
};

}  // namespace hotline::transfer
