#include "common/runtime/stream_housekeeping.hpp"

#include <fmt/core.h>

#include <deque>
#include <functional>
#include <utility>

#include "common/domain/reaction.hpp"
#include "common/store/outbox_rebuild.hpp"
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

using group_sums = std::map<std::string, group_sum>;

struct sums {
  std::int64_t entries = 0;
  group_sums groups;
  group_sums lanes;
};

void add_groups(group_sums& all, const store::stream_report& report) {
  for (const auto& group : report.groups) {
    auto& sum = all[group.group];
    sum.lag += group.lag.value_or(0);
    sum.pending += group.pending;
    sum.dead += group.dead_letters;
    sum.lost += group.lost;
  }
}

void publish(std::map<std::string, group_gauges>& gauges, const group_sums& all,
             const logger& log) {
  for (auto& [name, gauge] : gauges) {
    const auto found = all.find(name);
    const auto sum = found == all.end() ? group_sum{} : found->second;
    gauge.lag = sum.lag;
    gauge.pending = sum.pending;
    gauge.dead = sum.dead;
    const auto known = gauge.lost.exchange(sum.lost);
    if (sum.lost > known) {
      log.error("events were trimmed before a group saw them group={} count={}", name, sum.lost);
    }
  }
}

/// Remembers how far a shard's outbox had come at earlier rounds, to know without reading it behind
/// which entry at least so and so many follow.
class growth_memory {
 public:
  explicit growth_memory(std::int64_t keep) : keep_(keep) {}

  void note(const store::stream_report& report) {
    const auto id = store::parse_stream_id(report.newest);
    if (!id) return;
    // A counter that went back is another stream.
    if (!marks_.empty() && report.entries_added < marks_.back().added) marks_.clear();
    if (!marks_.empty() && marks_.back().added == report.entries_added) return;
    marks_.push_back({*id, report.entries_added});
    while (marks_.size() >= 2 && marks_[1].added + keep_ <= report.entries_added) {
      marks_.pop_front();
    }
  }

  /// At least `keep` entries came behind this one; nothing known yet: everything stays.
  store::stream_id keep_from() const {
    if (marks_.empty() || marks_.front().added + keep_ > marks_.back().added) return {};
    return marks_.front().id;
  }

 private:
  struct mark {
    store::stream_id id;
    std::int64_t added;
  };
  std::int64_t keep_;
  std::deque<mark> marks_;
};

std::vector<std::string> names_of(const std::map<std::string, group_gauges>& gauges) {
  std::vector<std::string> names;
  for (const auto& [name, gauge] : gauges) names.push_back(name);
  return names;
}

using trimming = std::function<asio::awaitable<result<std::int64_t>>()>;

/// Redis looks at a bounded number of entries per trim: after a backlog it takes several.
asio::awaitable<result<void>> repeat(trimming trim) {
  constexpr int rounds_max = 50;
  for (int i = 0; i < rounds_max; ++i) {
    const auto removed = co_await trim();
    if (!removed) co_return pass(removed);
    if (*removed == 0) break;
  }
  co_return result<void>{};
}

asio::awaitable<result<void>> keep_lane(redis::client& redis, std::string shard, std::string lane,
                                        sums& all) {
  const auto trimmed = co_await repeat([&] { return store::trim_lane(redis, shard, lane); });
  if (!trimmed) co_return trimmed;
  const auto report = co_await store::report_stream(redis, shard, lane);
  if (!report) co_return pass(report);
  add_groups(all.lanes, *report);
  co_return result<void>{};
}

asio::awaitable<result<sums>> keep_once(redis::client& redis, std::vector<std::string> shards,
                                        std::vector<std::string> groups,
                                        std::vector<std::string> lanes,
                                        std::map<std::string, growth_memory>& grown,
                                        std::int64_t keep) {
  sums all;
  for (const auto& shard : shards) {
    const auto before = co_await store::report_stream(redis, shard);
    if (!before) co_return pass(before);
    auto& memory = grown.try_emplace(shard, keep).first->second;
    memory.note(*before);
    const auto trimmed = co_await repeat([&] {
      return store::trim_stream(redis, shard, groups, store::seal_floor::kept, memory.keep_from());
    });
    if (!trimmed) co_return pass(trimmed);
    const auto report = co_await store::report_stream(redis, shard);
    if (!report) co_return pass(report);
    all.entries += report->length;
    add_groups(all.groups, *report);
    for (const auto& lane : lanes) {
      const auto kept = co_await keep_lane(redis, shard, lane, all);
      if (!kept) co_return pass(kept);
    }
  }
  co_return all;
}

/// Before anything is trimmed: a loss is looked for from where the readers were known to be.
asio::awaitable<result<void>> bring_back(redis::client& redis, std::string data_set,
                                         std::vector<std::string> shards, stream_gauges& gauges,
                                         const logger& log) {
  store::rebuild_options options;
  options.data_set = data_set;
  std::vector<std::string> lanes{""};
  lanes.insert(lanes.end(), domain::reaction_lanes.begin(), domain::reaction_lanes.end());
  for (auto& shard : shards) {
    std::int64_t missed = 0;
    for (const auto& lane : lanes) {
      const auto gaps = co_await store::find_outbox_gaps(redis, data_set, shard, lane);
      if (!gaps) co_return pass(gaps);
      missed += gaps->size();
    }
    if (missed == 0) continue;
    add(gauges.missed, static_cast<std::uint64_t>(missed));
    log.error("events vanished from the outbox before everybody saw them shard={} count={}", shard,
              missed);
    options.shards.push_back(std::move(shard));
  }
  if (options.shards.empty()) co_return result<void>{};
  const auto done = co_await store::rebuild_outboxes(redis, std::move(options));
  if (!done) co_return pass(done);
  add(gauges.restored, static_cast<std::uint64_t>(done->restored));
  log.warn("outbox rebuilt from the histories tickets={} restored={}", done->tickets,
           done->restored);
  co_return result<void>{};
}

}  // namespace

asio::awaitable<void> keep_streams(redis::client& redis, std::string data_set,
                                   std::vector<std::string> shards, milliseconds interval,
                                   std::int64_t keep, stream_gauges& gauges, stop_signal& stopping,
                                   logger log) {
  std::map<std::string, growth_memory> grown;
  const auto groups = names_of(gauges.groups);
  const auto lanes = names_of(gauges.lanes);
  while (co_await stopping.sleep_for(interval)) {
    const auto whole = co_await bring_back(redis, data_set, shards, gauges, log);
    if (!whole) {
      log.error("outboxes not rebuilt reason=\"{}\"", to_string(whole.error()));
      continue;  // nothing is trimmed meanwhile
    }
    const auto seen = co_await keep_once(redis, shards, groups, lanes, grown, keep);
    if (seen) {
      gauges.entries = seen->entries;
      publish(gauges.groups, seen->groups, log);
      publish(gauges.lanes, seen->lanes, log);
    } else {
      log.warn("outboxes not looked at reason=\"{}\"", to_string(seen.error()));
    }
  }
}

}  // namespace hotline::runtime
