// The thread of the HTTP API.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/exchange/partner.hpp"
#include "common/exchange/signature.hpp"
#include "common/net/connection_budget.hpp"
#include "common/net/http_server.hpp"
#include "common/runtime/service_thread.hpp"
#include "common/runtime/store_kit.hpp"
#include "hotline/v1/config.pb.h"
#include "services/gateway/live/feed.hpp"
#include "services/gateway/metrics.hpp"
#include "services/gateway/partner_desk.hpp"
#include "services/hotline/identity_host.hpp"
#include "services/hotline/rehearsal.hpp"
#include "services/transfer/partner_link.hpp"

namespace hotline::program {

/// Live push, as set; sockets are counted by user over all threads.
struct live_setup {
  const v1::LiveSettings& settings;
  gateway::live::live_counters& counts;
  std::shared_ptr<net::connection_budget> per_user;
};

/// Who exchanges with us, and how they sign.
struct partner_setup {
  const exchange::partner_book& book;
  exchange::secret_source secrets;
  transfer::counters_by_partner& counters;
  gateway::feed_counters& taken_in;
  std::filesystem::path attachments;  ///< where files of tickets are kept
};

/// How much is handed in: at once over all threads, and in one file.
struct upload_setup {
  std::size_t file_bytes_max;
  std::shared_ptr<net::connection_budget> room;
};

/// Shared by the gateway threads; outlives them.
struct gateway_setup {
  const runtime::store_access& access;
  gateway::metrics& counts;
  live_setup live;
  const v1::RefusalSettings& refusals;
  rehearsal_clock* rehearsal = nullptr;  ///< nullptr in real service
  identity_host& identity;
  partner_setup partners;
  const v1::IntakeSettings& intake;
  upload_setup uploads;
};

/// The body of a gateway thread. `listening` is told the port once it listens, before it accepts.
boost::asio::awaitable<result<void>> run_gateway(runtime::service_thread& self,
                                                 const gateway_setup& setup,
                                                 net::server_options options,
                                                 std::function<void(std::uint16_t)> listening);

}  // namespace hotline::program
