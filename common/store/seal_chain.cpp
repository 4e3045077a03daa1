#include "common/store/seal_chain.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/base/assert.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

std::unexpected<failure> damaged(std::string_view shard, std::string_view what) {
  return fail(errc::corrupt_data, fmt::format("audit chain of shard {}: {}", shard, what));
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<crypto::hash_value> hash_of(std::string_view bytes) {
  crypto::hash_value value;
  if (bytes.size() != value.size()) return std::nullopt;
  std::ranges::transform(bytes, value.begin(),
                         [](char c) { return static_cast<unsigned char>(c); });
  return value;
}

result<chain_head> head_of(std::string_view data_set, std::string_view shard,
                           const redis::reply& fields) {
  chain_head head;
  if (fields.at(0).is_nil()) {
    head.hash = seal_genesis(data_set, shard);
    return head;
  }
  const auto entries = whole(fields.at(0).string());
  const auto hash = hash_of(fields.at(1).string());
  const auto sealed = parse_place(fields.at(2).string());
  const auto events = whole(fields.at(3).string());
  if (!entries || *entries < 1 || !hash || !sealed || !events) {
    return damaged(shard, "its head cannot be read");
  }
  head.entries = *entries;
  head.hash = *hash;
  head.sealed = *sealed;
  head.events = *events;
  return head;
}

result<stream_item> item_of(std::string_view shard, redis::reply entry) {
  auto parts = entry.take_array();
  if (parts.size() != 2) return damaged(shard, "a stream entry without fields");
  const auto id = parse_place(parts[0].string());
  if (!id) return damaged(shard, "a stream entry without an id");
  stream_item item;
  item.id = *id;
  auto fields = parts[1].take_array();
  item.ours = fields.size() == 2 && fields[0].string() == "e";
  if (item.ours) item.bytes = fields[1].take_string();
  return item;
}

result<std::vector<stream_item>> items_of(std::string_view shard, result<redis::reply> answer) {
  if (!answer) return pass(answer);
  std::vector<stream_item> items;
  for (auto& entry : answer->take_array()) {
    auto item = item_of(shard, std::move(entry));
    if (!item) return pass(item);
    items.push_back(*std::move(item));
  }
  return items;
}

result<append_outcome> outcome_of(const result<redis::reply>& answer) {
  if (answer) {
    return answer->at(0).integer() == 1 ? append_outcome::appended : append_outcome::overtaken;
  }
  if (answer.error().code == errc::outcome_unknown) return append_outcome::unknown;
  return std::unexpected(failure_of_function(answer.error()));
}

}  // namespace

std::string sealed_stream_key(std::string_view shard) {
  return shard == people_shard ? std::string(audit_key()) : events_key(shard);
}

bool is_of_one_shard(const failure& f) {
  return f.code == errc::corrupt_data || f.code == errc::refused || f.code == errc::internal;
}

awaitable<std::vector<result<chain_head>>> read_heads(redis::client& redis, std::string data_set,
                                                      std::vector<std::string> shards) {
  std::vector<redis::command> commands;
  for (const auto& shard : shards) {
    commands.emplace_back("HMGET", seal_head_key(shard), "n", "h", "id", "e");
  }
  const auto answers = co_await redis.exec_all(std::move(commands));
  std::vector<result<chain_head>> heads;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (answers[i]) {
      heads.push_back(head_of(data_set, shards[i], *answers[i]));
    } else {
      heads.push_back(pass(answers[i]));
    }
  }
  co_return heads;
}

awaitable<std::vector<result<std::vector<stream_item>>>> read_behind(
    redis::client& redis, std::vector<std::string> shards, std::vector<stream_place> behind,
    std::size_t count) {
  std::vector<redis::command> commands;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    commands.emplace_back("XRANGE", sealed_stream_key(shards[i]), "(" + format_place(behind[i]),
                          "+", "COUNT", count);
  }
  auto answers = co_await redis.exec_all(std::move(commands));
  std::vector<result<std::vector<stream_item>>> found;
  for (std::size_t i = 0; i < shards.size(); ++i)
    found.push_back(items_of(shards[i], std::move(answers[i])));
  co_return found;
}

