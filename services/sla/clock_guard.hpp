// Is the time that is shown the time that is? Steps of the wall clock must not fire a year's
// deadlines at once, nor any of them early.
#pragma once

#include <chrono>
#include <optional>

#include "common/base/clock.hpp"

namespace hotline::sla {

/// Watches two wall clocks, our own and that of Redis, against the steady one. No I/O: it is told
/// what the clocks show.
class clock_guard {
 public:
  using steady_point = std::chrono::steady_clock::time_point;

  /// More than this between two looks is a step; NTP slews far less.
  static constexpr milliseconds step_min{500};
  /// A step is believed after this at the latest.
  static constexpr milliseconds hold_max{60'000};

  enum class verdict {
    steady,     ///< nothing happened, or it is over
    stepped,    ///< the clock stepped since the last look: alarm
    held,       ///< it stepped a while ago, nobody has confirmed the new time yet
    confirmed,  ///< just now: the other clock, which did not step, shows the same
  };

  /// A look at our own clock; every 100 ms.
  verdict look(instant wall, steady_point steady);
  /// What the clock of Redis showed between our looks, if it could be asked.
  void look_at_server(instant server, steady_point steady);

  /// New deadlines must wait.
  bool holding() const { return hold_until_.has_value(); }

 private:
  struct sight {
    instant wall;
    steady_point steady;
  };

  static milliseconds step_between(const sight& before, const sight& now);
  bool is_confirmed(const sight& own) const;

  std::optional<sight> own_;
  std::optional<sight> server_;
  std::optional<steady_point> server_stepped_at_;
  std::optional<steady_point> hold_until_;
};

}  // namespace hotline::sla
