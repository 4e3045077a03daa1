// What the gateway counts, in the text format of Prometheus. Shared by the gateways of all threads.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hotline::gateway {

/// Counts of one operation; lock-free.
class operation_counters {
 public:
  void answered(int status, std::chrono::steady_clock::duration took);

 private:
  friend class metrics;

  /// Upper bounds in microseconds; the last bucket is everything above.
  static constexpr std::array<std::int64_t, 9> bounds_us{500,    1'000,   2'500,   5'000,    10'000,
                                                         25'000, 100'000, 500'000, 2'500'000};

  std::array<std::atomic<std::uint64_t>, 6> by_class_{};  // index 2: 2xx
  std::array<std::atomic<std::uint64_t>, bounds_us.size() + 1> by_time_{};
  std::atomic<std::uint64_t> total_us_{0};
};

/// A number somebody else keeps, read when the metrics are asked for. Must be callable on any
/// thread.
struct gauge {
  std::string name;  ///< "hotline_http_connections_open"
  std::string help;
  bool counter;  ///< grows only
  std::function<double()> read;
  std::string labels = {};  ///< "partner=\"jining-12345\""; gauges of one name stand together
};

class metrics {
 public:
  /// The counters of an operation; the same object for the same name, for as long as this lives.
  operation_counters& operation(std::string_view name);
  /// A rule said no; `code` is the stable code of the problem.
  void refused(std::string_view code);
  void replayed() { ++replayed_; }

  /// Before the first to_text().
  void add(gauge g) { gauges_.push_back(std::move(g)); }

  /// Everything, in the text exposition format 0.0.4.
  std::string to_text() const;

 private:
  void write_operations(std::string& out) const;

  mutable std::mutex mutex_;  // guards the two maps, not the counters
  std::map<std::string, operation_counters, std::less<>> operations_;
  std::map<std::string, std::uint64_t, std::less<>> refusals_;
  std::atomic<std::uint64_t> replayed_{0};
  std::vector<gauge> gauges_;
};

}  // namespace hotline::gateway
