// What the gateway works with. Everything is made by main and outlives the gateway; one set per
// thread, except the clock, the province and the metrics, which are shared.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/index_reader.hpp"
#include "common/store/queues.hpp"
#include "common/store/ticket_store.hpp"
#include "services/gateway/metrics.hpp"

namespace hotline::gateway {

struct gateway_parts {
  store::command_runner& runner;
  store::ticket_store& tickets;
  store::queues& queues;
  store::index_reader& index;
  store::province_source province;
  const clock& now;
  metrics& counts;
  logger log;
  /// Whether Redis is connected and its guard has passed; asked by /readyz.
  std::function<bool()> ready;
  /// Rehearsal mode: the clock that PUT /v1/clock sets; nullptr in real service.
  virtual_clock* rehearsal_clock = nullptr;
  /// Tells the other processes of a rehearsal the new time and rate, before it is set here.
  std::function<boost::asio::awaitable<result<void>>(instant, double rate)> share_clock = {};
};

}  // namespace hotline::gateway
