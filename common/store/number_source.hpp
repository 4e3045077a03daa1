// Ticket numbers, handed out from blocks of serials leased from Redis.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

/// Numbers are unique, not gapless: a number is taken before the commit that uses it, and whatever
/// stands between (a refusal by the rules, a crash, the end of the day with half a block left)
/// leaves a gap. A gapless counter would have to be part of each commit and would make creates that
/// fail, or answers that get lost, renumber their successors. Numbers of two threads interleave, so
/// a higher number need not be younger.
class number_source {
 public:
  /// The client outlives the source. One per thread, like the client.
  number_source(boost::asio::any_io_executor executor, redis::client& redis, std::string data_set);

  /// A fresh number of this shard (four digits) for the civil day of `now`. A lease whose answer
  /// got lost only makes a gap, so outcome_unknown never comes from here: unavailable instead.
  boost::asio::awaitable<result<std::string>> next(std::string shard, instant now);

  static constexpr std::uint32_t block_max = 1000;

 private:
  /// A lease on its way, and those who wait for it.
  struct pending_lease {
    explicit pending_lease(const boost::asio::any_io_executor& executor);
    boost::asio::steady_timer done;  // never expires; cancelled when the answer is there
    std::optional<failure> failed;
  };
  struct block {
    std::chrono::year_month_day day{};
    std::uint32_t next = 1;
    std::uint32_t last = 0;  // next > last: used up
    std::uint32_t size = 0;  // of the last lease; 0 = none yet
    std::chrono::steady_clock::time_point leased_at{};
    std::shared_ptr<pending_lease> pending;
  };

  boost::asio::awaitable<std::optional<failure>> lease(std::string shard,
                                                       std::chrono::year_month_day day,
                                                       std::uint32_t count);
  static std::uint32_t next_size(const block& used);

  boost::asio::any_io_executor executor_;
  redis::client& redis_;
  std::string data_set_;
  std::map<std::string, block, std::less<>> blocks_;
};

}  // namespace hotline::store
