// Reacting to events: reads the outbox of every shard for one group and hands the events to a
// handler, concurrently, but those of one ticket strictly in order.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/redis/client.hpp"
#include "common/runtime/counters.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/runtime/task_group.hpp"
#include "hotline/v1/event.pb.h"

namespace hotline::runtime {

/// What became of an event.
enum class handled {
  done,        ///< its effect is committed, or it needs none
  retry,       ///< not now (no Redis, overload): again after a pause; the ticket's next events wait
  impossible,  ///< never: to the dead letters
};

/// What a failure on the way means for the event: corrupt data is impossible, a command refused by
/// the rules is done, everything else passes.
handled handled_after(const failure& why);

struct reactor_options {
  std::string group;     ///< kind of reactor; one group of readers per name
  std::string consumer;  ///< this instance; the same name after a restart takes up what was left
  std::vector<std::string> shards;
  std::string lane{};  ///< of the outbox (store::lane_key); empty: all events
  /// False for kinds of events that the filter never wants: they are not even read.
  std::function<bool(v1::EventKind)> may_want{};
  redis::endpoint where;
  redis::credentials who;
  std::size_t batch_max = 256;      ///< entries per read
  std::size_t in_flight_max = 512;  ///< per shard: handed out and not finished
  /// Handlers at work at the same time, over all shards. Enough to keep Redis busy; more would only
  /// queue up there until commands run into their timeout.
  std::size_t handlers_max = 512;
  milliseconds block{1000};         ///< longest wait of one read; bounds nothing but idle traffic
  milliseconds claim_idle{30'000};  ///< what another instance left unfinished for so long is ours
  std::int64_t deliveries_max = 5;  ///< an event that failed so often goes to the dead letters
  /// Acknowledgements are gathered for so long: each one costs a write and a part of an fsync. What
  /// a crash leaves unacknowledged is seen again, and changes nothing then.
  milliseconds ack_delay{200};
  /// After a read that did not fill its batch, entries are left to gather for so long.
  milliseconds gather{0};
  milliseconds retry_first{50};     ///< pause before a retry, doubling
  milliseconds retry_last{2'000};   ///< up to here
  milliseconds drain_limit{5'000};  ///< at stop: how long what is in flight may take
};

/// For metrics; shared by the reactors of a process.
struct reactor_counters {
  counter events{0};   ///< read, redeliveries included
  counter handled{0};  ///< finished by the handler
  counter retries{0};
  counter buried{0};  ///< to the dead letters
  counter lost{0};    ///< vanished from the stream before they were handled
  histogram lag;      ///< from the event's instant to its end; real clock only
};

class reactor {
 public:
  /// Cheap look at an event: false = nothing to do, it is acknowledged without the handler.
  using filter = std::function<bool(const v1::Event&)>;
  using handler = std::function<boost::asio::awaitable<handled>(const v1::Event&)>;

  /// `shared` sends acknowledgements. Everything given outlives the reactor.
  reactor(boost::asio::any_io_executor executor, redis::client& shared, reactor_options options,
          filter wants, handler handle, reactor_counters& counters, task_counters& tasks,
          logger log);
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  /// Creates the groups where they are missing (reading from the beginning), then reads until the
  /// signal is raised; what is in flight then is finished and acknowledged (drain_limit), what was
  /// not begun stays pending for the next start. Fails only when the groups cannot be created.
  boost::asio::awaitable<result<void>> run(stop_signal& stopping);

 private:
  boost::asio::any_io_executor executor_;
  redis::client& shared_;
  reactor_options options_;
  filter wants_;
  handler handle_;
  reactor_counters& counters_;
  task_counters& task_counters_;
  logger log_;
};

}  // namespace hotline::runtime
