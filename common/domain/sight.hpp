// How far an actor sees into a ticket. PERMISSION.md has the rules in prose.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/domain/organisation.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

struct sight {
  enum class extent {
    none,  ///< for this actor the ticket does not exist
    past,  ///< had a part and lost it: what happened up to `until_at`, and nothing later
    whole,
  };
  extent how = extent::none;
  std::int64_t until_at = 0;  ///< past: the instant the part ended

  bool operator==(const sight&) const = default;
};

sight sight_of(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket);

/// Whether what happened at this instant lies within what is seen.
bool sees_instant(const sight& seen, std::int64_t at);

/// Whether a unit of the actor, acted for now or not, is the one complained about or belongs to it:
/// it never learns who called. A partner is accused only where it is meant itself. Where the
/// complaint is about the province's own union, the desk that took the call still has to call back:
/// its operators and dispatchers are not meant.
bool is_accused(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket);

/// The user who took the call (受理人), acting under a post whose calls come to the ticket's desk.
bool took_call(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket);

/// The officer who handles, by name: what a confidential caller agreed to.
bool is_named_handler(const v1::Actor& actor, const v1::Ticket& ticket);

/// Operator, dispatcher, officer, lead, supervisor: the roles that work on tickets.
bool works_on_tickets(v1::Role role);

}  // namespace hotline::domain
