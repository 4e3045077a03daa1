#include "common/runtime/request_housekeeping.hpp"

#include "common/store/idempotency_keeper.hpp"

namespace hotline::runtime {

boost::asio::awaitable<void> keep_requests(redis::client& redis, std::chrono::hours keep,
                                           milliseconds interval, const clock& now,
                                           stop_signal& stopping, logger log) {
  do {
    const auto dropped = co_await store::drop_old_requests(redis, keep, now.now());
    if (!dropped) {
      log.warn("old requests not dropped reason=\"{}\"", to_string(dropped.error()));
    } else if (*dropped > 0) {
      log.info("old requests dropped days={}", *dropped);
    }
  } while (co_await stopping.sleep_for(interval));
}

}  // namespace hotline::runtime
