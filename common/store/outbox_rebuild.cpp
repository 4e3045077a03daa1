#include "common/store/outbox_rebuild.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_set>
#include <utility>

#include "common/domain/reaction.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/redis/reply_error.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr std::size_t entries_a_page = 1'000;
constexpr std::size_t restored_at_once = 100;
/// Events reach the outbox in the order of their commits, which is not exactly that of their
/// instants: instances differ, and a commit takes its time.
constexpr std::chrono::hours disorder{1};

/// The outbox of a shard, or a lane of it.
struct stream_of_shard {
  std::string shard;
  std::string lane;
  auto operator<=>(const stream_of_shard&) const = default;
  std::string key() const { return lane_key(shard, lane); }
};

std::vector<std::string> outbox_and_seal_keys(const stream_of_shard& which) {
  return {which.key(), head_key(which.shard), seal_head_key(which.shard)};
}

struct event_place {
  std::string no;
  std::int64_t version = 0;
};

std::string name_of(std::string_view no, std::int64_t version) {
  return fmt::format("{}:{}", no, version);
}

/// A stream that is made good.
struct stream_work {
  outbox_gaps gaps;
  std::int64_t since_ms = 0;
  std::unordered_set<std::string> present;  ///< what its outbox has, by name_of
  std::string read_to = "-";                ///< where reading the outbox goes on
};

class rebuilder {
 public:
  rebuilder(redis::client& redis, rebuild_options options)
      : redis_(redis), options_(std::move(options)) {}

  awaitable<result<rebuild_report>> run() {
    for (const auto& shard : options_.shards) {
      const auto looked = co_await look_at({shard, {}}, false);
      if (!looked) co_return pass(looked);
      // Who deletes an outbox deletes its lanes, too; and a lane cannot tell.
      const auto found = work_.find({shard, {}});
      const bool deleted = found != work_.end() && found->second.gaps.short_by > 0;
      for (const auto lane : domain::reaction_lanes) {
        const auto seen = co_await look_at({shard, std::string(lane)}, deleted);
        if (!seen) co_return pass(seen);
      }
    }
    if (!work_.empty()) {
      if (const auto done = co_await scan(); !done) co_return pass(done);
    }
    for (const auto& [which, work] : work_) {
      if (const auto done = co_await settle(which, work.gaps); !done) co_return pass(done);
    }
    co_return std::move(report_);
  }

 private:
  using step = awaitable<result<void>>;

  step look_at(stream_of_shard which, bool always) {
    auto gaps = co_await find_outbox_gaps(redis_, options_.data_set, which.shard, which.lane);
    if (!gaps) co_return pass(gaps);
    if (!gaps->any() && !options_.since && !always) co_return result<void>{};
    const auto field = which.lane.empty() ? std::string("behind") : "behind:" + which.lane;
    const auto behind = co_await redis_.exec(redis::command("HGET", head_key(which.shard), field));
    if (!behind) co_return pass(behind);
    stream_work work;
    if (options_.since) {
      work.since_ms = to_unix_ms(*options_.since);
    } else if (behind->is_string()) {
      const auto text = behind->string();
      std::from_chars(text.data(), text.data() + text.size(), work.since_ms);
      work.since_ms -= milliseconds(disorder).count();
    }
    if (gaps->any())
      report_.gaps[which.lane.empty() ? which.shard : which.shard + ":" + which.lane] = *gaps;
    work.gaps = *std::move(gaps);
    shards_.insert(which.shard);
    const auto at = work_.emplace(std::move(which), std::move(work)).first;
    co_return co_await read_outbox(at->first, at->second);
  }

  /// Goes on where it ended the last time.
  step read_outbox(stream_of_shard which, stream_work& work) {
    while (true) {
      const auto page = co_await redis_.exec(
          redis::command("XRANGE", which.key(), work.read_to, "+", "COUNT", entries_a_page));
      if (!page) co_return pass(page);
      for (const auto& entry : page->array()) {
        work.read_to = fmt::format("({}", entry.at(0).string());
        if (entry.at(1).size() != 2) continue;
        const auto event = decode_event(entry.at(1).at(1).string());
        if (event) work.present.insert(name_of(event->ticket_no(), event->version()));
      }
      if (page->size() < entries_a_page) co_return result<void>{};
    }
  }

  step scan() {
    std::string cursor = "0";
    std::map<std::string, std::vector<std::string>> found;
    do {
      const auto answer = co_await redis_.exec(
          redis::command("SCAN", cursor, "MATCH", shard_keys_pattern(), "COUNT", options_.batch));
      if (!answer) co_return pass(answer);
      cursor = answer->at(0).string();
      for (const auto& key : answer->at(1).array()) {
        const auto parts = parse_key(key.string());
        if (!parts || parts->family != "history" || !domain::is_ticket_no(parts->name)) continue;
        const std::string shard(parts->shard);
        if (shards_.contains(shard)) found[shard].emplace_back(parts->name);
      }
      for (auto& [shard, numbers] : found) {
        if (numbers.size() < options_.batch && cursor != "0") continue;
        const auto taken = std::exchange(numbers, {});
        report_.tickets += std::ssize(taken);
        for (auto& [which, work] : work_) {
          if (which.shard != shard) continue;
          const auto done = co_await bring_back(which, work, taken);
          if (!done) co_return pass(done);
        }
      }
    } while (cursor != "0");
    co_return result<void>{};
  }

