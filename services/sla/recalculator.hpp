// 重算时限: when the hotline starts with another calendar or other rules about time than before,
// the clocks of all open tickets are computed again, by a recorded command for each that changes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"
#include "common/redis/client.hpp"
#include "common/runtime/counters.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/index_reader.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::sla {

/// A hash of everything in the configuration that clocks are computed from. Comments and the order
/// of files do not change it.
std::string terms_of_time(const v1::HotlineConfig& config);

struct recalculation_counters {
  runtime::counter looked_at{0};
  runtime::counter moved{0};
};

struct recalculator_options {
  std::string terms;     ///< terms_of_time of what this process runs with
  std::string consumer;  ///< this process among those that could do it
  std::size_t page = 100;
  milliseconds pause{100};         ///< between pages: at most a thousand tickets a second
  milliseconds turn{30'000};       ///< a process that is silent for so long has lost its turn
  milliseconds look_again{5'000};  ///< at what another process does
};

/// Goes through all tickets in the order of their birth, so that none is missed while timers move.
/// Where it stands is kept in Redis: whoever comes next, after a restart or a crash, goes on there.
/// One process at a time; two would only do twice what changes nothing the second time.
class recalculator {
 public:
  /// Everything given outlives it.
  recalculator(redis::client& redis, const store::index_reader& index,
               store::command_runner& runner, recalculator_options options,
               recalculation_counters& counters, logger log);

  /// Until everything is computed by today's terms, or the signal.
  boost::asio::awaitable<void> run(runtime::stop_signal& stopping);

  enum class step { more, waits, finished };
  /// One page, if it is this process's turn.
  boost::asio::awaitable<result<step>> work();

 private:
  boost::asio::awaitable<result<bool>> take_turn();
  /// What is written behind the hash of these terms; nothing: the work for them has not begun.
  boost::asio::awaitable<result<std::optional<std::string>>> progress();
  boost::asio::awaitable<result<void>> keep_progress(std::string where);
  boost::asio::awaitable<result<void>> recalculate(std::string no);

  redis::client& redis_;
  const store::index_reader& index_;
  store::command_runner& runner_;
  recalculator_options options_;
  recalculation_counters& counters_;
  logger log_;
};

}  // namespace hotline::sla
