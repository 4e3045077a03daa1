#include "common/store/idempotency_keeper.hpp"

#include <algorithm>

#include "common/domain/civil.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {
namespace {

constexpr int days_back = 400;

}  // namespace

boost::asio::awaitable<result<std::int64_t>> drop_old_requests(redis::client& redis,
                                                               std::vector<std::string> shards,
                                                               std::chrono::hours keep,
                                                               instant now) {
  // The day `keep` ago may have records that are younger; the one before has none.
  const auto kept = std::max(keep, std::chrono::hours(24));
  const auto youngest = now - kept - std::chrono::days(1);
  std::vector<redis::command> commands;
  for (const auto& shard : shards) {
    redis::command drop("UNLINK");
    for (int back = 0; back < days_back; ++back) {
      drop.add(idempotency_key(shard, domain::civil_date(youngest - back * std::chrono::days(1))));
    }
    commands.push_back(std::move(drop));
  }
  const auto answers = co_await redis.exec_all(std::move(commands));
  std::int64_t dropped = 0;
  for (const auto& answer : answers) {
    if (!answer) co_return pass(answer);
    dropped += answer->integer();
  }
  co_return dropped;
}

}  // namespace hotline::store
