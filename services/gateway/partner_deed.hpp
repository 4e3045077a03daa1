// What the paths about what went wrong with a partner share: paging, and the record that comes
// before anything is shown or done.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>

#include "services/gateway/operation.hpp"
#include "services/gateway/parts.hpp"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

/// skip=: how many of the oldest were seen already.
reading<std::size_t> read_skip(const net::request& request);

/// What somebody looks at or does, as the audit knows it.
struct partner_deed {
  std::string action;
  std::string object;
  std::string reason = {};
  std::string detail = {};
};

/// What cannot be recorded is not done.
boost::asio::awaitable<reading<void>> record_deed(const gateway_parts& parts, const call& c,
                                                  partner_deed deed);

}  // namespace hotline::gateway
