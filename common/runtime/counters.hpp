// Numbers the services keep for /metrics. Written by one thread, read by any.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hotline::runtime {

using counter = std::atomic<std::uint64_t>;

inline void add(counter& c, std::uint64_t n = 1) { c.fetch_add(n, std::memory_order_relaxed); }

/// How often something took how long.
class histogram {
 public:
  /// Upper bounds in milliseconds; above the last there is one more bucket.
  static constexpr std::array<std::int64_t, 14> bounds_ms{
      1, 2, 5, 10, 20, 50, 100, 250, 500, 1'000, 5'000, 60'000, 3'600'000, 86'400'000};

  /// Negative durations count as zero.
  void record(std::chrono::milliseconds took) {
    const auto ms = std::max<std::int64_t>(took.count(), 0);
    const auto at = std::lower_bound(bounds_ms.begin(), bounds_ms.end(), ms) - bounds_ms.begin();
    add(buckets_[static_cast<std::size_t>(at)]);
    add(sum_ms_, static_cast<std::uint64_t>(ms));
  }

  /// How many were recorded up to and including the bound of this index; the index past the last
  /// bound means all.
  std::uint64_t up_to(std::size_t index) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i <= index && i < buckets_.size(); ++i) sum += buckets_[i].load();
    return sum;
  }
  std::uint64_t count() const { return up_to(bounds_ms.size()); }
  std::uint64_t sum_ms() const { return sum_ms_.load(); }

  /// The bound of the bucket the share (0–1) of all lies in, in milliseconds; the last bound for
  /// what lies above it; 0 when nothing was recorded.
  std::int64_t quantile_ms(double share) const {
    const auto all = count();
    if (all == 0) return 0;
    for (std::size_t i = 0; i < bounds_ms.size(); ++i) {
      if (static_cast<double>(up_to(i)) >= share * static_cast<double>(all)) return bounds_ms[i];
    }
    return bounds_ms.back();
  }

 private:
  std::array<counter, bounds_ms.size() + 1> buckets_{};
  counter sum_ms_{0};
};

}  // namespace hotline::runtime
