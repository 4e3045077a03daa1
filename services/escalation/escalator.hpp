// 升级: moves what is late one step up the chain county → city → province.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/base/log.hpp"
#include "common/runtime/counters.hpp"
#include "common/runtime/reactor.hpp"
#include "common/store/command_runner.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/event.pb.h"

namespace hotline::escalation {

struct escalation_counters {
  runtime::counter escalated{0};
  runtime::counter not_needed{0};  ///< done before, settled meanwhile, or nobody is above
};

/// The command a breach calls for. Pure.
v1::Command escalate_command(const v1::Event& breach);

/// One per thread. Everything given outlives it.
class escalator {
 public:
  escalator(store::command_runner& runner, escalation_counters& counters, logger log);

  /// An event that domain::calls_for_escalation.
  boost::asio::awaitable<runtime::handled> handle(const v1::Event& event);

 private:
  store::command_runner& runner_;
  escalation_counters& counters_;
  logger log_;
};

}  // namespace hotline::escalation