next_seal make_seal(crypto::digest& digest, v1::HashSuite suite, std::string_view shard,
                    const chain_head& before, const std::vector<stream_item>& items, instant now) {
  HL_ASSERT(!items.empty(), "a seal of something");
  seal_entry entry;
  entry.number = before.entries + 1;
  entry.at = now;
  entry.suite = suite;
  const bool people = shard == people_shard;
  entry.kind = people ? sealed_kind::audit_records : sealed_kind::ticket_events;
  entry.first = items.front().id;
  entry.last = items.back().id;
  entry.total = before.events + static_cast<std::int64_t>(items.size());
  entry.items.reserve(items.size());
  for (const stream_item& from : items) {
    auto item = people ? sealed_item() : place_of_event(shard, from.bytes);
    if (people) item.id = from.id;
    item.hash = digest.of(from.bytes);
    entry.items.push_back(item);
  }
  next_seal made;
  made.body = encode_seal(entry);
  made.head.entries = entry.number;
  made.head.events = entry.total;
  made.head.hash = seal_hash(digest, before.hash, made.body);
  made.head.sealed = entry.last;
  return made;
}

awaitable<std::vector<result<append_outcome>>> append_seals(redis::client& redis,
                                                            std::vector<append_request> requests) {
  std::vector<redis::command> commands;
  for (const auto& request : requests) {
    const std::vector<std::string> keys{seal_key(request.shard), seal_head_key(request.shard)};
    auto call = function_call("seal", keys);
    const bool first = request.before.entries == 0;
    call.add(request.before.entries)
        .add(first ? std::string_view() : crypto::as_bytes(request.before.hash))
        .add(crypto::as_bytes(request.seal.head.hash))
        .add(format_place(request.seal.head.sealed))
        .add(request.seal.head.events)
        .add(request.seal.body);
    commands.push_back(std::move(call));
  }
  const auto answers = co_await redis.exec_all(std::move(commands));
  std::vector<result<append_outcome>> outcomes;
  for (const auto& answer : answers) outcomes.push_back(outcome_of(answer));
  co_return outcomes;
}

awaitable<result<std::vector<stored_seal>>> read_seals(redis::client& redis, std::string shard,
                                                       std::int64_t number, std::size_t count) {
  auto answer = co_await redis.exec(
      redis::command("XRANGE", seal_key(shard), fmt::format("{}-0", number), "+", "COUNT", count));
  if (!answer) co_return pass(answer);
  std::vector<stored_seal> seals;
  for (auto& item : answer->take_array()) {
    auto parts = item.take_array();
    const auto id = parts.size() == 2 ? parse_place(parts[0].string()) : std::nullopt;
    if (!id || id->ms == 0 || id->ms >> 62U != 0)
      co_return damaged(shard, "an entry without a number");
    auto fields = parts[1].take_array();
    stored_seal seal;
    seal.number = static_cast<std::int64_t>(id->ms);
    // A wrong shape gives an empty body, which whoever checks the chain finds broken.
    const bool ours = id->sequence == 0 && fields.size() == 4 && fields[0].string() == "b" &&
                      fields[2].string() == "h";
    const auto hash = ours ? hash_of(fields[3].string()) : std::nullopt;
    if (hash) {
      seal.body = fields[1].take_string();
      seal.hash = *hash;
    }
    seals.push_back(std::move(seal));
  }
  co_return seals;
}

awaitable<result<void>> drop_seals_before(redis::client& redis, std::string shard,
                                          std::int64_t number) {
  const auto answer = co_await redis.exec(
      redis::command("XTRIM", seal_key(shard), "MINID", "~", fmt::format("{}-0", number)));
  if (!answer) co_return pass(answer);
  co_return result<void>{};
}

}  // namespace hotline::store
