// Where an actor stands towards a ticket. One small vocabulary for all rules about "who".
#pragma once

#include <string_view>

#include "common/domain/organisation.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// What an actor's unit must be for a move. ROLE_SYSTEM acts for the hotline itself: the rules name
/// the moves it may make, and its unit is not asked for there.
enum class standing {
  anyone,         ///< any unit of the tree
  desk,           ///< the desk that took the ticket, or a union above it
  handler,        ///< the unit that handles now (主办)
  above_handler,  ///< a union above the handler
  involved,       ///< the desk, a participant, or a union above one
  party,          ///< involved, or the partner the ticket is with now
};

enum class footing { stands, elsewhere, nobody_handles };

/// Whether the actor's unit has the standing; `nobody_handles` where a handler is needed and the
/// ticket has none.
footing find_standing(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket,
                      standing needed);

bool is_above(const organisation& org, std::string_view unit, std::string_view other);
bool is_at_or_above(const organisation& org, std::string_view unit, std::string_view other);

/// The union that reviews what `unit` replies, where nobody handed the ticket down to it.
std::string_view reviewer_of(const organisation& org, std::string_view unit);

}  // namespace hotline::domain
