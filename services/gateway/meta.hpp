// What machines ask: is it alive, is it ready, its metrics, and the description of the API.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class meta {
 public:
  explicit meta(const gateway_parts& parts) : parts_(parts) {}
  meta(const meta&) = delete;  // routes point to it
  meta& operator=(const meta&) = delete;

  /// After every other operation has been added: openapi.json describes them all.
  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> health(call c);
  boost::asio::awaitable<outcome> readiness(call c);
  boost::asio::awaitable<outcome> counters(call c);
  boost::asio::awaitable<outcome> openapi(call c);
  bool is_neighbour(const std::string& peer) const;

  const gateway_parts& parts_;
  std::string openapi_;
};

}  // namespace hotline::gateway
