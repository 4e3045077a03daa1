#include "common/store/timers.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr std::string_view name = "timers";

redis::command due_command(const std::string& shard, instant now, std::size_t limit) {
  return redis::command("ZRANGEBYSCORE", derived_key(shard, name), "-inf", to_unix_ms(now),
                        "WITHSCORES", "LIMIT", 0, limit);
}

/// Scores of timers are whole milliseconds.
instant instant_of(double score) { return from_unix_ms(static_cast<std::int64_t>(score)); }

result<void> append(const result<redis::reply>& answer, std::vector<due_timer>& timers) {
  if (!answer) return pass(answer);
  const auto members = read_members(*answer);
  if (!members) return pass(members);
  for (const auto& member : *members) timers.push_back({member.no, instant_of(member.score)});
  return {};
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

timers::timers(redis::client& redis, shard_source shards)
    : redis_(redis), shards_(std::move(shards)) {}

awaitable<result<std::vector<due_timer>>> timers::due(instant now, std::size_t limit) const {
  std::vector<redis::command> commands;
  for (const auto& shard : shards_()) commands.push_back(due_command(shard, now, limit));
  const auto answers = co_await redis_.exec_all(std::move(commands));
  std::vector<due_timer> merged;
  for (const auto& answer : answers) {
    const auto read = append(answer, merged);
    if (!read) co_return pass(read);
  }
  std::ranges::sort(merged, [](const due_timer& a, const due_timer& b) {
    return a.due != b.due ? a.due < b.due : a.no < b.no;
  });
  if (merged.size() > limit) merged.resize(limit);
  co_return merged;
}

awaitable<result<std::vector<due_timer>>> timers::due_in_shard(std::string shard, instant now,
                                                               std::size_t limit) const {
  const auto answer = co_await redis_.exec(due_command(shard, now, limit));
  std::vector<due_timer> timers;
  const auto read = append(answer, timers);
  if (!read) co_return pass(read);
  co_return timers;
}

awaitable<result<std::optional<instant>>> timers::next() const {
  std::vector<redis::command> commands;
  for (const auto& shard : shards_()) {
    commands.emplace_back("ZRANGE", derived_key(shard, name), 0, 0, "WITHSCORES");
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));
  std::vector<due_timer> firsts;
  for (const auto& answer : answers) {
    const auto read = append(answer, firsts);
    if (!read) co_return pass(read);
  }
  const auto earliest = std::ranges::min_element(firsts, {}, &due_timer::due);
  if (earliest == firsts.end()) co_return std::optional<instant>();
  co_return std::optional<instant>(earliest->due);
}

awaitable<result<instant>> timers::server_time() const {
  const auto answer = co_await redis_.exec(redis::command("TIME"));
  if (!answer) co_return pass(answer);
  co_return from_unix_ms(number(answer->at(0).string()) * 1000 +
                         number(answer->at(1).string()) / 1000);
}

}  // namespace hotline::store
