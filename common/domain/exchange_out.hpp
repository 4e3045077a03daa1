// What of a ticket's story partners are told (对接转出的规则).
#pragma once

#include <optional>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/domain/organisation.hpp"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/exchange.pb.h"
#include "hotline/v1/partner.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// What the partner should be told about this event, or nothing. `ticket` is the ticket as the
/// event left it, or later. The serial is "<ticket_no>:<version of the event>": stable however
/// often it is asked.
///
/// Personal fields go only where the partner's list has them, and only with the caller's consent
/// where the partner needs it; a partner gets back what came from it without asking. Numbers in
/// words are starred out unless the list has telephone and identity number. A personal value is
/// handed on as it is stored: what is left is for the caller of this function to open, so that
/// nothing is opened that does not go out.
std::optional<v1::PartnerEvent> told_to(const v1::Partner& partner, const v1::Ticket& ticket,
                                        const v1::Event& event, const organisation& org);

/// Why a partner hears nothing about an item of its that is not taken in (退回).
enum class untold {
  no_create,  ///< it is no CREATE, or what it is cannot be read: a REFUSE would be about the ticket
  no_way,     ///< it is told nothing, or no refusals
  no_number,  ///< its number of the item is not known
};

/// Nothing: it can be told. `named` is the item, or what it says of itself.
std::optional<untold> why_untold(const v1::Partner& partner, const v1::PartnerEvent& named);

/// What the partner is told about a CREATE of which no ticket is made: its own number, the reason
/// and the words of who decided, starred out, because no consent is known.
v1::PartnerEvent refusal_of_item(const v1::Partner& partner, const v1::PartnerEvent& named,
                                 v1::ItemRefusal reason, std::string_view words, instant now);

}  // namespace hotline::domain
