#include "common/runtime/stream_housekeeping.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/store/stream_keeper.hpp"

namespace hotline::runtime {

namespace asio = boost::asio;

namespace {

struct group_sum {
  std::int64_t lag = 0;
  std::int64_t pending = 0;
  std::int64_t dead = 0;
  std::int64_t lost = 0;
};

struct sums {
  std::int64_t entries = 0;
  std::map<std::string, group_sum> groups;
};

void add_report(sums& all, const store::stream_report& report) {
  all.entries += report.length;
  for (const auto& group : report.groups) {
    auto& sum = all.groups[group.group];
    sum.lag += group.lag.value_or(0);
    sum.pending += group.pending;
    sum.dead += group.dead_letters;
    sum.lost += group.lost;
  }
}

void publish(stream_gauges& gauges, const sums& all, const logger& log) {
  gauges.entries = all.entries;
  for (auto& [name, gauge] : gauges.groups) {
    const auto found = all.groups.find(name);
    const auto sum = found == all.groups.end() ? group_sum{} : found->second;
    gauge.lag = sum.lag;
    gauge.pending = sum.pending;
    gauge.dead = sum.dead;
    const auto known = gauge.lost.exchange(sum.lost);
    if (sum.lost > known) {
      log.error("events were trimmed before a group saw them group={} count={}", name, sum.lost);
    }
  }
}

/// Redis looks at a bounded number of entries per trim: after a backlog it takes several.
asio::awaitable<result<void>> trim(redis::client& redis, std::string shard,
                                   std::vector<std::string> groups) {
  constexpr int rounds_max = 50;
  for (int i = 0; i < rounds_max; ++i) {
    const auto removed = co_await store::trim_stream(redis, shard, groups);
    if (!removed) co_return pass(removed);
    if (*removed == 0) break;
  }
  co_return result<void>{};
}

asio::awaitable<result<sums>> keep_once(redis::client& redis, std::vector<std::string> shards,
                                        std::vector<std::string> groups) {
  sums all;
  for (const auto& shard : shards) {
    const auto trimmed = co_await trim(redis, shard, groups);
    if (!trimmed) co_return pass(trimmed);
    const auto report = co_await store::report_stream(redis, shard);
    if (!report) co_return pass(report);
    add_report(all, *report);
  }
  co_return all;
}

}  // namespace

asio::awaitable<void> keep_streams(redis::client& redis, std::vector<std::string> shards,
                                   milliseconds interval, stream_gauges& gauges,
                                   stop_signal& stopping, logger log) {
  std::vector<std::string> groups;
  for (const auto& [name, gauge] : gauges.groups) groups.push_back(name);
  while (co_await stopping.sleep_for(interval)) {
    const auto seen = co_await keep_once(redis, shards, groups);
    if (seen) {
      publish(gauges, *seen, log);
    } else {
      log.warn("outboxes not looked at reason=\"{}\"", to_string(seen.error()));
    }
  }
}

}  // namespace hotline::runtime
