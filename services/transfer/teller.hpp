// Whom an event is to be told: puts the messages to partners before the event is acknowledged.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/base/clock.hpp"
#include "common/runtime/reactor.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/ticket_store.hpp"
#include "hotline/v1/event.pb.h"
#include "services/transfer/partner_link.hpp"

namespace hotline::transfer {

/// One per thread. Everything given outlives it. Opens nothing: personal values stay sealed until
/// they are sent.
class teller {
 public:
  teller(partner_links& partners, store::ticket_store& tickets, store::province_source province,
         const clock& now);

  /// False for kinds of events no partner is ever told of.
  static bool may_want(v1::EventKind kind);

  boost::asio::awaitable<runtime::handled> handle(const v1::Event& event);

 private:
  partner_links& partners_;
  store::ticket_store& tickets_;
  store::province_source province_;
  const clock& now_;
};

}  // namespace hotline::transfer
