// The name of every key the hotline keeps in Redis for its tickets. Nowhere else is one built.
//
// "{3708}" is a hash tag: all keys of a shard live in one slot, so a commit stays atomic on a Redis
// Cluster too. The function library (functions/) checks these names again.
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

/// The outbox: a stream of all events of a shard.
std::string events_key(std::string_view shard);
/// A lane of the outbox: a stream of those events that concern one service (domain::lanes_of), so
/// that it reads no others. Without a name: the outbox itself.
std::string lane_key(std::string_view shard, std::string_view lane);
/// Commit counter, data set identity and number counters of a shard.
std::string head_key(std::string_view shard);
/// Answers to the idempotency keys of one civil day. Of all shards: a client may use a key again
/// for a ticket of another one. (On a Redis Cluster they would have to lie with their tickets.)
std::string idempotency_key(std::chrono::year_month_day day);
/// A sorted set of domain::derive: `name` is index_entry::key.
std::string derived_key(std::string_view shard, std::string_view name);
/// Events a group could not handle.
std::string dead_letters_key(std::string_view shard, std::string_view group);

/// The shard of people: users, sessions and the record of everything that is not a ticket's. Its
/// head is like that of any shard; it has no tickets.
inline constexpr std::string_view people_shard = "0000";
std::string user_key(std::string_view id);
/// A sorted set: every user id, all with score 0, so in the order of their bytes.
std::string users_key();
/// A hash: "s" the session, "seen" when it was last used.
std::string session_key(std::string_view id);
/// A sorted set: session ids by the instant of their absolute end.
std::string sessions_key();
/// A hash: attempts to sign in, by account ("u:li") and address ("a:10.0.0.1").
std::string attempts_key();
/// A sorted set: when a record of attempts is of no use any more.
std::string attempts_due_key();
/// A sorted set: the spans of time in which the public channels were counted, by when they are
/// over.
std::string intake_spans_key();
/// A hash: what was counted in one of them ("day-20261125").
std::string intake_counter_key(std::string_view span);
/// A hash: the last step of each user's second factor that was used.
std::string totp_key();
/// Counts changes of rights and ends of sessions: who remembers a session looks again.
std::string epoch_key();
/// A hash: which ticket a row of a register (台账) was given.
std::string register_key();
/// The audit records: a stream.
std::string_view audit_key();
/// The audit chain of a shard: a stream of seals over what its outbox (of the people's shard: its
/// audit records) held, and a hash with the chain's end.
std::string seal_key(std::string_view shard);
std::string seal_head_key(std::string_view shard);

/// What was last recorded under a name, e.g. the fingerprint of the configuration.
std::string audit_note_key(std::string_view name);

/// "{p:jining-12345}:": everything of the exchange with a partner (Partner.name). All its keys
/// begin with it; functions/partner.lua puts the same names together.
std::string partner_prefix(std::string_view partner);
/// Commit counter, data set identity and cursor of a partner.
std::string partner_head_key(std::string_view partner);
/// What is known of a ticket by the partner's number, and what waits to be applied to it.
std::string partner_ticket_key(std::string_view partner, std::string_view external_no);
std::string partner_waiting_key(std::string_view partner, std::string_view external_no);
/// A sorted set: the partner's numbers with something to apply, by when to look.
std::string partner_due_key(std::string_view partner);
/// What a person has to look at: a hash, and a sorted set of its ids by when they came.
std::string partner_reviews_key(std::string_view partner);
std::string partner_reviews_order_key(std::string_view partner);
/// Messages of a ticket of ours to the partner.
std::string partner_out_key(std::string_view partner, std::string_view ticket_no);
/// A sorted set: versions of a ticket of ours the partner is to be told about.
std::string partner_order_key(std::string_view partner, std::string_view ticket_no);
/// A sorted set: our numbers with something to send, by when.
std::string partner_sending_key(std::string_view partner);
/// A sorted set: "<ticket no>:<version>" of what could not be sent, by when that was given up.
std::string partner_dead_key(std::string_view partner);

/// A sorted set: the partner's numbers of all its tickets, by when they were first told.
std::string partner_seen_key(std::string_view partner);
/// Sorted sets of what waits, by since when: the partner's numbers with something to apply;
/// "<ticket no>:<version>" of messages it has not heard.
std::string partner_unsettled_key(std::string_view partner);
std::string partner_unsent_key(std::string_view partner);
/// Sorted set of orders of files to be fetched, by since when.
std::string partner_fetches_made_key(std::string_view partner);
/// How the exchange goes, as the process that does it knows.
std::string partner_health_key(std::string_view partner);
/// Reports of comparisons with the partner (对账), newest first.
std::string partner_reconciliations_key(std::string_view partner);

/// Identity and mode of the whole data set.
std::string_view data_set_key();

/// Everything of the exchange with partners; a SCAN pattern.
std::string_view partner_keys_pattern();

/// How far the recalculation of clocks is: "<hash of the terms> <cursor>", or "… done".
std::string_view recalculation_key();
/// Whose turn it is to recalculate.
std::string_view recalculation_turn_key();

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

/// A key of a partner, taken apart; views into the key.
struct parsed_partner_key {
  std::string_view partner;
  std::string_view family;  ///< "ticket", "out", "sending", …
  std::string_view name;    ///< behind the family; empty if there is none
};
/// Nothing when it is not a key of a partner.
std::optional<parsed_partner_key> parse_partner_key(std::string_view key);

/// Families that are not derived from tickets: everything else under a shard is a derived set.
bool is_reserved_family(std::string_view family);

}  // namespace hotline::store
