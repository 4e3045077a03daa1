// One partner and what is on its way to and from it, for one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/exchange/partner.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_fetches.hpp"
#include "common/store/exchange_queue.hpp"
#include "common/store/exchange_vault.hpp"
#include "services/transfer/partner_counters.hpp"

namespace hotline::transfer {

struct partner_link {
  partner_link(exchange::partner of, runtime::store_kit& kit, const runtime::store_access& access,
               partner_counters& counted);

  exchange::partner partner;
  store::exchange_vault vault;
  store::exchange_feed feed;
  store::exchange_queue queue;
  store::exchange_fetches fetches;
  partner_counters& counters;
};

/// By name of the partner; filled before anything is exchanged.
using counters_by_partner = std::map<std::string, partner_counters, std::less<>>;

/// The links of every active partner. The kit outlives them.
class partner_links {
 public:
  partner_links(const exchange::partner_book& partners, runtime::store_kit& kit,
                const runtime::store_access& access, counters_by_partner& counted);

  /// Before anything else, and once per start: makes new partners part of the data set.
  boost::asio::awaitable<result<void>> adopt();

  /// nullptr for a name without an active partner.
  partner_link* find(std::string_view name) const;
  const std::vector<std::unique_ptr<partner_link>>& all() const { return links_; }

 private:
  std::vector<std::unique_ptr<partner_link>> links_;
};

}  // namespace hotline::transfer
