// Reads a derived sorted set of all shards as if it were one: a unit's queue, its open tickets, a
// caller's tickets, all tickets.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

/// The shards there are, e.g. organisation::shards(); asked for on every call.
using shard_source = std::function<std::vector<std::string>()>;

/// A place in a set: behind this entry. It stays a place when the entry is gone.
struct index_cursor {
  double score = 0;
  std::string no;

  bool operator==(const index_cursor&) const = default;
};

/// Opaque text for API clients, [0-9.~-] only.
std::string format_cursor(const index_cursor& cursor);
/// invalid_argument for anything format_cursor did not make.
result<index_cursor> parse_cursor(std::string_view text);

struct index_member {
  std::string no;
  double score = 0;

  bool operator==(const index_member&) const = default;
};

struct index_page {
  std::vector<index_member> members;
  std::optional<index_cursor> next;  ///< nothing: this was the last page
};

enum class index_order {
  ascending,   ///< lowest score first: queues, timers
  descending,  ///< highest score first: the newest of "all"
};

/// A burst of one command per shard is one round trip. A read of several shards is not a snapshot;
/// a ticket that moves meanwhile may be seen twice or not at all, as with any paging.
class index_reader {
 public:
  index_reader(redis::client& redis, shard_source shards);

  /// Up to `limit` (1 to page_max) members behind `after`, in order of score, then number.
  boost::asio::awaitable<result<index_page>> page(std::string name,
                                                  std::optional<index_cursor> after,
                                                  std::size_t limit, index_order order) const;

  /// The members with score >= from, lowest first, at most `limit`.
  boost::asio::awaitable<result<std::vector<index_member>>> from_score(std::string name,
                                                                       double from,
                                                                       std::size_t limit) const;

  boost::asio::awaitable<result<std::int64_t>> count(std::string name) const;
  /// How many have from <= score < to.
  boost::asio::awaitable<result<std::int64_t>> count_between(std::string name, double from,
                                                             double to) const;
  /// Sizes of many sets in one round trip, in the order of the names; for boards.
  boost::asio::awaitable<result<std::vector<std::int64_t>>> counts(
      std::vector<std::string> names) const;

  std::vector<std::string> shards() const { return shards_(); }

  static constexpr std::size_t page_max = 1000;

 private:
  boost::asio::awaitable<result<std::int64_t>> sum(std::vector<redis::command> commands) const;

  redis::client& redis_;
  shard_source shards_;
};

/// Members and scores as ZRANGE .. WITHSCORES answers them; corrupt_data for anything else.
result<std::vector<index_member>> read_members(const redis::reply& answer);

}  // namespace hotline::store
