// What the services of this process count, and how /metrics shows it.
#pragma once

#include <functional>

#include "common/runtime/reactor.hpp"
#include "common/runtime/stream_housekeeping.hpp"
#include "common/runtime/task_group.hpp"
#include "services/audit/sealer.hpp"
#include "services/dispatch/dispatcher.hpp"
#include "services/dispatch/merge_keeper.hpp"
#include "services/escalation/escalator.hpp"
#include "services/gateway/live/feed.hpp"
#include "services/gateway/metrics.hpp"
#include "services/gateway/partner_desk.hpp"
#include "services/sla/recalculator.hpp"
#include "services/sla/sla_service.hpp"
#include "services/transfer/partner_link.hpp"

namespace hotline::program {

/// Shared by all threads; outlives them.
struct service_counters {
  service_counters();

  runtime::task_counters tasks;
  runtime::reactor_counters dispatch_reader;
  runtime::reactor_counters escalation_reader;
  runtime::reactor_counters transfer_reader;
  dispatch::dispatch_counters dispatch;
  dispatch::merge_counters merges;
  escalation::escalation_counters escalation;
  sla::sla_counters sla;
  sla::recalculation_counters recalculation;
  audit::audit_counters audit;
  runtime::stream_gauges streams;
  gateway::live::live_counters live;
  gateway::feed_counters feeds;
  transfer::counters_by_partner partners;
};

/// Before the first request. `redis_restarts` is callable on any thread.
void add_metrics(gateway::metrics& shown, const service_counters& counters,
                 std::function<double()> redis_restarts);

}  // namespace hotline::program
