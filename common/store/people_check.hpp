// Proves that users, sessions and the memory of registers are whole: part of `hotline verify`.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

struct people_report {
  std::int64_t users = 0;
  std::int64_t sessions = 0;
  std::int64_t register_rows = 0;
  std::vector<std::string> problems;  ///< a sentence each, beginning with the key
};

/// Reads every user and session: bytes, checksum, that each is in its index and each index entry
/// has one, that the epoch is a number, and that no two rows of registers share a ticket. Changes
/// nothing; may run beside a server.
boost::asio::awaitable<result<people_report>> check_people(redis::client& redis);

}  // namespace hotline::store
