#include "common/store/stream_keeper.hpp"

#include <algorithm>
#include <utility>

#include "common/redis/reply_error.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

/// Entries examined per XTRIM, so that a long backlog does not hold up everybody else.
constexpr int trim_limit = 10'000;

constexpr stream_id after_all{~std::uint64_t{0}, ~std::uint64_t{0}};

/// The value behind a name in the flat list XINFO answers.
const redis::reply& field(const redis::reply& list, std::string_view name) {
  for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
    if (list.at(i).string() == name) return list.at(i + 1);
  }
  static const redis::reply nothing;
  return nothing;
}

/// XGROUP has no error code of its own for it.
bool says_no_stream(const failure& why) {
  return why.detail.find("requires the key to exist") != std::string::npos;
}

/// Everything before this is behind the group.
std::string_view low_mark(const group_position& group) {
  return group.oldest_pending.empty() ? group.last_delivered : group.oldest_pending;
}

/// Keeps with the shard since when events may not have been handled: where they are to be looked
/// for should they vanish. Before anything is removed.
awaitable<result<void>> note_behind(redis::client& redis, std::string shard, std::string lane,
                                    stream_id mark) {
  const auto found = co_await redis.exec(
      redis::command("XRANGE", lane_key(shard, lane), format_stream_id(mark), "+", "COUNT", 1));
  if (!found) co_return pass(found);
  if (found->size() == 0 || found->at(0).at(1).size() != 2) co_return result<void>{};
  const auto event = decode_event(found->at(0).at(1).at(1).string());
  if (!event) co_return result<void>{};
  const std::vector<std::string> keys{head_key(shard)};
  auto command = function_call("outbox_behind", keys);
  command.add(event->at()).add(lane);
  const auto answer = co_await call_function(redis, std::move(command));
  if (!answer) co_return pass(answer);
  co_return result<void>{};
}

}  // namespace

awaitable<result<stream_report>> report_stream(redis::client& redis, std::string shard,
                                               std::string lane) {
  const auto key = lane_key(shard, lane);
  std::vector<redis::command> first;
  first.emplace_back("XINFO", "STREAM", key);
  first.emplace_back("XINFO", "GROUPS", key);
  const auto info = co_await redis.exec_all(std::move(first));
  stream_report report;
  for (const auto& answer : info) {
    if (answer) continue;
    if (answer.error().detail.starts_with("ERR no such key")) co_return report;
    co_return pass(answer);
  }
  report.length = field(*info[0], "length").integer();
  const auto& newest = field(*info[0], "last-generated-id");
  report.entries_added = field(*info[0], "entries-added").integer();
  report.newest = newest.string();
  // The positions first, then the pending lists: an entry acknowledged in between only makes a mark
  // lower than it could be.
  std::vector<redis::command> second;
  for (const auto& item : info[1]->array()) {
    group_position group;
    group.group = field(item, "name").string();
    group.pending = field(item, "pending").integer();
    group.last_delivered = field(item, "last-delivered-id").string();
    if (const auto& lag = field(item, "lag"); lag.is_integer()) group.lag = lag.integer();
    // What Redis says is still to come, less what can still come.
    const auto left = group.last_delivered == newest.string() ? 0 : report.length;
    group.lost = std::max<std::int64_t>(group.lag.value_or(0) - left, 0);
    second.emplace_back("XPENDING", key, group.group);
    second.emplace_back("XLEN", dead_letters_key(shard, group.group));
    report.groups.push_back(std::move(group));
  }
  if (report.groups.empty()) co_return report;
  const auto details = co_await redis.exec_all(std::move(second));
  for (std::size_t i = 0; i < report.groups.size(); ++i) {
    const auto& pending = details[2 * i];
    const auto& dead = details[2 * i + 1];
    if (!pending) co_return pass(pending);
    if (!dead) co_return pass(dead);
    report.groups[i].oldest_pending = pending->at(1).string();
    report.groups[i].dead_letters = dead->integer();
  }
  co_return report;
}

namespace {

awaitable<result<std::int64_t>> trim_before(redis::client& redis, std::string key, stream_id id) {
  const auto answer = co_await redis.exec(
      redis::command("XTRIM", key, "MINID", "~", format_stream_id(id), "LIMIT", trim_limit));
  if (!answer) co_return pass(answer);
  co_return answer->integer();
}

/// Everything before this is behind all groups; the highest id when there are none.
result<stream_id> lowest_mark(const stream_report& report) {
  stream_id lowest = after_all;
  for (const auto& group : report.groups) {
    const auto id = parse_stream_id(low_mark(group));
    if (!id) return pass(id);
    lowest = std::min(lowest, *id);
  }
  return lowest;
}

}  // namespace

awaitable<result<std::int64_t>> trim_stream(redis::client& redis, std::string shard,
                                            std::vector<std::string> expected, seal_floor floor,
                                            std::optional<stream_id> keep_from) {
  const auto report = co_await report_stream(redis, shard);
  if (!report) co_return pass(report);
  for (const auto& name : expected) {
    const bool known = std::ranges::any_of(
        report->groups, [&](const group_position& group) { return group.group == name; });
    if (!known) co_return 0;
  }
  auto lowest = lowest_mark(*report);
  if (!lowest) co_return pass(lowest);
  if (floor == seal_floor::kept) {
    const auto sealed = co_await redis.exec(redis::command("HGET", seal_head_key(shard), "id"));
    if (!sealed) co_return pass(sealed);
    if (sealed->is_nil()) co_return 0;
    const auto id = parse_stream_id(sealed->string());
    if (!id) co_return pass(id);
    *lowest = std::min(*lowest, *id);
  }
  if (const auto noted = co_await note_behind(redis, shard, {}, *lowest); !noted)
    co_return pass(noted);
  if (keep_from) *lowest = std::min(*lowest, *keep_from);
  // Nobody reads it: then nobody knows what may go.
  if (*lowest == after_all) co_return 0;
  co_return co_await trim_before(redis, events_key(shard), *lowest);
}

awaitable<result<std::int64_t>> trim_lane(redis::client& redis, std::string shard,
                                          std::string lane) {
  const auto report = co_await report_stream(redis, shard, lane);
  if (!report) co_return pass(report);
  const auto lowest = lowest_mark(*report);
  if (!lowest) co_return pass(lowest);
  if (*lowest == after_all) co_return 0;
  if (const auto noted = co_await note_behind(redis, shard, lane, *lowest); !noted)
    co_return pass(noted);
  co_return co_await trim_before(redis, lane_key(shard, lane), *lowest);
}

awaitable<result<void>> ensure_group(redis::client& redis, std::string shard, std::string group,
                                     std::string lane) {
  const auto known = co_await report_stream(redis, shard, lane);
  if (!known) co_return pass(known);
  redis::command create("XGROUP", "CREATE", lane_key(shard, lane), group, "0", "MKSTREAM");
  // From the first event on Redis counts what it has read, so that a loss before its first read
  // shows. Later it cannot know how much was trimmed before its time.
  if (known->entries_added == 0) create.add("ENTRIESREAD").add(0);
  const auto answer = co_await redis.exec(std::move(create));
  if (answer || redis::is_error_reply(answer.error(), "BUSYGROUP")) co_return result<void>();
  co_return pass(answer);
}

awaitable<result<bool>> drop_group(redis::client& redis, std::string shard, std::string group) {
  const auto answer =
      co_await redis.exec(redis::command("XGROUP", "DESTROY", events_key(shard), group));
  if (!answer && says_no_stream(answer.error())) co_return false;
  if (!answer) co_return pass(answer);
  co_return answer->integer() == 1;
}

}  // namespace hotline::store
