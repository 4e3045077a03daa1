// The directory: units of the organisation, and which region a text means.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/json/codec.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class directory {
 public:
  directory(const gateway_parts& parts, const json::codec& codec) : parts_(parts), codec_(codec) {}
  directory(const directory&) = delete;  // routes point to it
  directory& operator=(const directory&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> units(call c);
  boost::asio::awaitable<outcome> unit(call c);
  boost::asio::awaitable<outcome> region(call c);

  const gateway_parts& parts_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
