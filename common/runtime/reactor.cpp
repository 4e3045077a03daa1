#include "common/runtime/reactor.hpp"

#include <memory>
#include <utility>

#include "common/runtime/shard_reader.hpp"
#include "common/store/stream_keeper.hpp"

namespace hotline::runtime {

namespace asio = boost::asio;

handled handled_after(const failure& why) {
  switch (why.code) {
    case errc::rejected:
    case errc::not_found: return handled::done;
    case errc::corrupt_data:
    case errc::invalid_argument:
    case errc::key_reused:
    case errc::internal: return handled::impossible;
    case errc::conflict:
    case errc::overloaded:
    case errc::unavailable:
    case errc::refused:
    case errc::outcome_unknown:
    case errc::timeout:
    case errc::cancelled:
    case errc::wrong_data_set:
    case errc::misconfigured:
    case errc::io_error: return handled::retry;
  }
  return handled::retry;
}

reactor::reactor(asio::any_io_executor executor, redis::client& shared, reactor_options options,
                 filter wants, handler handle, reactor_counters& counters, task_counters& tasks,
                 logger log)
    : executor_(std::move(executor)),
      shared_(shared),
      options_(std::move(options)),
      wants_(std::move(wants)),
      handle_(std::move(handle)),
      counters_(counters),
      task_counters_(tasks),
      log_(std::move(log)) {}

asio::awaitable<result<void>> reactor::run(stop_signal& stopping) {
  for (const auto& shard : options_.shards) {
    const auto made = co_await store::ensure_group(shared_, shard, options_.group, options_.lane);
    if (!made) co_return pass(made);
  }
  task_group readers(executor_, task_counters_, log_);
  task_group events(executor_, task_counters_, log_);
  concurrency_gate gate(executor_, options_.handlers_max);
  const reactor_parts parts{executor_, shared_, options_, wants_,   handle_,
                            counters_, events,  gate,     stopping, log_};
  std::vector<std::unique_ptr<shard_reader>> shards;
  for (const auto& shard : options_.shards) {
    shards.push_back(std::make_unique<shard_reader>(parts, shard));
    readers.spawn("reader", shards.back()->run());
  }
  co_await stopping.wait();
  // A reader or handler that outstays the limit still refers to this frame: wait for it, but say
  // so.
  bool idle = co_await readers.wait_idle(options_.drain_limit);
  idle = co_await events.wait_idle(options_.drain_limit) && idle;
  while (!idle) {
    log_.warn("events still in hand at the end group={} count={}", options_.group,
              events.running());
    idle = co_await events.wait_idle(options_.drain_limit) &&
           co_await readers.wait_idle(options_.drain_limit);
  }
  for (const auto& shard : shards) co_await shard->flush();
  co_return result<void>{};
}

}  // namespace hotline::runtime
