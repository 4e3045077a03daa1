// The clock of the system; in rehearsal mode (演练) an administrator sets it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/json/codec.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class clock_resource {
 public:
  clock_resource(const gateway_parts& parts, const json::codec& codec)
      : parts_(parts), codec_(codec) {}
  clock_resource(const clock_resource&) = delete;  // routes point to it
  clock_resource& operator=(const clock_resource&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> read(call c);
  boost::asio::awaitable<outcome> set(call c);
  boost::asio::awaitable<result<void>> record(const call& c, instant then, double rate);
  net::response show(body_format accepted) const;

  const gateway_parts& parts_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
