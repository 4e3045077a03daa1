// POST /v1/tickets/{no}:reveal: personal data in full, after its reason is on record.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/json/codec.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class reveals {
 public:
  reveals(const gateway_parts& parts, const json::codec& codec) : parts_(parts), codec_(codec) {}
  reveals(const reveals&) = delete;  // routes point to it
  reveals& operator=(const reveals&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> reveal(call c);
  /// Whether every field asked for may be read by the actor.
  bool is_allowed(const v1::Command& command, const v1::Ticket& now) const;
  /// The values of the fields a recorded command asked for, from the ticket as recorded.
  outcome show(const v1::Command& command, v1::Ticket ticket, body_format accepted) const;

  const gateway_parts& parts_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
