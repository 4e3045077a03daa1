// Whom an event concerns, told from the event and the ticket as it is now.
#pragma once

#include <string>
#include <vector>

#include "common/domain/organisation.hpp"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::gateway::live {

/// What an event itself tells; kept for clients that come back. Units and users of what changed,
/// as it was after the change; what lost its part is among them, because a part or a clock that
/// ends is a change of it.
struct touch {
  std::vector<std::string> units;
  std::vector<std::string> users;
  /// A breach went up or was settled: who was accountable before is not said, but it is one of
  /// those who have a part or of the units above them.
  bool escalation_changed = false;

  void merge(const touch& other);
};

touch touch_of(const v1::Event& event);

/// Everything that depends on the ticket too.
struct concerned {
  std::vector<std::string> queues;  ///< units whose queue it was in before or is in now (or more)
  std::vector<std::string> parts;   ///< units that have or had a part in it
  std::vector<std::string> users;   ///< officers who hold, or held until now, a part
};

/// Queues are a superset of those of the ticket before and after the events: a client compares
/// `unit` of the summary with its queue.
concerned concerned_by(const touch& changed, const v1::Ticket& now,
                       const domain::organisation& org);

}  // namespace hotline::gateway::live
