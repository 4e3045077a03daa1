// Where the resources of the gateway hang up their operations, and what every request goes through.
#pragma once

#include <deque>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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

  /// With `admit` the body is read only after it has let it in; then the pattern has no parameters.
  void add(operation op, operation_handler handler, body_admitter admit = {});

  /// What a route takes as a body, where it is not like the others.
  std::optional<net::body_rule> body_rule(net::method verb, std::string_view path) const;
  /// The gate of the server: who sends it is checked as for the request itself.
  boost::asio::awaitable<std::expected<net::body_place, net::response>> admit_body(
      net::request head);

  const net::router& routes() const { return router_; }
  std::span<const operation> operations() const { return operations_; }

 private:
  struct entry {
    operation op;
    operation_handler handler;
    operation_counters& counters;
    body_admitter admit;
  };

  const entry* find_asking(net::method verb, std::string_view path) const;

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
  std::vector<const entry*> asking_;  // those with `admit`
};

}  // namespace hotline::gateway
