// Where the Redis of a data directory is: ours, that of the process that owns it, or a given one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <optional>

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/redis/embedded_server.hpp"
#include "common/redis/endpoint.hpp"
#include "common/runtime/file_lock.hpp"
#include "common/runtime/stop_signal.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::program {

enum class when_owned {
  refuse,  ///< two full servers must not share a data directory
  join,    ///< connect to the Redis of the owner
};

/// User and password of a Redis of one's own; nothing to say for the embedded one. misconfigured:
/// the password file cannot be read or is empty, or they are given for the embedded Redis.
result<redis::credentials> credentials_of(const v1::RedisSettings& settings);

/// The first process on a data directory owns it, for as long as it lives, and runs the embedded
/// Redis; a process that joins finds the socket in the file `redis.endpoint`. Belongs to the main
/// thread, which lives as long as the program: the kernel ends the server with it.
class redis_host {
 public:
  redis_host(boost::asio::any_io_executor executor, v1::RedisSettings settings,
             std::filesystem::path data, logger log);

  /// misconfigured: somebody owns the directory (refuse), it cannot be used, there is no Redis
  /// program; unavailable: it does not come up.
  boost::asio::awaitable<result<void>> open(when_owned otherwise, runtime::stop_signal& stopping);
  /// Stop every client first.
  boost::asio::awaitable<void> close();

  const redis::endpoint& where() const { return where_; }
  /// How a connection introduces itself there; for client_options.
  const redis::credentials& who() const { return who_; }
  bool owns() const { return owner_.has_value(); }
  const redis::embedded_server* embedded() const { return server_ ? &*server_ : nullptr; }

 private:
  boost::asio::awaitable<result<void>> start_embedded();
  boost::asio::awaitable<result<void>> find_owner(runtime::stop_signal& stopping);

  boost::asio::any_io_executor executor_;
  v1::RedisSettings settings_;
  std::filesystem::path data_;
  logger log_;
  std::optional<runtime::file_lock> owner_;
  std::optional<redis::embedded_server> server_;
  redis::endpoint where_;
  redis::credentials who_;
};

}  // namespace hotline::program
