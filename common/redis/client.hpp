// The Redis client the rest of the program uses.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/redis/command.hpp"
#include "common/redis/endpoint.hpp"
#include "common/redis/reply.hpp"

namespace hotline::redis {

/// Sends one command over a connection that is not yet given to the users of the client.
using exec_function = std::function<boost::asio::awaitable<result<reply>>(command)>;

struct client_options {
  /// Longest wait for an answer. When it passes, the connection is dropped and every command on it
  /// has an unknown outcome: a late reply must never be matched to another command.
  milliseconds command_timeout{2000};
  milliseconds connect_timeout{2000};
  /// Commands on their way at the same time on one connection; one more is overloaded.
  std::size_t pending_max = 32'768;
  /// Connections that share the commands. Redis reads some 32 KB from a connection before it writes
  /// and syncs its file: more of them put more commits under one fsync.
  std::size_t lines = 1;
  /// Pause before the next attempt to connect: doubles from first to last, with jitter.
  milliseconds reconnect_first{50};
  milliseconds reconnect_last{2000};
  /// A PING is sent after this time without traffic; 0: never. With command_timeout it bounds how
  /// long a peer that vanished without a word goes unnoticed.
  milliseconds ping_after_idle{2000};
  credentials who{};
  /// Runs on each new connection before anybody may use it, e.g. to check the data set's identity.
  /// A failure drops the connection; the next attempt follows after the pause.
  std::function<boost::asio::awaitable<result<void>>(exec_function)> on_connect{};
};

/// Connections shared by any number of coroutines of one io_context (one thread): pipelined by
/// nature, reconnecting by themselves. It never sends a command twice. With several lines, commands
/// that are not awaited one after the other may be carried out in any order.
///
/// Outcomes of a command, besides its reply (nil is a reply):
///   unavailable       nothing was sent, or Redis is loading or without its master: try again soon
///   overloaded        pending_max is reached, nothing was sent
///   refused           Redis answered with an error and did not do it; the detail is its text
///   outcome_unknown   sent, and no answer came: it may have happened
///   cancelled         stop() was called before it was sent
///   invalid_argument  a verb that must not be sent over a shared connection; nothing was sent
class client {
 public:
  client(boost::asio::any_io_executor executor, endpoint where, client_options options, logger log);
  /// Like stop(). Waiting coroutines are resumed by the io_context, if it still runs.
  ~client();
  client(client&&) = delete;

  /// Begins to connect, and to reconnect whenever a connection ends. Once.
  void start();
  /// Ends everything: commands that were sent get outcome_unknown, the others cancelled.
  void stop();

  /// Whether at least one connection is up.
  bool connected() const;
  /// Waits until there is a connection: unavailable (with the last reason) when there is none at
  /// the deadline, cancelled after stop().
  boost::asio::awaitable<result<void>> wait_connected(
      std::chrono::steady_clock::time_point deadline);

  boost::asio::awaitable<result<reply>> exec(command cmd);
  /// Sent in one burst over one connection, awaited together: outcomes in the order of the
  /// commands. Other commands may run in between; it is no transaction. Either all fit under
  /// pending_max or none is sent.
  boost::asio::awaitable<std::vector<result<reply>>> exec_all(std::vector<command> commands);

  /// Commands on their way.
  std::size_t pending() const;
  /// How many connections there have been; for metrics and for loss detection.
  std::size_t connections() const;

 private:
  class line;
  /// The line for the next command: in turn, leaving out those without a connection.
  line& next_line();

  std::vector<std::shared_ptr<line>> lines_;
  std::size_t turn_ = 0;
};

}  // namespace hotline::redis
