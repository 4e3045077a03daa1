// Where the resources of the gateway hang up their operations, and what every request goes through.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "common/base/log.hpp"
#include "common/net/router.hpp"
#include "services/gateway/authenticator.hpp"
#include "services/gateway/metrics.hpp"
#include "services/gateway/operation.hpp"
#include "services/gateway/refusals.hpp"

namespace hotline::gateway {

class api {
 public:
  /// Everything given outlives the api. Without `refused` refusals are only counted.
  api(authenticator& who, metrics& counts, refusals* refused, logger log)
      : who_(who), counts_(counts), refused_(refused), log_(std::move(log)) {}
  api(const api&) = delete;  // routes point into it
  api& operator=(const api&) = delete;

  void add(operation op, operation_handler handler);

  const net::router& routes() const { return router_; }
  std::span<const operation> operations() const { return operations_; }

 private:
  struct entry {
    operation op;
    operation_handler handler;
    operation_counters& counters;
  };

  /// Checks, handler, counting; a problem becomes its answer.
  boost::asio::awaitable<net::response> answer(const entry& e, net::request request,
                                               net::route_params params);
  /// `actor`: who was found to be asking, also where that was not enough.
  boost::asio::awaitable<reading<call>> accept(const operation& op, net::request request,
                                               net::route_params params, v1::Actor& actor);
  boost::asio::awaitable<net::response> refuse(refused_request what, net::problem p);

  authenticator& who_;
  metrics& counts_;
  refusals* refused_;
  logger log_;
  net::router router_;
  std::deque<entry> entries_;
  std::vector<operation> operations_;
};

}  // namespace hotline::gateway
