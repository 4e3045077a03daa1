// The gateway's side of permission: its answers as problems, and openers for sealed values.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "common/domain/permission.hpp"
#include "common/domain/projection.hpp"
#include "services/gateway/parts.hpp"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

/// Nothing when granted; else 404 for what does not exist for this actor, 403 for the rest.
reading<void> check_access(domain::access may);

/// What an actor may look at of a unit: 404 for no such unit, 403 outside their part of the tree.
reading<const v1::Unit*> find_unit(const domain::organisation& org, const v1::Actor& actor,
                                   domain::action what, std::string_view code);

/// Opens the personal values of one ticket.
domain::token_opener opener_of(const gateway_parts& parts, std::string ticket_no);

/// A ticket as far as this actor sees it, before projection.
struct seen_ticket {
  v1::Ticket ticket;  ///< the present, or the past the actor is held to
  domain::sight sight;
  domain::view view;  ///< made from the present ticket
  bool whole() const { return sight.how == domain::sight::extent::whole; }
};

/// Loads a ticket for a reading. A foreign number costs the same reads as one that does not exist.
boost::asio::awaitable<reading<seen_ticket>> load_seen(const gateway_parts& parts, v1::Actor actor,
                                                       domain::action what, std::string no);

}  // namespace hotline::gateway
