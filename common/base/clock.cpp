#include "common/base/clock.hpp"

#include <algorithm>
#include <cmath>

namespace hotline {

namespace chr = std::chrono;

namespace {

bool is_rate(double rate) {
  constexpr double rate_max = 1e6;
  return rate >= 0 && rate <= rate_max;
}

}  // namespace

chr::steady_clock::time_point steady_now() { return chr::steady_clock::now(); }

instant wall_clock::now() const { return chr::floor<milliseconds>(chr::system_clock::now()); }

milliseconds wall_clock::real_time_until(instant then) const {
  return std::max(then - now(), milliseconds(0));
}

virtual_clock::virtual_clock(instant start, double rate)
    : base_virtual_(start), base_real_(steady_now()), rate_(rate) {}

instant virtual_clock::locked_now() const {
  const chr::duration<double, std::milli> real = steady_now() - base_real_;
  return base_virtual_ + milliseconds(static_cast<std::int64_t>(real.count() * rate_));
}

instant virtual_clock::now() const {
  const std::scoped_lock lock(mutex_);
  return locked_now();
}

double virtual_clock::rate() const {
  const std::scoped_lock lock(mutex_);
  return rate_;
}

milliseconds virtual_clock::real_time_until(instant then) const {
  const std::scoped_lock lock(mutex_);
  const auto left = then - locked_now();
  if (left <= milliseconds(0)) return milliseconds(0);
  if (rate_ <= 0) return milliseconds::max();
  return milliseconds(
      static_cast<std::int64_t>(std::ceil(static_cast<double>(left.count()) / rate_)));
}

bool virtual_clock::set(instant then, double rate) {
  const std::scoped_lock lock(mutex_);
  if (!is_rate(rate) || then < locked_now()) return false;
  locked_set(then, rate);
  return true;
}

bool virtual_clock::run_on(instant then, double rate) {
  const std::scoped_lock lock(mutex_);
  if (!is_rate(rate)) return false;
  locked_set(std::max(then, locked_now()), rate);
  return true;
}

void virtual_clock::locked_set(instant then, double rate) {
  base_virtual_ = then;
  base_real_ = steady_now();
  rate_ = rate;
}

}  // namespace hotline
