// GET /v1/stream: where a request becomes a live client.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "common/net/connection_budget.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/live/feed.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway::live {

class stream_door {
 public:
  explicit stream_door(const gateway_parts& parts) : parts_(parts) {}
  stream_door(const stream_door&) = delete;  // routes point to it
  stream_door& operator=(const stream_door&) = delete;

  /// Nothing when the gateway has no feed.
  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> open(call c);

  const gateway_parts& parts_;
};

}  // namespace hotline::gateway::live
