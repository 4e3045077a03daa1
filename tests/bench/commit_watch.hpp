// Waits until tickets are in their county's queue by looking at numbers alone: at full speed,
// reading every event would cost the store as much as a service more.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>

#include "world.hpp"

namespace hotline::bench {

class commit_watch {
 public:
  /// Counts from what is committed now.
  explicit commit_watch(world& w);

  /// Looks a hundred times a second, until `commits` more have happened and `tickets` more wait in
  /// the queues of counties; throws when that takes too long. Gives when the last one was seen.
  boost::asio::awaitable<std::chrono::steady_clock::time_point> run(std::int64_t commits,
                                                                    std::int64_t tickets);

 private:
  boost::asio::awaitable<std::int64_t> commits();
  boost::asio::awaitable<std::int64_t> queued();

  world& world_;
  std::int64_t commits_before_ = 0;
  std::int64_t queued_before_ = 0;
};

}  // namespace hotline::bench
