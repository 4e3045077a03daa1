// Whether who asks about a ticket by a channel is its caller: the number of the ticket together
// with the telephone number of its caller, which is compared by its blind index.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "hotline/v1/intake_api.pb.h"
#include "hotline/v1/ticket.pb.h"
#include "services/gateway/intake/channel_rules.hpp"
#include "services/gateway/operation.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class citizen_claims {
 public:
  citizen_claims(const gateway_parts& parts, const intake_parts& intake)
      : parts_(parts), intake_(intake) {}

  /// The ticket of the claim. A wrong number and a wrong telephone number get the same answer after
  /// the same work; failures are counted before they are looked at, and recorded.
  boost::asio::awaitable<reading<v1::Ticket>> prove(const call& c, v1::CitizenClaim claim);

 private:
  boost::asio::awaitable<void> record(const call& c, const v1::CitizenClaim& claim);

  const gateway_parts& parts_;
  const intake_parts& intake_;
};

}  // namespace hotline::gateway
