// The thread of the exchange with partners (对接): it waits for other people's servers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/base/error.hpp"
#include "common/exchange/partner.hpp"
#include "common/exchange/signature.hpp"
#include "common/runtime/instance_slot.hpp"
#include "common/runtime/service_thread.hpp"
#include "common/runtime/store_kit.hpp"
#include "hotline/v1/config.pb.h"
#include "services/hotline/service_metrics.hpp"
#include "services/transfer/partner_link.hpp"

namespace hotline::program {

/// Reads the secrets of partners each time they are asked for: a new one needs no restart.
exchange::secret_source partner_secrets(const v1::TransferSettings& settings,
                                        const std::filesystem::path& data);

/// Makes new partners part of the data set. Redis may be away at the start: then the exchange
/// begins when it is back. False: the thread was stopped before.
boost::asio::awaitable<bool> adopt_partners(transfer::partner_links& links,
                                            runtime::service_thread& self);

/// Where the files of partners are kept.
std::filesystem::path attachments_directory(const v1::TransferSettings& settings,
                                            const std::filesystem::path& data);

/// Outlives the thread.
struct transfer_setup {
  const runtime::store_access& access;
  const v1::ServiceSettings& settings;
  const exchange::partner_book& partners;
  exchange::secret_source secrets;
  std::filesystem::path data;
  std::vector<std::string> shards;
  const runtime::instance_slot& slot;
  service_counters& counters;
};

/// The body of the thread.
boost::asio::awaitable<result<void>> run_transfer(runtime::service_thread& self,
                                                  const transfer_setup& setup);

}  // namespace hotline::program
