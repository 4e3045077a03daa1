// The raw ceiling: redis-benchmark calling the commit function itself, with the payload of a
// create.
#pragma once

#include "world.hpp"

namespace hotline::bench {

struct ceiling {
  double commits_per_second = 0;   ///< the best of the three pipelines
  double by_pipeline[3] = {};      ///< 1, 16, 64
  double redis_us_per_commit = 0;  ///< inside the function, as Redis counts it
  std::size_t payload_bytes = 0;   ///< ticket value and event of one commit
};

/// On a Redis of its own, durable like the real one, with 50 connections.
ceiling measure_ceiling(world& w, std::size_t commits);

}  // namespace hotline::bench
