// What is wrong with one ticket, its history and its derived entries: pure. Private to this room.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/derive.hpp"
#include "common/redis/reply.hpp"
#include "common/store/verify.hpp"
#include "hotline/v1/ticket.pb.h"

namespace hotline::store {

struct ticket_findings {
  std::optional<v1::Ticket> ticket;  ///< when its value checks out
  std::int64_t events = 0;
  std::vector<problem> problems;
};

/// `value` and `history` as GET and LRANGE 0 -1 answer.
ticket_findings examine_ticket(std::string_view no, const redis::reply& value,
                               const redis::reply& history);

/// The problem of one derived entry, if it has one; `found` as ZSCORE answers.
std::optional<problem> examine_entry(std::string_view no, const domain::index_entry& expected,
                                     const redis::reply& found);

}  // namespace hotline::store