  /// Those of these tickets that changed since.
  awaitable<result<std::vector<std::string>>> recent(const stream_work& work,
                                                     std::vector<std::string> numbers) {
    std::vector<redis::command> reads;
    for (const auto& no : numbers) reads.emplace_back("LINDEX", history_key(no), -1);
    const auto last = co_await redis_.exec_all(std::move(reads));
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (!last[i] && redis::is_error_reply(last[i].error(), "WRONGTYPE")) continue;
      if (!last[i]) co_return pass(last[i]);
      const auto event = decode_event(last[i]->string());
      if (!event || event->at() >= work.since_ms) kept.push_back(std::move(numbers[i]));
    }
    co_return kept;
  }

  step bring_back(stream_of_shard which, stream_work& work, std::vector<std::string> numbers) {
    const auto kept = co_await recent(work, std::move(numbers));
    if (!kept) co_return pass(kept);
    std::vector<redis::command> reads;
    for (const auto& no : *kept) reads.emplace_back("LRANGE", history_key(no), 0, -1);
    const auto histories = co_await redis_.exec_all(std::move(reads));
    std::vector<event_place> missed;
    for (std::size_t i = 0; i < kept->size(); ++i) {
      if (!histories[i]) co_return pass(histories[i]);
      for (const auto& item : histories[i]->array()) {
        // What cannot be read is for `hotline verify` to tell.
        const auto event = decode_event(item.string());
        if (!event || event->at() < work.since_ms || event->ticket_no() != (*kept)[i]) continue;
        if (!which.lane.empty() && !domain::concerns(which.lane, *event)) continue;
        if (!work.present.contains(name_of((*kept)[i], event->version())))
          missed.push_back({(*kept)[i], event->version()});
      }
    }
    if (missed.empty()) co_return result<void>{};
    // What was committed while we read is in the outbox by now.
    if (const auto read = co_await read_outbox(which, work); !read) co_return read;
    std::erase_if(missed, [&](const event_place& place) {
      return work.present.contains(name_of(place.no, place.version));
    });
    co_return co_await append(std::move(which), std::move(missed));
  }

  step append(stream_of_shard which, std::vector<event_place> events) {
    for (std::size_t first = 0; first < events.size(); first += restored_at_once) {
      const auto last = std::min(first + restored_at_once, events.size());
      std::vector<std::string> keys{which.key(), head_key(which.shard)};
      for (auto i = first; i < last; ++i) keys.push_back(history_key(events[i].no));
      auto command = function_call("outbox_restore", keys);
      command.add(options_.data_set);
      for (auto i = first; i < last; ++i) command.add(events[i].version);
      const auto answer = co_await call_function(redis_, std::move(command));
      if (!answer) co_return pass(answer);
      report_.restored += answer->integer();
    }
    co_return result<void>{};
  }

  step settle(stream_of_shard which, outbox_gaps gaps) {
    if (!gaps.any()) co_return result<void>{};
    const auto keys = outbox_and_seal_keys(which);
    auto command = function_call("outbox_settle", keys);
    command.add(options_.data_set).add(gaps.missing).add(gaps.deleted).add(gaps.short_by);
    for (const auto& [group, lost] : gaps.lost) command.add(group).add(lost);
    const auto answer = co_await call_function(redis_, std::move(command));
    if (!answer) co_return pass(answer);
    co_return result<void>{};
  }

  redis::client& redis_;
  rebuild_options options_;
  rebuild_report report_;
  std::map<stream_of_shard, stream_work> work_;
  std::set<std::string> shards_;  // those of work_
};

}  // namespace

std::int64_t outbox_gaps::size() const {
  std::int64_t most = std::max(missing, short_by);
  for (const auto& [group, count] : lost) most = std::max(most, count);
  return std::max<std::int64_t>(most, deleted.empty() ? 0 : 1);
}

awaitable<result<outbox_gaps>> find_outbox_gaps(redis::client& redis, std::string data_set,
                                                std::string shard, std::string lane) {
  const auto keys = outbox_and_seal_keys({std::move(shard), std::move(lane)});
  auto answer = co_await call_function(redis, function_query("outbox_gaps", keys));
  if (!answer) co_return pass(answer);
  if (answer->at(3).integer() == 0) {
    auto recount = function_call("outbox_recount", std::span(keys).first(2));
    const auto counted = co_await call_function(redis, std::move(recount.add(data_set)));
    if (!counted) co_return pass(counted);
    answer = co_await call_function(redis, function_query("outbox_gaps", keys));
    if (!answer) co_return pass(answer);
  }
  outbox_gaps gaps;
  gaps.missing = answer->at(0).integer();
  gaps.deleted = answer->at(1).string();
  gaps.short_by = answer->at(2).integer();
  for (std::size_t i = 4; i + 1 < answer->size(); i += 2) {
    const auto lost = answer->at(i + 1).integer();
    if (lost > 0) gaps.lost[std::string(answer->at(i).string())] = lost;
  }
  co_return gaps;
}

awaitable<result<rebuild_report>> rebuild_outboxes(redis::client& redis, rebuild_options options) {
  rebuilder work(redis, std::move(options));
  co_return co_await work.run();
}

}  // namespace hotline::store
