// What numbers of a unit must leave out or add for one reader; domain/board.hpp says why.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "common/base/error.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

struct counted_correction {
  v1::Ticket ticket;
  int by;  ///< -1 or 1
};

/// The tickets of these derived sets by which numbers of the reader's scope differ from what the
/// reader may see.
boost::asio::awaitable<result<std::vector<counted_correction>>> load_corrections(
    const gateway_parts& parts, v1::Actor reader, std::vector<std::string> sets);

}  // namespace hotline::gateway
