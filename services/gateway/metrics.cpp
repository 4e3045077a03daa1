#include "services/gateway/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace hotline::gateway {
namespace {

void write_head(std::string& out, std::string_view name, std::string_view help,
                std::string_view type) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

}  // namespace

void operation_counters::answered(int status, std::chrono::steady_clock::duration took) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  const auto status_class = static_cast<std::size_t>(std::clamp(status / 100, 0, 5));
  const auto bucket = std::ranges::lower_bound(bounds_us, us) - bounds_us.begin();
  by_class_[status_class].fetch_add(1, std::memory_order_relaxed);
  by_time_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  total_us_.fetch_add(static_cast<std::uint64_t>(us), std::memory_order_relaxed);
}

operation_counters& metrics::operation(std::string_view name) {
  const std::scoped_lock lock(mutex_);
  return operations_.try_emplace(std::string(name)).first->second;
}

void metrics::refused(std::string_view code) {
  const std::scoped_lock lock(mutex_);
  const auto found = refusals_.find(code);
  if (found != refusals_.end()) {
    ++found->second;
  } else {
    refusals_.emplace(code, 1);
  }
}

std::string metrics::to_text() const {
  std::string out;
  write_operations(out);
  auto to = std::back_inserter(out);
  {
    const std::scoped_lock lock(mutex_);
    write_head(out, "hotline_problems_total", "Requests refused, by the code of the problem.",
               "counter");
    for (const auto& [code, count] : refusals_) {
      fmt::format_to(to, "hotline_problems_total{{code=\"{}\"}} {}\n", code, count);
    }
  }
  write_head(out, "hotline_replays_total", "Requests answered from their idempotency record.",
             "counter");
  fmt::format_to(to, "hotline_replays_total {}\n", replayed_.load());
  std::string_view headed;
  for (const gauge& g : gauges_) {
    if (g.name != headed) write_head(out, g.name, g.help, g.counter ? "counter" : "gauge");
    headed = g.name;
    if (g.labels.empty()) {
      fmt::format_to(to, "{} {}\n", g.name, g.read());
    } else {
      fmt::format_to(to, "{}{{{}}} {}\n", g.name, g.labels, g.read());
    }
  }
  return out;
}

void metrics::write_operations(std::string& out) const {
  const std::scoped_lock lock(mutex_);
  auto to = std::back_inserter(out);
  write_head(out, "hotline_requests_total", "Requests answered, by operation and class of status.",
             "counter");
  for (const auto& [name, counters] : operations_) {
    for (std::size_t c = 0; c < counters.by_class_.size(); ++c) {
      const std::uint64_t count = counters.by_class_[c].load();
      if (count == 0) continue;
      fmt::format_to(to, "hotline_requests_total{{operation=\"{}\",status=\"{}xx\"}} {}\n", name, c,
                     count);
    }
  }
  write_head(out, "hotline_request_seconds", "Time from the request to its answer.", "histogram");
  for (const auto& [name, counters] : operations_) {
    std::uint64_t sum = 0;
    for (std::size_t b = 0; b < counters.by_time_.size(); ++b) {
      sum += counters.by_time_[b].load();
      const std::string bound =
          b < operation_counters::bounds_us.size()
              ? fmt::format("{}", static_cast<double>(operation_counters::bounds_us[b]) / 1e6)
              : std::string("+Inf");
      fmt::format_to(to, "hotline_request_seconds_bucket{{operation=\"{}\",le=\"{}\"}} {}\n", name,
                     bound, sum);
    }
    fmt::format_to(to, "hotline_request_seconds_sum{{operation=\"{}\"}} {}\n", name,
                   static_cast<double>(counters.total_us_.load()) / 1e6);
    fmt::format_to(to, "hotline_request_seconds_count{{operation=\"{}\"}} {}\n", name, sum);
  }
}

}  // namespace hotline::gateway
