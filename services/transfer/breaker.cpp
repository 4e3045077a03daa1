#include "services/transfer/breaker.hpp"

#include "common/exchange/wait.hpp"

namespace hotline::transfer {
namespace {

constexpr std::int64_t failures_by_default = 5;
constexpr milliseconds wait_by_default{30'000};

}  // namespace

breaker::breaker(const v1::Outbound& rules)
    : failures_max_(rules.breaker_failures() > 0 ? rules.breaker_failures() : failures_by_default),
      wait_(exchange::parse_wait(rules.breaker_wait()).value_or(wait_by_default)) {}

breaker::allowance breaker::allows(instant now) const {
  if (until_ == instant()) return allowance::any;
  return now < until_ ? allowance::none : allowance::one;
}

void breaker::succeeded() {
  failures_ = 0;
  until_ = {};
}

void breaker::failed(instant now) {
  ++failures_;
  if (failures_ >= failures_max_ && now >= until_) until_ = now + wait_;
}

}  // namespace hotline::transfer
