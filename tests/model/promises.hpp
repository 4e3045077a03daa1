// What must hold of every ticket and of every accepted command (the promises of the hotline).
#pragma once

#include <string>
#include <vector>

#include "common/domain/decide.hpp"

namespace hotline::model {

/// Sentences about what is broken; empty when all is well.
using findings = std::vector<std::string>;

/// One accountable unit, one queue, one next timer; no clock without an owner or a milestone.
findings check_ticket(const v1::Ticket& ticket);

/// The fold of the events is the ticket, versions have no gap, ended tickets stay ended, nothing
/// happened before its time, nobody trespassed.
findings check_step(const v1::Ticket* before, const v1::Command& command,
                    const domain::decision& made, instant now);

/// A Tick before the next timer does nothing, one at it does something, and a second one nothing.
findings check_timers(const v1::Ticket& ticket, const domain::province& land, instant now);

/// Brings an open ticket to an end as people would: sign, contact, reply, review, visit.
/// Whether it gets there.
bool can_finish(v1::Ticket ticket, const domain::province& land, instant now);

}  // namespace hotline::model
