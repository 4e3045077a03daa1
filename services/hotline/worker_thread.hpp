// The thread of the services that react: dispatch, escalation, sla.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "common/base/error.hpp"
#include "common/runtime/instance_slot.hpp"
#include "common/runtime/service_thread.hpp"
#include "common/runtime/store_kit.hpp"
#include "hotline/v1/config.pb.h"
#include "services/hotline/service_metrics.hpp"
#include "services/hotline/service_set.hpp"

namespace hotline::program {

/// Shared by the worker threads; outlives them.
struct worker_setup {
  const runtime::store_access& access;
  const v1::ServiceSettings& settings;
  std::vector<std::string> shards;
  const std::map<std::string, runtime::instance_slot>& slots;  ///< by the name of the service
  service_counters& counters;
  bool rehearsal = false;
  std::string terms_of_time;  ///< of this process's configuration
};

/// The body of a worker thread that runs these services.
boost::asio::awaitable<result<void>> run_workers(runtime::service_thread& self,
                                                 const worker_setup& setup, service_set services);

}  // namespace hotline::program
