// The audit chain of a shard in Redis: what is still to be sealed, appending an entry, reading it
// back.
//
// Of a shard of tickets the outbox is sealed, of the people's shard "0000" the audit records. The
// sealer reads without a consumer group: what it has not sealed is what lies behind the head.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/seal_entry.hpp"

namespace hotline::store {

/// The end of a chain.
struct chain_head {
  std::int64_t entries = 0;
  std::int64_t events = 0;
  crypto::hash_value hash{};  ///< of the last entry; of nothing: seal_genesis
  stream_place sealed;        ///< the last event that is sealed

  bool operator==(const chain_head&) const = default;
};

/// An event or record of a stream that is to be sealed.
struct stream_item {
  stream_place id;
  std::string bytes;
  /// Exactly one field "e", as we write it. Anything else was not written by us.
  bool ours = true;
};

/// An entry as it is stored.
struct stored_seal {
  std::int64_t number = 0;
  std::string body;
  crypto::hash_value hash{};

  bool operator==(const stored_seal&) const = default;
};

/// The stream that is sealed for a shard.
std::string sealed_stream_key(std::string_view shard);

/// Whether a failure lies in what a shard holds (damage, a key of another type), so that it says
/// nothing of the other shards.
bool is_of_one_shard(const failure& f);

/// The ends of the chains, in the order of the shards. corrupt_data for one that cannot be read.
boost::asio::awaitable<std::vector<result<chain_head>>> read_heads(redis::client& redis,
                                                                   std::string data_set,
                                                                   std::vector<std::string> shards);

/// Up to `count` items of each shard behind these places, in one burst.
boost::asio::awaitable<std::vector<result<std::vector<stream_item>>>> read_behind(
    redis::client& redis, std::vector<std::string> shards, std::vector<stream_place> behind,
    std::size_t count);

/// The next entry of a chain over these items (at least one), and the head it makes.
struct next_seal {
  std::string body;
  chain_head head;
};
next_seal make_seal(crypto::digest& digest, v1::HashSuite suite, std::string_view shard,
                    const chain_head& before, const std::vector<stream_item>& items, instant now);

struct append_request {
  std::string shard;
  chain_head before;
  next_seal seal;
};
enum class append_outcome {
  appended,
  overtaken,  ///< the chain has another end: somebody else sealed, read the heads again
  unknown,    ///< no answer: read the heads again
};
/// Appends to each chain if its end still is `before`; one burst, outcomes in the order asked for.
/// A failure: that chain cannot take an entry at all.
boost::asio::awaitable<std::vector<result<append_outcome>>> append_seals(
    redis::client& redis, std::vector<append_request> requests);

/// Entries of the chain that are in Redis, from `number` on, at most `count`.
boost::asio::awaitable<result<std::vector<stored_seal>>> read_seals(redis::client& redis,
                                                                    std::string shard,
                                                                    std::int64_t number,
                                                                    std::size_t count);

/// Removes entries before `number`, which an archive has on its disk. A few may stay.
boost::asio::awaitable<result<void>> drop_seals_before(redis::client& redis, std::string shard,
                                                       std::int64_t number);

}  // namespace hotline::store
