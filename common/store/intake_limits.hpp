// How often the public channels (公众渠道) ask, counted in Redis: exact for requests that come at
// the same time by several gateways, and through restarts.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

/// Spans are the civil ones: what is counted in one says nothing of the next.
enum class intake_span { minute, hour, day };

/// One thing that is limited.
struct intake_count {
  intake_span span;
  std::string field;  ///< who or what: at most 120 bytes, nothing personal in the clear
  int most;           ///< at least 1
};

/// One per thread, like the client, which outlives it. Failures, besides those of the client:
/// corrupt_data, wrong_data_set.
class intake_limits {
 public:
  intake_limits(redis::client& redis, std::string data_set)
      : redis_(redis), data_set_(std::move(data_set)) {}

  /// Counts one more of each, or none where one is used up: its place. A request that is repeated
  /// under the same `token` (not empty) counts once.
  boost::asio::awaitable<result<std::optional<std::size_t>>> take(std::vector<intake_count> counts,
                                                                  std::string token, instant now);

  /// Takes back what take() counted in the same span.
  boost::asio::awaitable<result<void>> give_back(std::vector<intake_count> counts,
                                                 std::string token, instant now);

 private:
  redis::client& redis_;
  std::string data_set_;
};

/// When the span that holds `now` is over.
instant end_of(intake_span span, instant now);

}  // namespace hotline::store
