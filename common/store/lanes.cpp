#include "common/store/lanes.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/domain/reaction.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"
#include "common/store/stream_keeper.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr int entries_a_step = 500;

/// Copies what concerns the lane, from an id ("(…": behind it) to the end.
awaitable<result<std::size_t>> copy_from(redis::client& redis, std::string shard, std::string lane,
                                         std::string from) {
  std::size_t copied = 0;
  for (;;) {
    const auto entries = co_await redis.exec(
        redis::command("XRANGE", events_key(shard), from, "+", "COUNT", entries_a_step));
    if (!entries) co_return pass(entries);
    std::vector<redis::command> added;
    for (const auto& entry : entries->array()) {
      from = "(" + std::string(entry.at(0).string());
      const auto bytes = entry.at(1).at(1).string();
      // What cannot be read goes where the reader buries it.
      const auto event = decode_event(bytes);
      if (event && !domain::concerns(lane, *event)) continue;
      added.emplace_back("XADD", lane_key(shard, lane), "*", "e", bytes);
    }
    copied += added.size();
    for (const auto& answer : co_await redis.exec_all(std::move(added))) {
      if (!answer) co_return pass(answer);
    }
    if (entries->size() < entries_a_step) co_return copied;
  }
}

}  // namespace

awaitable<result<std::size_t>> open_lane(redis::client& redis, std::string shard,
                                         std::string lane) {
  if (auto made = co_await ensure_group(redis, shard, lane, lane); !made) co_return pass(made);
  const auto report = co_await report_stream(redis, shard);
  if (!report) co_return pass(report);
  const auto old = std::ranges::find(report->groups, lane, &group_position::group);
  if (old == report->groups.end()) co_return 0;
  auto from = old->oldest_pending.empty() ? "(" + old->last_delivered : old->oldest_pending;
  const auto copied = co_await copy_from(redis, shard, lane, std::move(from));
  if (!copied) co_return copied;
  const auto dropped = co_await drop_group(redis, shard, lane);
  if (!dropped) co_return pass(dropped);
  co_return copied;
}

}  // namespace hotline::store
