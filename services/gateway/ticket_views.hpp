// Reading tickets: one, its history, lists of them, the tickets of a caller.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "common/json/codec.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class ticket_views {
 public:
  ticket_views(const gateway_parts& parts, const json::codec& codec)
      : parts_(parts), codec_(codec) {}
  ticket_views(const ticket_views&) = delete;  // routes point to it
  ticket_views& operator=(const ticket_views&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> view(call c);
  boost::asio::awaitable<outcome> history(call c);
  boost::asio::awaitable<outcome> proposal(call c);
  boost::asio::awaitable<outcome> list(call c);
  boost::asio::awaitable<outcome> caller(call c);

  const gateway_parts& parts_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
