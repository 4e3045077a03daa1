// A partner's own list of tickets (对账): asked for with our signature, read strictly.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <expected>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/exchange/partner.hpp"
#include "common/exchange/read_message.hpp"
#include "common/exchange/signature.hpp"
#include "services/transfer/partner_http.hpp"

namespace hotline::transfer {

/// Of one partner, for one thread. The partner outlives it.
class partner_list {
 public:
  using listing = std::expected<std::vector<exchange::listed_ticket>, std::string>;

  partner_list(const exchange::partner& of, exchange::secret_source secrets,
               boost::asio::io_context& context);

  /// What they list for a civil day; otherwise why there is no list, a Chinese sentence.
  boost::asio::awaitable<listing> of_day(std::chrono::year_month_day day, instant now);

  /// Ends what is on its way.
  void stop() { http_.stop(); }

 private:
  const exchange::partner& partner_;
  exchange::secret_source secrets_;
  partner_http http_;
};

}  // namespace hotline::transfer
