// A page of what waits, oldest first: of a sorted set whose scores are instants.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

struct waiting_page {
  struct entry {
    std::string member;
    instant since;
  };
  std::int64_t total = 0;  ///< of the whole set
  std::vector<entry> entries;
};

/// `limit` 0: only how many there are.
boost::asio::awaitable<result<waiting_page>> read_waiting(redis::client& redis, std::string key,
                                                          std::size_t skip, std::size_t limit);

}  // namespace hotline::store
