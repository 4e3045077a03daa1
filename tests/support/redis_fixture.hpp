// A fresh redis-server in a directory of its own and a connected client, for one test case.
#pragma once

#include <signal.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/base/log.hpp"
#include "common/redis/client.hpp"
#include "common/redis/embedded_server.hpp"
#include "tests/support/run_coro.hpp"

namespace hotline::test {

/// A directory under /tmp (short, so that sockets fit) that ends with this object.
class temporary_directory {
 public:
  temporary_directory() {
    std::string made = "/tmp/hl-test-XXXXXX";
    if (!mkdtemp(made.data())) throw std::runtime_error("mkdtemp failed");
    path_ = made;
  }
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline logger quiet_log() { return {make_null_sink(), "test"}; }

/// Ready in some 20 ms. Nothing is durable unless asked for. Members are public: a test may stop,
/// kill or replace what it likes.
class redis_fixture {
 public:
  explicit redis_fixture(std::vector<std::string> extra_config = {}, bool durable = false,
                         redis::client_options options = {})
      : server(context.get_executor(), server_options(std::move(extra_config), durable),
               quiet_log()) {
    ignore_sigpipe();
    const auto started = run_coro(context, server.start());
    if (!started) throw std::runtime_error(to_string(started.error()));
    client = make_client(std::move(options));
  }

  /// One more connected client of the same server.
  std::unique_ptr<redis::client> make_client(redis::client_options options = {}) {
    auto made = std::make_unique<redis::client>(context.get_executor(), server.endpoint(),
                                                std::move(options), quiet_log());
    made->start();
    wait_connected(*made);
    return made;
  }

  void wait_connected(redis::client& one) {
    const auto connected = run_coro(context, one.wait_connected(steady_now() + run_limit));
    if (!connected) throw std::runtime_error(to_string(connected.error()));
  }

  template <class T>
  T run(boost::asio::awaitable<T> work, std::chrono::steady_clock::duration limit = run_limit) {
    return run_coro(context, std::move(work), limit);
  }

  /// exec over the fixture's client.
  template <class... Args>
  result<redis::reply> exec(std::string_view verb, const Args&... args) {
    return run(client->exec(redis::command(verb, args...)));
  }

 private:
  static void ignore_sigpipe() { ::signal(SIGPIPE, SIG_IGN); }

  redis::embedded_options server_options(std::vector<std::string> extra_config, bool durable) {
    redis::embedded_options options;
    options.directory = directory.path() + "/data";
    options.durable = durable;
    options.extra_config = std::move(extra_config);
    return options;
  }

 public:
  boost::asio::io_context context{1};
  temporary_directory directory;
  redis::embedded_server server;
  std::unique_ptr<redis::client> client;
};

}  // namespace hotline::test
