// What the rules propose for a ticket as it stands (派单建议): for the dispatch service to act on
// where it is sure, for a dispatcher to look at where it is not.
#pragma once

#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// propose_route of what was taken down, with what has happened since: never easier or less urgent
/// than the ticket is, nor more urgent than somebody has judged it; unsure where the unit has
/// returned the ticket or a refusal waits for a decision; no helper that has returned it.
v1::RouteProposal propose_dispatch(const v1::Ticket& ticket, const province& land, instant now);

}  // namespace hotline::domain
