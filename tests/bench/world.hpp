// What a run works on: a Redis of its own, the shipped province, and the real server as a child.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "child.hpp"
#include "common/domain/province.hpp"
#include "common/net/http_message.hpp"
#include "common/redis/client.hpp"
#include "common/redis/embedded_server.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/guard.hpp"
#include "common/store/ticket_store.hpp"
#include "hotline/v1/partner.pb.h"
#include "tests/support/run_coro.hpp"

namespace hotline::bench {

/// A durable Redis (fsync always) with the function library and an adopted data set.
class own_redis {
 public:
  own_redis(boost::asio::io_context& context, const std::filesystem::path& directory,
            const domain::province& land, store::data_set_mode mode);
  ~own_redis();

  redis::client& client() { return *client_; }
  store::ticket_store& store() { return *store_; }
  const std::string& data_set() const { return data_set_; }
  std::string socket() const;
  pid_t pid() const { return server_->pid(); }

  redis::reply exec(redis::command command);
  /// A number of `INFO section`, by its name.
  long long info(const std::string& section, const std::string& name);
  /// Microseconds inside Redis, of all calls of a command since the last CONFIG RESETSTAT.
  double function_us(const std::string& command);
  /// No rewrite of the AOF falls into a measurement: they are off from here on, and one that runs
  /// is waited for. (After one, the first write to every page of Redis costs a page fault.)
  void settle();

 private:
  boost::asio::io_context& context_;
  std::filesystem::path directory_;
  std::unique_ptr<redis::embedded_server> server_;
  std::unique_ptr<redis::client> client_;
  store::commit_floor floor_;
  std::unique_ptr<store::ticket_store> store_;
  std::string data_set_;
};

class world {
 public:
  explicit world(std::filesystem::path directory);
  ~world();

  boost::asio::io_context& context() { return context_; }
  const domain::province& land() const { return *land_; }
  own_redis& redis() { return *redis_; }
  child& server() { return *server_; }
  std::uint16_t port() const { return port_; }
  const std::filesystem::path& directory() const { return directory_; }

  /// The headers of an operator of the province who is signed in.
  const net::field_list& operator_headers() const { return operator_headers_; }
  /// Of a user with this post, made and signed in at the server that runs; from outside of run().
  net::field_list headers_of(const std::string& unit, const std::string& role);

  /// With the server down: an empty Redis, as new, in another directory.
  void renew_redis(store::data_set_mode mode = store::data_set_mode::live);
  /// With the server down: it exchanges with this partner alone from the next start on.
  void set_partner(const v1::Partner& partner, std::string_view secret);
  /// `services` as for `hotline serve --services`; empty: all of them.
  void start_server(const std::string& services = {});
  void stop_server();
  /// What the server keeps besides Redis: its keys among it.
  std::filesystem::path data_directory() const;
  /// Runs `hotline <verb>` on the server's data to its end; nothing when it fails.
  std::optional<finished_program> run_tool(const std::string& verb) const;
  /// With the server down: everything in the outbox counts as handled, and is dropped.
  void forget_outbox();

  template <class T>
  T run(boost::asio::awaitable<T> work, std::chrono::seconds limit = std::chrono::seconds(900)) {
    return test::run_coro(context_, std::move(work), limit);
  }

 private:
  void write_config() const;

  std::filesystem::path directory_;
  boost::asio::io_context context_{1};
  std::unique_ptr<domain::province> land_;
  std::unique_ptr<own_redis> redis_;
  std::unique_ptr<child> server_;
  std::uint16_t port_ = 0;
  net::field_list operator_headers_;
  std::map<std::string, net::field_list> signed_in_;
  int renewed_ = 0;
  store::data_set_mode mode_ = store::data_set_mode::live;
  std::string partners_;  ///< textproto; empty = those that are shipped, none of them active
};

}  // namespace hotline::bench
