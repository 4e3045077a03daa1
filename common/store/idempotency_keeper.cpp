#include "common/store/idempotency_keeper.hpp"

#include <algorithm>

#include "common/domain/civil.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {
namespace {

constexpr int days_back = 400;

}  // namespace

boost::asio::awaitable<result<std::int64_t>> drop_old_requests(redis::client& redis,
                                                               std::chrono::hours keep,
                                                               instant now) {
  // The day `keep` ago may have records that are younger; the one before has none.
  const auto kept = std::max(keep, std::chrono::hours(24));
  const auto youngest = now - kept - std::chrono::days(1);
  redis::command drop("UNLINK");
  for (int back = 0; back < days_back; ++back) {
    drop.add(idempotency_key(domain::civil_date(youngest - back * std::chrono::days(1))));
  }
  const auto dropped = co_await redis.exec(std::move(drop));
  if (!dropped) co_return pass(dropped);
  co_return dropped->integer();
}

}  // namespace hotline::store
