// Everything that tells partners, in one thread: who is to be told what, and the telling.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"
#include "common/exchange/signature.hpp"
#include "common/runtime/reactor.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/runtime/task_group.hpp"
#include "common/store/attachment_store.hpp"
#include "common/store/file_link.hpp"
#include "services/transfer/outlet.hpp"
#include "services/transfer/partner_link.hpp"
#include "services/transfer/sender.hpp"
#include "services/transfer/teller.hpp"

namespace hotline::transfer {

struct telling_parts {
  boost::asio::io_context& context;
  partner_links& partners;
  runtime::store_kit& kit;
  const runtime::store_access& access;
  exchange::secret_source secrets;
  const store::attachment_store& files;
  milliseconds poll{0};  ///< how often due messages are looked for; 0: as sender_options has it
  runtime::reactor_options reader;
  runtime::reactor_counters& reader_counters;
  runtime::task_counters& tasks;
  logger log;
};

/// Everything given outlives it, and it outlives what start() sets going.
class telling_service {
 public:
  explicit telling_service(telling_parts parts);

  /// The partners are part of the data set by now.
  void start(runtime::task_group& tasks, runtime::stop_signal& stopping);

 private:
  /// What one partner is told with, in the order in which the parts need each other.
  struct line {
    line(telling_parts& parts, const store::file_links& links, partner_link& link);

    std::unique_ptr<outlet> way;
    take_back returns;
    transfer::sender sender;
  };

  boost::asio::awaitable<void> keep_reading(runtime::stop_signal& stopping);

  telling_parts parts_;
  store::file_links file_links_;
  teller teller_;
  runtime::reactor reader_;
  std::vector<std::unique_ptr<line>> lines_;
};

}  // namespace hotline::transfer
