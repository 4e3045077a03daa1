// Creates over HTTP: as fast as the connections allow, or at a fixed rate.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bodies.hpp"
#include "histogram.hpp"
#include "world.hpp"

namespace hotline::bench {

struct load_result {
  std::size_t created = 0;
  std::size_t failed = 0;
  double seconds = 0;
  histogram latency;  ///< milliseconds; at a fixed rate from the instant a request was meant to go
};

/// Told for each create that succeeded: the ticket's number and when its request was meant to go.
using created_sink =
    std::function<void(const std::string& no, std::chrono::steady_clock::time_point meant)>;

class http_load {
 public:
  http_load(world& w, std::uint64_t seed);

  /// `connections` at full speed until `count` creates are answered.
  boost::asio::awaitable<load_result> full_speed(std::size_t count, int connections,
                                                 created_sink sink = {});
  /// `rate` a second for `seconds`, over as many connections as it takes (at most `connections`).
  boost::asio::awaitable<load_result> fixed_rate(int rate, int seconds, int connections,
                                                 created_sink sink = {});

 private:
  struct job;
  boost::asio::awaitable<void> connection(std::shared_ptr<job> job);
  boost::asio::awaitable<load_result> run(std::shared_ptr<job> job, int connections);

  world& world_;
  std::vector<std::string> bodies_;
  std::uint64_t run_;
  std::uint64_t next_key_ = 0;
};

}  // namespace hotline::bench
