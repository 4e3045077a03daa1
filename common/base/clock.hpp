// Time as a dependency: everything that needs the present gets a clock, or better, gets `now`.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace hotline {

/// An instant: UTC, milliseconds since 1970. The province's civil time is +08:00 without DST.
using instant = std::chrono::sys_time<std::chrono::milliseconds>;
using milliseconds = std::chrono::milliseconds;

constexpr std::int64_t to_unix_ms(instant t) { return t.time_since_epoch().count(); }
constexpr instant from_unix_ms(std::int64_t ms) { return instant(milliseconds(ms)); }

/// Where the present comes from. Implementations are thread-safe.
class clock {
 public:
  virtual ~clock() = default;
  virtual instant now() const = 0;
  /// How much real time passes until this clock shows `then`; zero when it is past already, and
  /// milliseconds::max() when the clock stands still. The sla loop sleeps by it.
  virtual milliseconds real_time_until(instant then) const = 0;
};

/// The machine's clock.
class wall_clock final : public clock {
 public:
  instant now() const override;
  milliseconds real_time_until(instant then) const override;
};

/// The clock of rehearsal mode (演练): set by an administrator, runs at a rate, never backwards.
class virtual_clock final : public clock {
 public:
  /// rate: virtual milliseconds per real millisecond; 0 stands still.
  virtual_clock(instant start, double rate);

  instant now() const override;
  milliseconds real_time_until(instant then) const override;

  /// Jumps to `then` and runs on at `rate`. Returns false, and changes nothing, when `then` is
  /// before now() or the rate is not in [0, 1e6].
  bool set(instant then, double rate);
  /// The same from `then` or, where a fast clock has passed that by itself, from where it stands.
  /// Returns false, and changes nothing, when the rate is not in [0, 1e6].
  bool run_on(instant then, double rate);
  double rate() const;

 private:
  instant locked_now() const;
  void locked_set(instant then, double rate);

  mutable std::mutex mutex_;
  instant base_virtual_;
  std::chrono::steady_clock::time_point base_real_;
  double rate_;
};

/// Monotonic reading for deadlines and measurements; never for anything that is stored.
std::chrono::steady_clock::time_point steady_now();

}  // namespace hotline
