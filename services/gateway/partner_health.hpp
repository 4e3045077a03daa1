// How the exchange with partners goes (对接状况), and comparing both sides (对账).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/permission.hpp"
#include "common/redis/client.hpp"
#include "hotline/v1/partner_health.pb.h"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

/// A partner as the API shows it.
struct shown_partner {
  std::string name;
  std::string title;
  std::string unit;
  std::vector<std::string> warnings;  ///< weak signatures in use
  bool has_list = false;              ///< it can be compared with
};

/// What these resources work with; one per thread.
struct partner_health_parts {
  std::vector<shown_partner> partners;  ///< those that are active
  redis::client& redis;
  std::string data_set;
  /// Compares a day with a partner that has a list, now.
  std::function<boost::asio::awaitable<result<v1::ReconciliationReport>>(
      std::string name, std::chrono::year_month_day day, bool repair, std::string by,
      std::string reason)>
      compare;
};

class partner_health {
 public:
  /// `parts.partner_health` is there.
  partner_health(const gateway_parts& parts, const json::codec& codec)
      : parts_(parts), own_(*parts.partner_health), codec_(codec) {}
  partner_health(const partner_health&) = delete;  // routes point to it
  partner_health& operator=(const partner_health&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> list(call c);
  boost::asio::awaitable<outcome> get(call c);
  boost::asio::awaitable<outcome> reports(call c);
  boost::asio::awaitable<outcome> reconcile(call c);

  /// Who may not look at a partner is told there is none, as of one that is not configured.
  reading<const shown_partner*> find(const call& c, domain::action what) const;
  boost::asio::awaitable<result<v1::PartnerHealth>> health_of(const shown_partner& partner) const;
  boost::asio::awaitable<result<void>> record(const call& c, std::string_view partner,
                                              const v1::ReconcilePartner& order,
                                              std::chrono::year_month_day day);

  const gateway_parts& parts_;
  const partner_health_parts& own_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
