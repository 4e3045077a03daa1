// The steps of a verification of the audit chains. Private to this room.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/store/chain_walk.hpp"
#include "common/store/seal_archive.hpp"
#include "common/store/seal_verify.hpp"
#include "common/store/sealed_index.hpp"

namespace hotline::store {

class seal_verifier {
 public:
  seal_verifier(redis::client& redis, seal_verify_options options);

  boost::asio::awaitable<result<seal_report>> run();

 private:
  using step = boost::asio::awaitable<result<void>>;

  /// A version of a history no entry of the chain speaks of.
  struct unexplained {
    std::string shard;
    std::string no;
    std::int64_t version;
  };
  /// Where the chain of a shard ended when it was read.
  struct position {
    std::int64_t entries = 0;
    stream_place sealed;
  };

  step walk(std::string shard, chain_walk& chain);
  result<void> walk_archive(const std::string& shard, archive_reader& archive, chain_walk& chain);
  void add_seal(const stored_seal& seal, chain_walk& chain);
  step check_tickets_shard(std::string shard);
  step check_histories(std::string shard, std::vector<std::span<const sealed_event>> tickets);
  void check_history(const std::string& shard, std::span<const sealed_event> sealed,
                     const std::vector<redis::reply>& history);
  bool is_sealed_as(const sealed_event& event, const std::vector<redis::reply>& history);
  /// An outbox that was rebuilt hands events to the chain again: so many may be sealed twice.
  step check_repeated(std::string shard);
  /// Histories of tickets no chain knows.
  step find_unknown_histories();
  step check_unknown(std::vector<std::string> numbers);
  /// What was committed a moment ago is in the outbox, or sealed meanwhile; the rest was inserted.
  step explain(std::string shard, std::vector<unexplained> open);
  step check_records();
  void check_record(const sealed_item& sealed, std::int64_t entry, v1::HashSuite suite, bool sound,
                    const std::map<stream_place, stream_item>& found);

  chain_walk::reporter reporter();
  void report(seal_problem found);
  std::vector<signed_head> heads_of(std::string_view shard) const;
  crypto::digest& digest_of(v1::HashSuite suite);

  redis::client& redis_;
  seal_verify_options options_;
  seal_report report_;
  crypto::digest sha256_{v1::HASH_SUITE_SHA_256};
  crypto::digest sm3_{v1::HASH_SUITE_SM3};
  std::map<std::string, std::vector<ticket_code>, std::less<>> known_;  // in order
  std::map<std::string, position, std::less<>> positions_;
  std::map<std::string, std::vector<unexplained>, std::less<>> unexplained_;
  std::vector<seal_problem> repeated_;  // of the shard that is looked at
};

}  // namespace hotline::store
