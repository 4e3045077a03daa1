// A ticket of the small province to which anything may happen, in a fixed order for a seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::model {

class random_life {
 public:
  /// Created (and committed to nothing) at `start`.
  random_life(std::uint64_t seed, std::string no, instant start);

  /// Somebody tries something at `now` (never before the step before); false when it is refused or
  /// changes nothing.
  bool step(instant now);
  /// After a while of up to `pause`: tries again and again until something changes; false when
  /// nothing does in many tries.
  bool advance(milliseconds pause);

  const v1::Ticket& ticket() const { return ticket_; }
  /// The ticket before the last step that changed it; without a number after the creation.
  const v1::Ticket& before() const { return before_; }
  /// The events of the last step that changed it.
  const std::vector<v1::Event>& events() const { return last_; }
  /// All events.
  const std::vector<v1::Event>& history() const { return history_; }
  instant now() const { return now_; }

 private:
  std::size_t below(std::size_t n);
  bool take(const v1::Ticket* before, v1::Command command);

  std::mt19937_64 random_;
  std::string no_;
  instant now_;
  v1::Ticket before_;
  v1::Ticket ticket_;
  std::vector<v1::Event> last_;
  std::vector<v1::Event> history_;
};

}  // namespace hotline::model
