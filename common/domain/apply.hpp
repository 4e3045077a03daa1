// Folding events into the ticket.
#pragma once

#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// Applies one event. The ticket is the fold of its events from an empty Ticket; nothing but this
/// function changes one. Needs no clock, calendar or policy: what they decided stands in the event.
void apply(v1::Ticket& ticket, const v1::Event& event);

}  // namespace hotline::domain
