// 并单: what a merged ticket takes over from its main ticket.
#pragma once

#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// How the main ticket ended, as far as it concerns those who asked for the same: the result and
/// the answer that was made for the public, nothing its caller or its unit said.
v1::FollowMain how_it_ended(const v1::Ticket& main);

/// The state a ticket is in for others, who do not know of merging: a merged one is being handled
/// until its main ticket has ended, and closed then. `has_ended`: it has a closed_at.
v1::State state_for_others(v1::State state, bool has_ended);

}  // namespace hotline::domain
