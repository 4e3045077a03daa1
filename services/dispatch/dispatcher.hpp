// 自动派单: sends an accepted ticket to the union the rules name, or leaves it to a dispatcher.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/runtime/counters.hpp"
#include "common/runtime/reactor.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/ticket_store.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::dispatch {

struct dispatch_counters {
  runtime::counter dispatched{0};
  runtime::counter left_to_desk{0};  ///< unsure, returned before, or about to be refused
  runtime::counter overtaken{0};     ///< somebody else was first
};

/// What the rules send, or nothing: a dispatcher decides. Pure.
std::optional<v1::Command> propose_command(const v1::Ticket& ticket, const domain::province& land,
                                           instant now);

/// One per thread. Everything given outlives it.
class dispatcher {
 public:
  dispatcher(store::ticket_store& tickets, store::command_runner& runner,
             store::province_source province, const clock& now, dispatch_counters& counters,
             logger log);

  /// An event that domain::calls_for_dispatch.
  boost::asio::awaitable<runtime::handled> handle(const v1::Event& event);

 private:
  boost::asio::awaitable<runtime::handled> dispatch(v1::Ticket ticket);
  boost::asio::awaitable<runtime::handled> dispatch_stored(std::string no);

  store::ticket_store& tickets_;
  store::command_runner& runner_;
  store::province_source province_;
  const clock& now_;
  dispatch_counters& counters_;
  logger log_;
};

}  // namespace hotline::dispatch
