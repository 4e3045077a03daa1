// The numbers of the board, counted from the derived sets of all shards.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/domain/board.hpp"
#include "common/redis/client.hpp"
#include "common/store/index_reader.hpp"
#include "hotline/v1/api.pb.h"

namespace hotline::store {

/// One function call a shard, all in one round trip. A ticket lives in one shard for ever and a
/// shard is counted in one step, so every ticket is counted exactly once, as it is at an instant
/// between question and answer.
class board_reader {
 public:
  board_reader(redis::client& redis, shard_source shards);

  /// A row per unit, in the order asked for, without names. `now` says which day and month it is.
  boost::asio::awaitable<result<std::vector<v1::BoardRow>>> rows(
      std::vector<std::string> units, instant now,
      domain::board_scope scope = domain::board_scope::all);

  /// The same for units that are asked for again and again: a shard in which nothing was committed
  /// since is not counted anew. What changes without a commit (a repair of derived sets) shows
  /// after `remembered_for` at the latest.
  boost::asio::awaitable<result<std::vector<v1::BoardRow>>> rows_again(
      std::vector<std::string> units, instant now,
      domain::board_scope scope = domain::board_scope::all);

  static constexpr milliseconds remembered_for{1'000};

 private:
  /// What a shard counted last.
  struct shard_counts {
    std::string stamp;
    std::vector<redis::reply> numbers;
    std::chrono::steady_clock::time_point at;
  };
  using counts_by_shard = std::map<std::string, shard_counts>;

  boost::asio::awaitable<result<std::vector<v1::BoardRow>>> count(
      std::vector<std::string> units, instant now, domain::board_scope scope,
      std::shared_ptr<counts_by_shard> known);

  std::map<std::string, std::shared_ptr<counts_by_shard>> remembered_;  // by scope, units, day
  redis::client& redis_;
  shard_source shards_;
};

}  // namespace hotline::store
