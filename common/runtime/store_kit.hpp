// Everything a thread needs to read and change tickets, on connections of its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"
#include "common/redis/client.hpp"
#include "common/store/board_reader.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/index_reader.hpp"
#include "common/store/number_source.hpp"
#include "common/store/queues.hpp"
#include "common/store/ticket_store.hpp"

namespace hotline::runtime {

/// What the kits of all threads are made from. Shared, immutable; outlives them.
struct store_access {
  redis::endpoint where;
  redis::client_options client;  ///< on_connect: the guard's check
  store::store_options options;  ///< data_set: the one the guard confirmed
  store::commit_floor& floor;
  store::province_source province;
  const clock& now;
  store::key_source keys;
};

/// The parts in the order in which they need each other; used as a struct.
class store_kit {
 public:
  /// `decide_by`: the clock commands are judged by, where it is not the access's.
  store_kit(boost::asio::any_io_executor executor, const store_access& access,
            const std::string& client_name, const logger& log, const clock* decide_by = nullptr);

  redis::client redis;
  store::ticket_store tickets;
  store::number_source numbers;
  store::personal_vault vault;
  store::command_runner runner;
  store::index_reader index;
  store::queues queues;
  store::board_reader board;
};

/// The shards of the present organisation.
store::shard_source shards_of(store::province_source province);

}  // namespace hotline::runtime
