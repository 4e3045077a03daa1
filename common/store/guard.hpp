// The start-up guard: does this Redis keep what it acknowledges, does it run our functions, and is
// it the data set we mean, as complete as we last saw it? If not, nothing is served.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/redis/client.hpp"
#include "common/store/commit_floor.hpp"

namespace hotline::store {

/// 演练 or the real thing. A data set is one or the other, for ever.
enum class data_set_mode { live, rehearsal };
std::string_view to_string(data_set_mode mode);

struct guard_options {
  /// Where this host keeps the id of its data set and the highest commit numbers it has seen. Its
  /// directory exists. Processes of one host may share it.
  std::string state_file;
  data_set_mode mode = data_set_mode::live;
  std::vector<std::string> shards;
  int replicas_min = 0;  ///< as store_options; Redis must then ask for as many itself
  bool durable = true;   ///< false: settings of Redis are not looked at. Only tests say that.
};

class guard {
 public:
  /// The floor outlives the guard.
  guard(guard_options options, commit_floor& floor, logger log);

  /// Once, before anything else: checks the settings, compares identity, mode and commit numbers
  /// with the state file, loads the function library where it is missing or older, and names an
  /// empty data set. misconfigured lists every wrong setting and what to set; wrong_data_set
  /// says what does not fit and what an operator has to do.
  boost::asio::awaitable<result<void>> start(redis::exec_function exec);

  /// On every new connection (client_options::on_connect) and from time to time: everything start
  /// looks at, against what was seen since. Creates no data set. Thread-safe after start.
  boost::asio::awaitable<result<void>> check(redis::exec_function exec) const;

  /// The id of the data set; known after start. Every commit names it.
  const std::string& data_set() const { return data_set_; }

  /// Writes the commit floor to the state file if it rose, and waits for the disk: not for a thread
  /// that serves. Every few seconds, and at the end.
  result<void> save_floor();

 private:
  boost::asio::awaitable<result<void>> check_settings(redis::exec_function exec) const;
  boost::asio::awaitable<result<void>> provide_library(redis::exec_function exec) const;
  boost::asio::awaitable<result<std::string>> find_data_set(redis::exec_function exec,
                                                            std::string remembered) const;
  boost::asio::awaitable<result<void>> require_empty(redis::exec_function exec) const;
  boost::asio::awaitable<result<std::string>> create_data_set(redis::exec_function exec) const;
  boost::asio::awaitable<result<void>> check_heads(redis::exec_function exec,
                                                   std::string data_set) const;
  boost::asio::awaitable<result<void>> check_head(redis::exec_function exec, std::string place,
                                                  std::string key, std::int64_t floor,
                                                  std::string data_set) const;
  boost::asio::awaitable<result<void>> adopt_shards(redis::exec_function exec);

  guard_options options_;
  commit_floor& floor_;
  logger log_;
  std::string data_set_;
};

}  // namespace hotline::store
