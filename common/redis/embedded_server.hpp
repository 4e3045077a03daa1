// A redis-server of our own: started, configured so that acknowledged means durable, supervised.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/redis/endpoint.hpp"

namespace hotline::redis {

struct embedded_options {
  /// Data, configuration, log and socket; created with mode 0700. One server at a time: locked.
  std::string directory{};
  /// An AOF that is fsynced before every reply. Only tests say false: nothing is kept then.
  bool durable = true;
  std::string binary = "redis-server";
  std::uint64_t maxmemory_bytes = 0;  ///< 0: no limit; writes are refused beyond it
  /// Lines for the end of redis.conf, where they win. For tests.
  std::vector<std::string> extra_config{};

  milliseconds start_timeout{15'000};       ///< until it answers at all, and for the lock
  milliseconds loading_timeout{1'800'000};  ///< for reading a big AOF, with progress in the log
  milliseconds stop_timeout{10'000};        ///< between SIGTERM and SIGKILL
  milliseconds restart_first{100};          ///< pause before a restart, doubling from here
  milliseconds restart_last{5'000};         ///< to here

  std::function<void(const std::string& reason)> on_exit{};  ///< the server died by itself
  std::function<void()> on_restart{};                        ///< and is ready again
};

/// Belongs to one io_context. Create and start it on a thread that lives as long as the program:
/// the kernel kills the server when the thread that started it ends, so that it never outlives us.
class embedded_server {
 public:
  embedded_server(boost::asio::any_io_executor executor, embedded_options options, logger log);
  /// Ends the server if stop() has not, holding the thread for at most two seconds.
  ~embedded_server();
  embedded_server(embedded_server&&) = delete;

  /// Returns when the server answers; from then on it is restarted whenever it dies. Once.
  /// misconfigured: no such program, no usable directory, or another process uses it; unavailable:
  /// it did not come up, the detail has the end of its log; cancelled: stop() came in between.
  boost::asio::awaitable<result<void>> start();
  /// SIGTERM, wait, SIGKILL. Stop the clients first, or they see their connection break.
  boost::asio::awaitable<void> stop();

  /// The present process, or -1. Changes with a restart.
  pid_t pid() const;
  /// Where to connect; known after start().
  redis::endpoint endpoint() const;
  std::size_t restarts() const;

 private:
  class impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace hotline::redis
