// One entry of an audit chain as bytes: what it seals, and how its hash follows from the one
// before.
//
// The body: format (1 byte, 1), hash suite (1 byte), kind (1 byte), then varints: number of the
// entry, instant, first id (ms, sequence), last id (ms since the first, sequence), events sealed so
// far in the chain, count; then one item per event. An item is, for a ticket's event, day (zigzag,
// since the item before), serial, version and the hash of the event's bytes; for an audit record,
// id (ms since the item before, sequence) and the hash. Some 36 bytes an item.
//
// Hash of entry n = H(hash of entry n-1 | body of entry n); entry 1 follows on a hash of the data
// set's id and the shard, so a chain cannot be moved.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/crypto/digest.hpp"

namespace hotline::store {

/// An id of a Redis stream.
struct stream_place {
  std::uint64_t ms = 0;
  std::uint64_t sequence = 0;
  auto operator<=>(const stream_place&) const = default;
};
std::string format_place(const stream_place& place);
std::optional<stream_place> parse_place(std::string_view text);

enum class sealed_kind : std::uint8_t { ticket_events = 0, audit_records = 1 };

struct sealed_item {
  std::int32_t day = 0;      ///< of the ticket number, since 1970
  std::uint32_t serial = 0;  ///< of the ticket number
  std::int64_t version = 0;  ///< 0: not an event of a ticket of this shard
  stream_place id;           ///< audit records only
  crypto::hash_value hash{};

  bool operator==(const sealed_item&) const = default;
};

/// The number of the ticket an item speaks of.
std::string ticket_no_of(std::string_view shard, const sealed_item& item);

struct seal_entry {
  std::int64_t number = 0;  ///< 1, 2, … without a gap
  instant at;
  v1::HashSuite suite = v1::HASH_SUITE_SHA_256;
  sealed_kind kind = sealed_kind::ticket_events;
  stream_place first;
  stream_place last;
  std::int64_t total = 0;  ///< events sealed by this entry and all before it
  std::vector<sealed_item> items;

  bool operator==(const seal_entry&) const = default;
};

std::string encode_seal(const seal_entry& entry);
/// corrupt_data for anything encode_seal does not make.
result<seal_entry> decode_seal(std::string_view body);

/// What entry 1 follows on.
crypto::hash_value seal_genesis(std::string_view data_set, std::string_view shard);
crypto::hash_value seal_hash(crypto::digest& digest, const crypto::hash_value& before,
                             std::string_view body);

/// Day, serial and version of an event, read from its bytes without parsing the rest of it; all
/// zero when the bytes are no event of a ticket of this shard.
sealed_item place_of_event(std::string_view shard, std::string_view bytes);

}  // namespace hotline::store
