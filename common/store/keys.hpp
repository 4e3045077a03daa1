// The name of every key the hotline keeps in Redis for its tickets. Nowhere else is one built.
//
// "{3708}" is a hash tag: all keys of a shard live in one slot, so a commit stays atomic on a Redis
// Cluster too. The function library (functions.lua) checks these names again.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hotline::store {

/// "{3708}:"
std::string shard_prefix(std::string_view shard);

/// The number must be one domain::is_ticket_no accepts.
std::string ticket_key(std::string_view no);
std::string history_key(std::string_view no);

/// The outbox: a stream of events.
std::string events_key(std::string_view shard);
/// Commit counter, data set identity and number counters of a shard.
std::string head_key(std::string_view shard);
/// Answers to the idempotency keys of one civil day.
std::string idempotency_key(std::string_view shard, std::chrono::year_month_day day);
/// A sorted set of domain::derive: `name` is index_entry::key.
std::string derived_key(std::string_view shard, std::string_view name);
/// Events a group could not handle.
std::string dead_letters_key(std::string_view shard, std::string_view group);

/// Identity and mode of the whole data set.
std::string_view data_set_key();

/// Everything that belongs to a shard of the hotline; a SCAN pattern.
std::string_view shard_keys_pattern();

/// A key of a shard, taken apart; views into the key.
struct parsed_key {
  std::string_view shard;
  std::string_view family;  ///< "ticket", "history", "queue", "timers", …
  std::string_view name;    ///< behind the family: "ticket:" + name; empty if there is none
  std::string_view rest;    ///< family and name: what derived_key was given
};
/// Nothing when it is not a key of a shard.
std::optional<parsed_key> parse_key(std::string_view key);

/// Families that are not derived from tickets: everything else under a shard is a derived set.
bool is_reserved_family(std::string_view family);

}  // namespace hotline::store
