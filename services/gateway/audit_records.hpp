// The audit records, for the auditor (审计管理员).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/json/codec.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class audit_records {
 public:
  audit_records(const gateway_parts& parts, const json::codec& codec)
      : parts_(parts), codec_(codec) {}
  audit_records(const audit_records&) = delete;  // routes point to it
  audit_records& operator=(const audit_records&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> list(call c);

  const gateway_parts& parts_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
