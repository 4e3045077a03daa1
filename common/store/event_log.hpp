// The outbox of a shard as a reactor reads it: events in order, at least once, with a place for
// those nobody can handle.
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
#include "common/redis/stream_consumer.hpp"
#include "hotline/v1/event.pb.h"

namespace hotline::store {

struct logged_event {
  std::string id;  ///< of the stream entry; for ack and bury
  v1::Event event;
};

struct event_batch {
  std::vector<logged_event> events;
  /// Entries that were lost (trimmed or deleted) before this group finished them. Raise an alarm.
  /// It is on record with the shard, too: rebuild_outboxes brings the events back.
  std::vector<std::string> lost;
  /// Entries that went to the dead letters just now: unreadable, or delivered too often.
  std::vector<std::string> buried;
};

struct event_log_options {
  std::string shard;
  std::string group;     ///< kind of reactor, [a-zA-Z0-9_-]+
  std::string consumer;  ///< this instance; two that live at the same time must differ
  std::string lane{};    ///< of the outbox (keys.hpp); empty: all events
  redis::credentials who;
  /// Asked before an event is read: false for a kind that never matters to this group. Such an
  /// event is handed out with its kind alone, unread and unchecked. Empty: all are read.
  std::function<bool(v1::EventKind)> may_want{};
  /// Entries another instance left pending for so long are taken over.
  milliseconds claim_idle{30'000};
  /// An entry that was handed out so often without being acknowledged is buried.
  std::int64_t deliveries_max = 5;
};

/// One group, one shard, one instance. An entry is handed out until it is acknowledged; the reactor
/// acknowledges it once its effect is committed, and bears to see it again.
class event_log {
 public:
  /// `shared` sends acknowledgements; it outlives the log. Reading has a connection of its own.
  event_log(boost::asio::any_io_executor executor, redis::endpoint where, redis::client& shared,
            event_log_options options, logger log);

  /// Up to `count` events: those this instance did not finish before a restart or a broken
  /// connection, then new ones; waits up to `block` for the first. Empty when there is nothing.
  /// Failures as of redis::stream_consumer::read; just call again.
  boost::asio::awaitable<result<event_batch>> read(std::size_t count, milliseconds block);

  /// Up to `count` events other instances (or this one) left unfinished for claim_idle. Idleness
  /// follows the wall clock of the server: after a step of it two instances may have the same
  /// event.
  boost::asio::awaitable<result<event_batch>> take_stale(std::size_t count);

  /// The effects of these entries are durable. Whatever fails here is handed out again later.
  boost::asio::awaitable<result<void>> ack(std::vector<std::string> ids);

  /// This entry can never be handled: to the dead letters, in one step with its acknowledgement.
  boost::asio::awaitable<result<void>> bury(std::string id, std::string reason);

  /// A waiting read returns cancelled.
  void stop() { consumer_.stop(); }

 private:
  boost::asio::awaitable<result<void>> add(event_batch& batch, redis::entry entry,
                                           std::int64_t deliveries);
  boost::asio::awaitable<result<void>> give_up(std::vector<std::string> ids);

  redis::client& shared_;
  event_log_options options_;
  logger log_;
  redis::stream_consumer consumer_;
};

}  // namespace hotline::store
