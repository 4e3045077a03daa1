// The queues of the units.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/json/codec.hpp"
#include "hotline/v1/api.pb.h"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class unit_queues {
 public:
  unit_queues(const gateway_parts& parts, const json::codec& codec)
      : parts_(parts), codec_(codec) {}
  unit_queues(const unit_queues&) = delete;  // routes point to it
  unit_queues& operator=(const unit_queues&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> queue(call c);
  boost::asio::awaitable<outcome> claim(call c);
  boost::asio::awaitable<result<std::int64_t>> count(v1::Actor reader, std::string unit) const;

  const gateway_parts& parts_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
