#include "common/runtime/store_kit.hpp"

#include <utility>

namespace hotline::runtime {
namespace {

/// Enough that what a thread has in flight fits into one turn of Redis's loop, and one fsync.
constexpr std::size_t lines = 4;

redis::client_options named(redis::client_options options, const std::string& name) {
  options.who.client_name = name;
  options.lines = lines;
  return options;
}

}  // namespace

store::shard_source shards_of(store::province_source province) {
  return [province = std::move(province)] {
    const auto land = province();
    std::vector<std::string> shards;
    for (const auto shard : land->org.shards()) shards.emplace_back(shard);
    return shards;
  };
}

store_kit::store_kit(boost::asio::any_io_executor executor, const store_access& access,
                     const std::string& client_name, const logger& log, const clock* decide_by)
    : redis(executor, access.where, named(access.client, client_name), log.sub("redis")),
      tickets(redis, access.floor, access.options),
      numbers(executor, redis, access.options.data_set),
      vault(access.keys),
      runner(tickets, numbers, decide_by ? *decide_by : access.now, access.province, vault),
      index(redis, shards_of(access.province)),
      queues(index, tickets, runner, decide_by ? *decide_by : access.now),
      board(redis, shards_of(access.province)) {
  redis.start();
}

}  // namespace hotline::runtime
