// The reconcilers of every active partner, for one thread, and their nights.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "common/base/log.hpp"
#include "common/exchange/signature.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/runtime/task_group.hpp"
#include "common/store/exchange_ledger.hpp"
#include "services/transfer/health_keeper.hpp"
#include "services/transfer/memory_keeper.hpp"
#include "services/transfer/partner_link.hpp"
#include "services/transfer/partner_list.hpp"
#include "services/transfer/reconciler.hpp"

namespace hotline::transfer {

struct reconcilers_parts {
  boost::asio::io_context& context;
  partner_links& links;
  runtime::store_kit& kit;
  const runtime::store_access& access;
  exchange::secret_source secrets;
  logger log;
};

/// Everything given outlives it, and it outlives what start() sets going.
class reconcilers {
 public:
  explicit reconcilers(const reconcilers_parts& parts);

  /// nullptr for a name without an active partner, or one without a list to compare with.
  reconciler* find(std::string_view name) const;

  /// Until the signal is raised: keeps every partner's health, compares and tidies up every night.
  /// Partners do not wait for each other.
  void start(runtime::task_group& tasks, runtime::stop_signal& stopping);

  /// Ends what is on its way to partners.
  void stop();

 private:
  /// What one partner is compared with, in the order in which the parts need each other.
  struct line {
    line(const reconcilers_parts& parts, partner_link& link);

    partner_link& link;
    store::exchange_ledger ledger;
    partner_list list;
    transfer::reconciler reconciler;
    health_keeper health;
    memory_keeper memory;
    const clock& now;
  };

  static boost::asio::awaitable<void> watch(line& one, runtime::stop_signal& stopping, logger log);

  logger log_;
  std::vector<std::unique_ptr<line>> lines_;
};

}  // namespace hotline::transfer
