// What partners tell us, as commands (对接转入的规则).
#pragma once

#include <expected>
#include <vector>

#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/feed.pb.h"
#include "hotline/v1/partner.pb.h"
#include "hotline/v1/rejection.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// The commands the event of an item asks for, to be run in order as the partner itself, or the
/// rule that refuses it. None: there is nothing to do, because it is settled already or came too
/// late (an event never moves a ticket backwards). `ticket` is nullptr where the event creates one;
/// the caller gives each command its number, id and, for a create, the ticket's number. What the
/// moves check is left to them.
///
/// An event about a ticket that came from this partner is an order or an addition; one about a
/// ticket that was transferred out to it tells how its handling goes. A new ticket may be returned
/// to it (退回) within the partner's limit, counted from when the item was received.
std::expected<std::vector<v1::Command>, v1::Rejection> commands_of(const v1::FeedItem& item,
                                                                   const v1::Partner& partner,
                                                                   const v1::Ticket* ticket,
                                                                   const province& land,
                                                                   instant now);

/// 退回时限: until when what a partner gave us at `received` may be returned to it; after that it
/// counts as accepted. 0 = no limit was agreed.
std::int64_t return_until_at(const v1::Partner& partner, instant received, const province& land);

}  // namespace hotline::domain
