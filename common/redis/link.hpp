// One connection to Redis, one life: the adapter between hiredis and Asio. Private to this room.
//
// hiredis reads, writes and parses; the link tells it when the descriptor is ready, watches the
// oldest unanswered command, and hands every outcome to its waiter outside of hiredis frames.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/command.hpp"
#include "common/redis/endpoint.hpp"
#include "common/redis/reply.hpp"

struct redisAsyncContext;
struct redisReply;

namespace hotline::redis {

using time_point = std::chrono::steady_clock::time_point;

/// A command on its way and whoever waits for it. Consumed by exactly one of deliver and discard.
class operation {
 public:
  operation() = default;
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

  /// Keeps the outcome. Called inside hiredis frames: no user code.
  virtual void settle(result<reply> outcome) noexcept = 0;
  /// Gives the kept outcome to the waiter and ends the operation.
  virtual void deliver() = 0;
  /// Ends the operation without resuming the waiter: its io_context is going away.
  virtual void discard() noexcept = 0;

 protected:
  ~operation() = default;

 private:
  friend class operation_queue;
  friend class link;
  operation* next_ = nullptr;
  time_point deadline_{};
};

/// First in, first out, through the operations themselves.
class operation_queue {
 public:
  bool empty() const { return head_ == nullptr; }
  operation& front() const { return *head_; }
  void push(operation& op);
  operation& pop();

 private:
  operation* head_ = nullptr;
  operation* tail_ = nullptr;
};

struct link_options {
  milliseconds connect_timeout{2000};
  /// A PING is sent after this time without traffic, with `ping_timeout` to be answered; 0: never.
  milliseconds ping_after_idle{0};
  milliseconds ping_timeout{2000};
  std::size_t pending_max = 1024;
};

class link_registry;

class link : public std::enable_shared_from_this<link> {
 public:
  link(boost::asio::any_io_executor executor, link_options options);
  ~link();
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Connects. unavailable when nobody answers there; cancelled after close().
  boost::asio::awaitable<result<void>> open(endpoint where);

  bool is_open() const { return state_ == state::open; }
  std::size_t pending() const { return pending_count_; }

  /// Sends and waits. Deadlines must not decrease from one command to the next: only the oldest is
  /// watched. The first one that passes closes the link, because a late reply must never meet
  /// another command.
  boost::asio::awaitable<result<reply>> exec(command cmd, time_point deadline);
  /// Sends all in one burst; the outcomes come together, in order.
  boost::asio::awaitable<std::vector<result<reply>>> exec_all(std::vector<command> commands,
                                                              time_point deadline);

  /// Ends the connection. Commands that may have left get outcome_unknown, those that cannot have
  /// get `why` itself. Idempotent; completions follow by post.
  void close(failure why);
  /// Returns when the link has ended.
  boost::asio::awaitable<void> wait_closed();
  /// Why it ended.
  const failure& why() const { return why_; }

  /// Ends the connection and drops all waiters unresumed: the io_context is going away.
  void abandon() noexcept;

  struct hooks;  // what hiredis calls

 private:
  enum class state { idle, connecting, open, closed };

  std::optional<failure> refusal(std::size_t commands) const;
  void send(const command& cmd, operation& op, time_point deadline);
  void settle_now(operation& op, failure why);

  void adopt(redisAsyncContext* context);
  void on_connected(bool ok);
  void on_reply(operation& op, const redisReply* answer);
  void on_cleanup();
  void note_end();

  void want_read();
  void want_write();
  void arm_read();
  void arm_write();
  void wait_until_writable();
  void on_readable();
  void flush();

  void schedule_delivery();
  void deliver_settled();

  void watch_from(time_point when);
  void on_watch();
  void watch_for_idleness();
  void send_ping();

  boost::asio::any_io_executor executor_;
  link_options options_;
  link_registry& registry_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer watch_;
  boost::asio::steady_timer changed_;  // never expires; cancelled on each change of state

  redisAsyncContext* context_ = nullptr;
  state state_ = state::idle;
  failure why_{errc::unavailable, "not connected"};

  operation_queue pending_;
  operation_queue settled_;
  operation* first_unsent_ = nullptr;  // it and all behind it have surely not left
  std::size_t pending_count_ = 0;

  time_point connect_deadline_{};
  time_point last_traffic_{};
  time_point watch_at_{};
  bool watch_armed_ = false;
  bool want_read_ = false;
  bool want_write_ = false;
  bool read_armed_ = false;
  bool write_armed_ = false;
  bool delivery_scheduled_ = false;
  bool abandoned_ = false;
};

}  // namespace hotline::redis
