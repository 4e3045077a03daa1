#include "services/transfer/health_keeper.hpp"

namespace hotline::transfer {

using boost::asio::awaitable;

namespace {

store::exchange_signs signs_of(const partner_counters& counters,
                               const store::exchange_signs& before) {
  store::exchange_signs signs = before;
  if (const auto at = counters.last_failure_at.load(); at > 0) {
    signs.last_failure_at = at;
    signs.last_failure = counters.last_failure.get();
  }
  signs.failures_in_row = counters.failures_in_row.load();
  signs.breaker_until_at = counters.breaker_until_at.load();
  if (const auto at = counters.pulled_at.load(); at > 0) signs.pulled_at = at;
  signs.pull_failures = counters.pull_failures.load();
  signs.pull_failure = counters.pull_failure.get();
  return signs;
}

}  // namespace

awaitable<void> health_keeper::keep() {
  auto done = kept_ ? result<void>() : co_await remember();
  if (done) {
    const auto signs = signs_of(counters_, *kept_);
    if (signs == *kept_) co_return;
    done = co_await ledger_.put_signs(signs);
    if (done) kept_ = signs;
  }
  if (!done) log_.warn("health not kept reason=\"{}\"", to_string(done.error()));
}

awaitable<result<void>> health_keeper::remember() {
  const auto health = co_await ledger_.health();
  if (!health) co_return pass(health);
  kept_ = {.last_failure_at = health->last_failure_at(),
           .last_failure = health->last_failure(),
           .failures_in_row = health->failures_in_row(),
           .breaker_until_at = health->breaker_until_at(),
           .pulled_at = health->last_pulled_at(),
           .pull_failures = health->pull_failures(),
           .pull_failure = health->pull_failure()};
  co_return result<void>();
}

}  // namespace hotline::transfer
