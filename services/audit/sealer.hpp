// 审计: seals what was committed into the chains of the shards, and has the keeper bring heads and
// old entries out of Redis.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/redis/client.hpp"
#include "common/runtime/counters.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/store/seal_chain.hpp"
#include "services/audit/record_keeper.hpp"

namespace hotline::audit {

struct sealer_options {
  std::string data_set;
  std::vector<std::string> shards;  ///< the people's among them
  v1::HashSuite hash = v1::HASH_SUITE_SHA_256;
  milliseconds interval{300};  ///< between looks; with the work it stays below a second
  milliseconds keep_interval{60'000};
  std::size_t run_max = 512;  ///< events of a shard sealed by one entry
};

struct audit_counters {
  runtime::counter events{0};     ///< sealed
  runtime::counter entries{0};    ///< appended to chains
  runtime::counter overtaken{0};  ///< another sealer was first
  runtime::counter failures{0};   ///< of sealing, or of writing outside Redis. Alarm.
  runtime::counter heads{0};      ///< signed
  runtime::counter set_back{0};   ///< chains that went back. Alarm.
};

/// Any number may run: an entry is appended only to the end its sealer has seen. Everything given
/// outlives it.
class sealer {
 public:
  sealer(redis::client& redis, record_keeper& keeper, const clock& now, sealer_options options,
         audit_counters& counters, logger log);

  /// Until the signal; then seals what is there and exports the heads once more.
  boost::asio::awaitable<void> run(runtime::stop_signal& stopping);

  /// One look at all shards. Gives whether there may be more at once.
  boost::asio::awaitable<result<bool>> seal_once();
  /// Signs the heads, archives old entries.
  boost::asio::awaitable<result<void>> keep_once();

 private:
  boost::asio::awaitable<result<void>> learn_heads();
  /// Whether the chain is shorter than it was known to be; said and counted.
  bool is_set_back(std::size_t shard, const std::optional<store::chain_head>& known,
                   const store::chain_head& head);
  boost::asio::awaitable<void> seal_on(runtime::stop_signal& stopping);
  boost::asio::awaitable<void> keep_on(runtime::stop_signal& stopping);
  boost::asio::awaitable<void> keep();
  /// A shard whose chain or outbox is damaged is said so and left out; the others go on.
  void leave_out(std::size_t shard, const failure& why);

  redis::client& redis_;
  record_keeper& keeper_;
  const clock& now_;
  sealer_options options_;
  audit_counters& counters_;
  logger log_;
  crypto::digest digest_;
  std::vector<std::optional<store::chain_head>> heads_;  // by shard; nothing: it is left out
  bool known_ = false;                                   // heads_ is what Redis has
  bool compared_ = false;
};

}  // namespace hotline::audit
