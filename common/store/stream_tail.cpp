#include "common/store/stream_tail.hpp"

#include <algorithm>
#include <utility>

#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

/// What XINFO STREAM says that matters here.
struct stream_facts {
  stream_id first;  ///< of what is there
  stream_id last;   ///< ever given out
  std::int64_t length = 0;
  bool complete = true;  ///< nothing was ever trimmed or deleted
};

result<stream_facts> read_facts(const result<redis::reply>& answer) {
  stream_facts facts;
  if (!answer) {
    if (answer.error().detail.starts_with("ERR no such key")) return facts;
    return pass(answer);
  }
  std::int64_t added = 0;
  for (std::size_t i = 0; i + 1 < answer->size(); i += 2) {
    const auto name = answer->at(i).string();
    const auto& value = answer->at(i + 1);
    if (name == "length") facts.length = value.integer();
    if (name == "entries-added") added = value.integer();
    if (name != "recorded-first-entry-id" && name != "last-generated-id") continue;
    const auto id = parse_stream_id(value.string());
    if (!id) return pass(id);
    (name == "last-generated-id" ? facts.last : facts.first) = *id;
  }
  facts.complete = added == facts.length;
  return facts;
}

result<tail_entry> read_entry(const redis::reply& item) {
  const auto id = parse_stream_id(item.at(0).string());
  if (!id) return pass(id);
  tail_entry entry{*id, std::nullopt};
  const auto& fields = item.at(1);
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    if (fields.at(i).string() != "e") continue;
    if (auto event = decode_event(fields.at(i + 1).string())) entry.event = *std::move(event);
  }
  return entry;
}

result<void> read_entries(const result<redis::reply>& answer, tail_part& part) {
  if (!answer) return pass(answer);
  part.entries.reserve(answer->size());
  for (const auto& item : answer->array()) {
    auto entry = read_entry(item);
    if (!entry) return pass(entry);
    part.entries.push_back(*std::move(entry));
  }
  return {};
}

}  // namespace

awaitable<result<std::vector<tail_part>>> stream_tail::recent(std::vector<std::string> shards,
                                                              std::size_t count) const {
  // The entries before the facts: if nothing had been trimmed by then, nothing had been before.
  std::vector<redis::command> commands;
  for (const auto& shard : shards) {
    commands.emplace_back("XREVRANGE", events_key(shard), "+", "-", "COUNT", count);
    commands.emplace_back("XINFO", "STREAM", events_key(shard));
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));
  std::vector<tail_part> parts(shards.size());
  for (std::size_t i = 0; i < shards.size(); ++i) {
    tail_part& part = parts[i];
    part.shard = std::move(shards[i]);
    if (auto ok = read_entries(answers[2 * i], part); !ok) co_return pass(ok);
    std::ranges::reverse(part.entries);
    const auto facts = read_facts(answers[2 * i + 1]);
    if (!facts) co_return pass(facts);
    const bool all = facts->complete && part.entries.size() < count;
    if (all) continue;  // the floor is 0-0: there never was anything else
    if (!part.entries.empty()) {
      part.floor = part.entries.front().id;
      part.entries.erase(part.entries.begin());
    } else if (facts->length == 0) {
      part.floor = facts->last;
    } else {
      // The first entry since a trim of everything came between the two commands.
      part.floor = {facts->first.ms, 0};
      if (part.floor.ms > 0) --part.floor.ms;
    }
  }
  co_return parts;
}

awaitable<result<std::vector<tail_part>>> stream_tail::read(std::vector<tail_place> after,
                                                            std::size_t count) const {
  std::vector<redis::command> commands;
  for (const auto& place : after) {
    commands.emplace_back("XRANGE", events_key(place.shard), "(" + format_stream_id(place.id), "+",
                          "COUNT", count);
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));
  std::vector<tail_part> parts(after.size());
  bool any_more = false;
  for (std::size_t i = 0; i < after.size(); ++i) {
    parts[i].shard = std::move(after[i].shard);
    parts[i].floor = after[i].id;
    if (auto ok = read_entries(answers[i], parts[i]); !ok) co_return pass(ok);
    parts[i].more = parts[i].entries.size() >= count;
    any_more = any_more || parts[i].more;
  }
  if (any_more) {
    if (auto ok = co_await look_for_gaps(parts); !ok) co_return pass(ok);
  }
  co_return parts;
}

awaitable<result<void>> stream_tail::look_for_gaps(std::vector<tail_part>& parts) const {
  std::vector<redis::command> commands;
  std::vector<tail_part*> asked;
  for (auto& part : parts) {
    if (!part.more) continue;
    commands.emplace_back("XINFO", "STREAM", events_key(part.shard));
    asked.push_back(&part);
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto facts = read_facts(answers[i]);
    if (!facts) co_return pass(facts);
    asked[i]->gap = !facts->complete && facts->first > asked[i]->floor;
  }
  co_return result<void>();
}

}  // namespace hotline::store
