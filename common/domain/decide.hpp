// The rules of the hotline: what a command does to a ticket, or why not. Pure: no I/O, no clock.
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/rejection.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// An accepted command: the next ticket and the events that lead to it. No events: the command
/// changes nothing (a repeated delivery), and nothing is to be committed.
struct decision {
  v1::Ticket ticket;
  std::vector<v1::Event> events;
};

using verdict = std::expected<decision, v1::Rejection>;

/// Judges a command. `current` is nullptr for a create (whose number the caller has put into
/// command.ticket_no) and for a ticket that does not exist. Deterministic: the same arguments give
/// the same answer. The ticket is the fold of its events (apply).
verdict decide(const v1::Ticket* current, const v1::Command& command, const province& land,
               instant now);

/// The same for a ticket that is given away: it becomes the next one without a copy.
verdict decide_on(v1::Ticket current, const v1::Command& command, const province& land,
                  instant now);

/// Whether the rules know such a move at all in this state for this role, before any field is
/// looked at. For interfaces that show what can be done, and for tests of the whole table.
bool may_move(v1::Command::BodyCase body, v1::State state, v1::Role role);

}  // namespace hotline::domain
