// Files of a partner that are to be fetched, until they are there or a person has to look
// (附件转入).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/exchange_vault.hpp"
#include "hotline/v1/feed.pb.h"

namespace hotline::store {

struct taken_fetch {
  std::string id;
  v1::FetchOrder order;
  std::int64_t tries = 0;         ///< that failed so far
  std::optional<failure> damage;  ///< why `order` does not open; it keeps no other one waiting
};

/// Of one partner. One per thread, like the client, which outlives it. The partner is part of the
/// data set (exchange_feed::adopt).
class exchange_fetches {
 public:
  exchange_fetches(redis::client& redis, exchange_vault& vault, std::string partner,
                   std::string data_set);

  /// False: the same was ordered before and is not done.
  boost::asio::awaitable<result<bool>> put(v1::FetchOrder order, instant now);
  /// A review of files ends, and they are fetched after all. False: there is no such review.
  boost::asio::awaitable<result<bool>> again(std::string review_id, v1::FetchOrder order,
                                             instant now);

  /// Nobody else gets them before `lease` is over.
  boost::asio::awaitable<result<std::vector<taken_fetch>>> take(instant now, milliseconds lease,
                                                                std::size_t most);
  /// Nothing is left to do, or a person has to look at it. False: it was done before.
  boost::asio::awaitable<result<bool>> settle(std::string id, std::optional<v1::FeedReview> review,
                                              instant now);
  /// False: it was done meanwhile.
  boost::asio::awaitable<result<bool>> fail_try(std::string id, instant next);

 private:
  boost::asio::awaitable<result<redis::reply>> call(redis::command command);
  redis::command function(std::string_view name, instant at) const;
  std::string place(std::string_view what) const;

  redis::client& redis_;
  exchange_vault& vault_;
  std::string partner_;
  std::string data_set_;
};

}  // namespace hotline::store
