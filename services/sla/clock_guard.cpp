#include "services/sla/clock_guard.hpp"

#include <utility>

namespace hotline::sla {

namespace chr = std::chrono;

namespace {

/// A sight of the server's clock that is older says nothing about now.
constexpr milliseconds server_sight_age_max{2'000};

}  // namespace

/// How much more (or less) the wall clock moved than time did.
milliseconds clock_guard::step_between(const sight& before, const sight& now) {
  return chr::abs((now.wall - before.wall) - chr::floor<milliseconds>(now.steady - before.steady));
}

clock_guard::verdict clock_guard::look(instant wall, steady_point steady) {
  const sight now{wall, steady};
  const auto before = std::exchange(own_, now);
  if (before && step_between(*before, now) > step_min) {
    hold_until_ = steady + hold_max;
    return verdict::stepped;
  }
  if (!hold_until_) return verdict::steady;
  if (is_confirmed(now)) {
    hold_until_.reset();
    return verdict::confirmed;
  }
  if (steady < *hold_until_) return verdict::held;
  hold_until_.reset();
  return verdict::steady;
}

void clock_guard::look_at_server(instant server, steady_point steady) {
  const sight now{server, steady};
  const auto before = std::exchange(server_, now);
  if (before && step_between(*before, now) > step_min) server_stepped_at_ = steady;
}

/// On one machine both clocks step together, and then the one proves nothing about the other.
bool clock_guard::is_confirmed(const sight& own) const {
  if (!server_ || own.steady - server_->steady > server_sight_age_max) return false;
  const bool stepped_too =
      server_stepped_at_ && own.steady - *server_stepped_at_ < hold_max + server_sight_age_max;
  return !stepped_too && step_between(*server_, own) <= step_min;
}

}  // namespace hotline::sla
