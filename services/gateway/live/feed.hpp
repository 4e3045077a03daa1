// Follows the outboxes and tells every connected client what concerns it: one per gateway thread.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/net/problem.hpp"
#include "common/store/board_reader.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/index_reader.hpp"
#include "common/store/stream_tail.hpp"
#include "common/store/ticket_store.hpp"
#include "services/gateway/live/complaints.hpp"
#include "services/gateway/live/event_ring.hpp"
#include "services/gateway/live/round.hpp"
#include "services/gateway/live/session.hpp"

namespace hotline::gateway::live {

/// Of all threads; for metrics.
struct live_counters {
  std::atomic<std::int64_t> sockets{0};    ///< now
  std::atomic<std::uint64_t> messages{0};  ///< queued to clients
  std::atomic<std::uint64_t> resyncs{0};   ///< clients told to load again
  std::atomic<std::uint64_t> slow{0};      ///< times a client's queue was full and was dropped
  std::atomic<std::uint64_t> gaps{0};      ///< events trimmed before this reader saw them
};

struct feed_options {
  milliseconds poll{100};
  milliseconds check{250};          ///< how often it is asked whether a client is still valid
  milliseconds beat{25'000};        ///< longest silence towards a client
  milliseconds rest_after{60'000};  ///< without subscriptions; then nothing is read
  milliseconds future_wait{3'000};  ///< for a position that is ahead of this reader
  std::size_t topics_max = 64;      ///< per client
  std::size_t requests_waiting_max = 32;
  std::size_t events_kept = 2'000;  ///< per shard, for those who come back
  std::size_t begin_with = 500;     ///< events per shard read at the start
  std::size_t batch = 1'000;        ///< events per shard and read; less than housekeeping keeps
  std::size_t missed_events_max = 2'000;
  std::size_t missed_tickets_max = 300;
  bool rehearsal = false;
};

struct feed_parts {
  redis::client& redis;
  store::ticket_store& tickets;
  store::board_reader& board;
  store::index_reader& index;
  store::province_source province;
  /// Seals positions; the same in all gateways of a data set.
  std::shared_ptr<const cursor_seal> seal;
  const clock& now;
  live_counters& counts;
  logger log;
  /// Told of a subscription that was refused; empty: nobody wants to know.
  std::function<void(const v1::Actor&, const net::problem&)> on_refused = {};
};

class feed {
 public:
  feed(boost::asio::any_io_executor executor, feed_parts parts, feed_options options);
  ~feed();
  feed(const feed&) = delete;  // sockets call back
  feed& operator=(const feed&) = delete;

  /// Reads and tells, until stop().
  boost::asio::awaitable<void> follow();
  /// Ends clients that may not stay, and breaks silences; by itself, so that a stalled Redis does
  /// not keep a withdrawn right alive. Until stop().
  boost::asio::awaitable<void> watch();
  /// Says goodbye to everybody.
  void stop();

  /// A new client. Never throws it out by itself at once: an invalid one is told so.
  void join(std::shared_ptr<net::ws_session> socket, client who);

  std::size_t sessions() const { return sessions_.size(); }
  /// Whether the outboxes are being read.
  bool following() const { return following_; }

 private:
  using session_ptr = std::shared_ptr<session>;
  struct asked {
    session_ptr who;
    v1::LiveRequest request;
    std::chrono::steady_clock::time_point since;
  };
  struct resumed {
    session_ptr who;
    std::vector<seen_event> missed;
  };

  // Clients (feed_clients.cpp)
  void receive(const session_ptr& who, std::string_view message);
  void caught_up(const session_ptr& who);
  void leave(const session_ptr& who);
  void index(const std::string& key, session* who);
  void unindex(const std::string& key, session* who);
  void look_after(const session_ptr& who, std::chrono::steady_clock::time_point now);
  void recheck_topics();
  void tell(session& who, v1::LiveMessage message, bool with_position);
  void tell_resync(session& who, v1::ResyncReason reason);
  void tell_problem(session& who, const std::string& id, v1::LiveProblem problem);
  void forget_topics(session& who);
  void say_bye(session& who, v1::ByeReason reason);

  // Requests (feed_requests.cpp)
  boost::asio::awaitable<result<void>> serve_inbox();
  void serve(const asked& one, const loaded_tickets& tickets);
  std::optional<std::vector<topic>> check_topics(session& who, const v1::LiveRequest& request,
                                                 const loaded_tickets& tickets);
  std::optional<net::problem> why_not(const session& who, const topic& t,
                                      const loaded_tickets& tickets) const;
  void subscribe(session& who, const std::vector<topic>& topics);
  void resume(const asked& one, const std::vector<topic>& topics);
  void confirm(session& who, const std::string& id, bool resumed);

  // Rounds (feed_rounds.cpp)
  boost::asio::awaitable<void> pause();
  boost::asio::awaitable<result<void>> begin();
  boost::asio::awaitable<result<void>> begin_anew();
  boost::asio::awaitable<result<void>> go_round();
  boost::asio::awaitable<result<void>> skip_gap();
  boost::asio::awaitable<result<loaded_tickets>> load(std::set<std::string> numbers) const;
  boost::asio::awaitable<result<past_tickets>> load_past(const change_list& live,
                                                         const std::vector<change_list>& missed,
                                                         const loaded_tickets& tickets) const;
  bool hidden_from_watchers(const changed_ticket& change, const v1::Ticket& now) const;
  bool hidden_from(const session& who, const changed_ticket& change, const v1::Ticket& now) const;
  boost::asio::awaitable<result<board_rows>> count_rows(std::set<std::string> units,
                                                        instant now) const;
  bool may_concern(const changed_ticket& change) const;
  void add_dirty(const change_list& list, const loaded_tickets& tickets,
                 std::set<std::string>& dirty) const;
  void note_day(instant now, std::set<std::string>& dirty);
  void mark_boards(session& who) const;
  void find_hits(const round_texts& round, std::vector<session*>& found);
  bool judge(const session& who, session::hit& hit, const changed_ticket& change,
             const round_texts& round) const;
  void deliver(session& who, round_texts& round);
  void deliver_missed(session& who, const change_list& missed, const round_texts& round);
  void send_all(session& who, const std::vector<text>& messages);
  std::vector<store::tail_place> places() const;

  // Rows of readers whom complaints are about (feed_rows.cpp)
  void want_complaints(const session& who);
  boost::asio::awaitable<result<void>> catch_up_complaints(
      const std::vector<std::pair<std::string, seen_event>>& fresh, instant now);
  own_rows rows_for(const session& who, std::vector<std::string> units,
                    const board_rows& rows) const;

  feed_parts parts_;
  feed_options options_;
  store::stream_tail tail_;
  json::codec codec_;
  event_ring ring_;
  complaints complaints_;  // about those who watch boards

  std::vector<session_ptr> sessions_;
  std::unordered_map<std::string, std::set<session*>> index_;
  std::size_t wide_topics_ = 0;  // subscriptions that are found through the ticket only
  std::vector<asked> inbox_;
  std::vector<resumed> resumed_;
  std::shared_ptr<const domain::province> land_;  // as of the last round

  boost::asio::steady_timer round_timer_;
  boost::asio::steady_timer watch_timer_;
  std::chrono::steady_clock::time_point next_round_;
  std::chrono::steady_clock::time_point wanted_at_;  // when there last was a subscription
  std::chrono::year_month_day day_{};
  std::vector<asked> deferred_;  // resumes from a place this reader has not reached yet
  bool following_ = false;
  bool asked_ = false;    // something new is in the inbox
  bool failing_ = false;  // the last round; logged once
  bool stopping_ = false;
};

}  // namespace hotline::gateway::live
