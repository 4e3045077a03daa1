// The part of a reactor that reads one shard. Private to this room.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/runtime/concurrency_gate.hpp"
#include "common/runtime/reactor.hpp"
#include "common/store/event_log.hpp"

namespace hotline::runtime {

/// What all shards of a reactor have in common; outlives its readers.
struct reactor_parts {
  boost::asio::any_io_executor executor;
  redis::client& shared;
  const reactor_options& options;
  const reactor::filter& wants;
  const reactor::handler& handle;
  reactor_counters& counters;
  task_group& tasks;
  concurrency_gate& gate;
  stop_signal& stopping;
  const logger& log;
};

/// Invariant: an entry is in `known_` from its first delivery until it is acknowledged or buried,
/// so a redelivery (after a reconnect, or by our own claim) is not handled a second time meanwhile.
class shard_reader {
 public:
  shard_reader(const reactor_parts& parts, std::string shard);
  shard_reader(const shard_reader&) = delete;
  shard_reader& operator=(const shard_reader&) = delete;

  /// Until the stop signal.
  boost::asio::awaitable<void> run();
  /// Acknowledges what is finished; at the end, when nothing is in flight any more.
  boost::asio::awaitable<void> flush();

 private:
  boost::asio::awaitable<void> bury_exhausted();
  boost::asio::awaitable<void> wait_for_room();
  boost::asio::awaitable<result<store::event_batch>> next_batch();
  void accept(store::logged_event entry);
  boost::asio::awaitable<void> drain(std::string ticket, store::logged_event entry);
  boost::asio::awaitable<bool> handle(const store::logged_event& entry);
  boost::asio::awaitable<handled> try_handle(const v1::Event& event);
  boost::asio::awaitable<bool> bury(std::string id, std::string reason);
  void finish(std::string id);
  boost::asio::awaitable<void> acknowledge();
  boost::asio::awaitable<bool> send_acks();
  void forget(std::string_view id);

  const reactor_parts& parts_;
  std::string shard_;
  store::event_log log_;
  std::unordered_set<std::string> known_;
  /// Tickets being handled, and what waits behind the event in hand.
  std::unordered_map<std::string, std::deque<store::logged_event>> busy_;
  std::vector<std::string> finished_;  // not yet acknowledged
  bool acknowledging_ = false;
  std::size_t in_flight_ = 0;
  boost::asio::steady_timer room_;  // cancelled when there is room again
  std::chrono::steady_clock::time_point next_claim_;
};

}  // namespace hotline::runtime
