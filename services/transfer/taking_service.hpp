// Everything that takes in what partners tell us, in one thread: fetching it where they do not push
// it, and applying it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "common/base/log.hpp"
#include "common/exchange/signature.hpp"
#include "common/runtime/feed_intake.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/runtime/task_group.hpp"
#include "common/store/attachment_store.hpp"
#include "hotline/v1/config.pb.h"
#include "services/transfer/attachment_fetcher.hpp"
#include "services/transfer/feed_worker.hpp"
#include "services/transfer/file_inlet.hpp"
#include "services/transfer/partner_link.hpp"
#include "services/transfer/puller.hpp"

namespace hotline::transfer {

struct taking_parts {
  boost::asio::io_context& context;
  partner_links& partners;
  runtime::store_kit& kit;
  const runtime::store_access& access;
  exchange::secret_source secrets;
  const store::attachment_store& files;
  const v1::TransferSettings& settings;
  runtime::task_counters& tasks;
  logger log;
};

/// Everything given outlives it, and it outlives what start() sets going.
class taking_service {
 public:
  explicit taking_service(taking_parts parts);

  /// The partners are part of the data set by now. What they begin runs in `tasks`, too.
  void start(runtime::task_group& tasks, runtime::stop_signal& stopping);

 private:
  /// What one partner's items pass, in the order in which the parts need each other.
  struct line {
    line(taking_parts& parts, partner_link& link);

    partner_link& link;
    runtime::feed_intake intake;
    std::unique_ptr<puller> pull;
    std::unique_ptr<file_inlet> drop;
    std::unique_ptr<feed_worker> worker;  ///< made by start(): its work runs there
    attachment_fetcher files;
  };

  taking_parts parts_;
  std::vector<std::unique_ptr<line>> lines_;
};

}  // namespace hotline::transfer
