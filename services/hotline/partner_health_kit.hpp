// What the gateway shows of partners, for one thread: their health, and comparing with them now.
#pragma once

#include <optional>

#include "services/gateway/partner_health.hpp"
#include "services/transfer/reconcilers.hpp"

namespace hotline::program {

class partner_health_kit {
 public:
  explicit partner_health_kit(const transfer::reconcilers_parts& from);

  /// nullptr where no partner is active.
  const gateway::partner_health_parts* parts() const {
    return parts_.partners.empty() ? nullptr : &parts_;
  }
  /// Ends comparisons that are on their way.
  void stop() { reconcilers_.stop(); }

 private:
  boost::asio::awaitable<result<v1::ReconciliationReport>> compare(std::string name,
                                                                   std::chrono::year_month_day day,
                                                                   bool repair, std::string by,
                                                                   std::string reason);

  transfer::reconcilers reconcilers_;
  gateway::partner_health_parts parts_;
};

}  // namespace hotline::program
