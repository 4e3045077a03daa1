// What partners tell us, as commands (对接转入的规则).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/domain/exchange_heard.hpp"
#include "common/domain/province.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/feed.pb.h"
#include "hotline/v1/partner.pb.h"
#include "hotline/v1/rejection.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// What an item of a partner asks for. Neither: it is settled already, and no word of it is lost.
struct asked_for {
  std::vector<v1::Command> commands;  ///< to be run in order as the partner itself
  /// Why a person has to look at the item: none of it can be done where there are no commands,
  /// otherwise not all of it.
  std::optional<v1::Rejection> review;
};

/// `ticket` is nullptr where the event creates one; `before` is what its history says of the
/// partner. The caller gives each command its number, id (feed_command_id) and, for a create, the
/// ticket's number. What the moves check is left to them.
///
/// An event about a ticket that came from this partner is an order or an addition; one about a
/// ticket that was transferred out to it tells how its handling goes. A new ticket may be returned
/// to it (退回) within the partner's limit, counted from when the item was received.
///
/// An event never moves a ticket backwards: what was said before something else and comes after it
/// (迟到) is noted, and fills only what is empty. What comes when the ticket has ended, or the
/// partner has answered, is news for a person.
asked_for commands_of(const v1::FeedItem& item, const v1::Partner& partner,
                      const v1::Ticket* ticket, const heard_before& before, const province& land,
                      instant now);

/// Whether the partner may speak about the ticket because it handles, or has handled, it for us.
bool was_transferred_to(const v1::Ticket& ticket, std::string_view unit);

/// 退回时限: until when what a partner gave us at `received` may be returned to it; after that it
/// counts as accepted. 0 = no limit was agreed.
std::int64_t return_until_at(const v1::Partner& partner, instant received, const province& land);

}  // namespace hotline::domain
