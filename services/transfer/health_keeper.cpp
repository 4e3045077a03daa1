#include "services/transfer/health_keeper.hpp"

namespace hotline::transfer {
namespace {

store::exchange_signs signs_of(const partner_counters& counters) {
  return {.last_failure_at = counters.last_failure_at.load(),
          .last_failure = counters.last_failure.get(),
          .failures_in_row = counters.failures_in_row.load(),
          .breaker_until_at = counters.breaker_until_at.load()};
}

}  // namespace

boost::asio::awaitable<void> health_keeper::keep() {
  const auto signs = signs_of(counters_);
  if (signs == kept_) co_return;
  const auto written = co_await ledger_.put_signs(signs);
  if (written) {
    kept_ = signs;
  } else {
    log_.warn("health not kept reason=\"{}\"", to_string(written.error()));
  }
}

}  // namespace hotline::transfer
