// What /metrics shows of the exchange with partners: read from what is kept, so that it does not
// matter which process exchanges.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/exchange/partner.hpp"
#include "common/redis/client.hpp"
#include "hotline/v1/partner_health.pb.h"
#include "services/gateway/metrics.hpp"

namespace hotline::program {

class partner_watch {
 public:
  explicit partner_watch(const exchange::partner_book& partners);

  /// Before the first request; outlives the metrics.
  void show_in(gateway::metrics& shown) const;

  /// Looks at every partner once.
  boost::asio::awaitable<result<void>> look(redis::client& redis, std::string data_set,
                                            const clock& now);

 private:
  using number = std::atomic<std::int64_t>;
  struct numbers {
    number unsent{0};
    number unsent_age_s{0};
    number unsettled{0};
    number unsettled_age_s{0};
    number fetches_waiting{0};
    number fetches_age_s{0};
    number reviews{0};
    number dead_letters{0};
    number failures_in_row{0};
    number breaker_open{0};
    number pull_failures{0};
    number last_pulled_at_s{0};
    number last_received_at_s{0};
    number last_sent_at_s{0};
    number differences{0};
    number compared_at_s{0};
    number comparison_failed{0};
  };
  struct column;

  static void note(numbers& of, const v1::PartnerHealth& health, instant now);

  std::map<std::string, numbers> by_partner_;
};

}  // namespace hotline::program
