// One consumer of one stream in one group, on a connection of its own, because it blocks.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/redis/command.hpp"
#include "common/redis/endpoint.hpp"

namespace hotline::redis {

struct entry {
  std::string id;
  std::vector<std::pair<std::string, std::string>> fields;
  /// Pending for us, but no longer in the stream: its content is lost. Alarm, then acknowledge.
  bool deleted = false;
};

struct claimed_entry {
  entry item;
  std::int64_t deliveries = 0;  ///< how often it was handed out, this claim included
};

struct claim {
  std::vector<claimed_entry> entries;
  /// Were pending for somebody, but no longer in the stream: lost before anybody finished them.
  /// Redis has already dropped them from the group, so this is the only time they are seen. Alarm.
  std::vector<std::string> deleted;
  /// The whole pending list has been looked through since the last claim that said so.
  bool complete = false;
};

struct consumer_options {
  std::string stream{};    ///< key, e.g. "{3708}:events"
  std::string group{};     ///< one per kind of reader; created with id 0 where it is missing
  std::string consumer{};  ///< this reader; two that live at the same time must differ
  credentials who{};
  milliseconds connect_timeout{2000};
  milliseconds command_timeout{2000};
  milliseconds reconnect_first{50};
  milliseconds reconnect_last{2000};
};

/// At least once: an entry stays pending until it is acknowledged (see ack_command), and what was
/// pending is read again first after each reconnect. Connects by itself when it is used; after a
/// failure the next call waits a little longer each time, so a plain loop around read() is fine.
/// One call at a time.
class stream_consumer {
 public:
  stream_consumer(boost::asio::any_io_executor executor, endpoint where, consumer_options options,
                  logger log);
  ~stream_consumer();
  stream_consumer(stream_consumer&&) = delete;

  /// Up to `count` entries: first, once per connection, this consumer's own pending ones, then new
  /// ones. Waits up to `block` for the first new entry (0: not at all); nothing new is an empty
  /// vector. Redis counts the block on the wall clock; we give up a second after it on the steady
  /// one (errc::timeout) and reconnect. Also: unavailable, refused, cancelled after stop().
  boost::asio::awaitable<result<std::vector<entry>>> read(std::size_t count, milliseconds block);

  /// Takes over up to `count` entries that any consumer of the group left pending for `min_idle`.
  /// Redis counts idleness on the wall clock: a clock step makes entries look stale, so whoever
  /// handles them must bear to do it twice. Goes on where the last call stopped.
  boost::asio::awaitable<result<claim>> claim_stale(milliseconds min_idle, std::size_t count);

  /// XACK for these ids; to be sent over the shared client once their effect is durable.
  command ack_command(std::span<const std::string> ids) const;

  /// Ends the connection; a waiting call returns cancelled.
  void stop();

 private:
  class impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace hotline::redis
