// What leaves Redis: the signed heads of the chains, and their old entries.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/log.hpp"
#include "common/crypto/signature.hpp"
#include "common/redis/client.hpp"
#include "common/runtime/file_lock.hpp"
#include "common/store/seal_archive.hpp"
#include "services/audit/heads_file.hpp"

namespace hotline::audit {

struct keeper_options {
  std::filesystem::path directory;   ///< of the archive and of the lock; made where missing
  std::filesystem::path heads_file;  ///< its directory exists, or is `directory`
  std::int64_t events_kept = 5'000;  ///< the newest of a shard whose seals stay in Redis
};

/// Waits for the disk: not for a thread that serves. Of several processes with one directory the
/// one that has the lock writes; the others do nothing, until it ends.
class record_keeper {
 public:
  /// Client and key outlive the keeper.
  record_keeper(redis::client& redis, keeper_options options, const crypto::signing_key& key,
                logger log);

  /// Whether this process writes. Takes the lock and opens the files if nobody has them.
  result<bool> ready();

  /// Signs and writes the heads that grew since the last time. Gives how many did.
  result<std::size_t> export_heads(const std::vector<std::string>& shards,
                                   const std::vector<store::chain_head>& heads, instant now);

  /// Moves entries that are not among the newest to the archive of their shard.
  boost::asio::awaitable<result<void>> archive(std::string shard, store::chain_head head);

  /// Says in the log when Redis has less than what was signed last: it was set back or tampered
  /// with. Gives the number of such shards.
  std::size_t compare(const std::vector<std::string>& shards,
                      const std::vector<store::chain_head>& heads);

 private:
  redis::client& redis_;
  keeper_options options_;
  const crypto::signing_key& key_;
  logger log_;
  std::optional<runtime::file_lock> lock_;
  std::optional<heads_file> heads_;
  std::map<std::string, store::seal_archive> archives_;
  std::map<std::string, std::int64_t> exported_;  // entries, by shard
};

}  // namespace hotline::audit
