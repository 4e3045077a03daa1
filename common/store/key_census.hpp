// What is sealed with which key: before an old key may leave the key file.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

/// What one key has sealed.
struct key_use {
  std::int64_t ticket_fields = 0;   ///< personal fields of tickets as they are now
  std::int64_t history_fields = 0;  ///< of their events; the outbox holds some of them again
  std::int64_t exchange_items = 0;  ///< of the exchange with partners

  std::int64_t total() const { return ticket_fields + history_fields + exchange_items; }
};

struct key_census {
  std::map<unsigned, key_use> uses;  ///< by key id
  std::int64_t tickets = 0;
  std::int64_t unreadable = 0;  ///< values of which it cannot be said
};

/// Called along the way.
using census_progress = std::function<void(const key_census&)>;

/// Walks through everything, some keys of Redis at a time, beside a running server. What is sealed
/// meanwhile with the active key may be missing; whatever an older key has sealed before is there.
boost::asio::awaitable<result<key_census>> count_key_uses(redis::client& redis,
                                                          census_progress progress = {});

}  // namespace hotline::store
