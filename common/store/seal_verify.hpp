// `hotline audit verify`: proves that nothing in the record was changed, removed, moved, inserted
// or cut off since it was sealed, and names the place where something was.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/seal_chain.hpp"

namespace hotline::store {

enum class tampering {
  chain_unreadable,  ///< an entry of the chain, or its end, is no such thing
  chain_broken,      ///< an entry's hash does not follow from its content and the one before
  chain_gap,         ///< entries are missing
  chain_rewritten,   ///< the chain is not the one whose head was signed
  chain_cut,         ///< the chain is shorter than its end says, or than a signed head
  event_differs,     ///< versions of a ticket's history are not what was sealed
  event_missing,     ///< versions of a ticket's history are gone
  event_unsealed,    ///< versions of a ticket's history that were never sealed: inserted
  event_twice,       ///< one version was sealed twice
  event_foreign,     ///< something was sealed that is no event of a ticket of this shard
  record_differs,    ///< an audit record is not what was sealed
  record_missing,    ///< an audit record is gone
  record_unsealed,   ///< an audit record that was never sealed, before the end of the chain
};
std::string_view to_string(tampering kind);

struct seal_problem {
  tampering kind{};
  std::string shard;
  std::int64_t entry = 0;  ///< of the chain; 0: none
  std::string ticket_no;   ///< empty: none
  /// The versions of the ticket at fault, in order.
  std::vector<std::int64_t> versions;
  std::string text;  ///< says the place in full
};

struct signed_head {
  std::string shard;
  std::int64_t entries = 0;
  std::int64_t events = 0;
  crypto::hash_value hash{};
  instant at;
  std::string source;  ///< "heads.jsonl:17"
};

struct seal_report {
  std::int64_t entries = 0;  ///< of chains
  std::int64_t events = 0;   ///< sealed, records included
  std::int64_t tickets = 0;
  std::int64_t heads = 0;     ///< signed heads compared
  std::int64_t waiting = 0;   ///< committed a moment ago, not yet sealed
  std::int64_t repeated = 0;  ///< sealed once more, unchanged, after an outbox was rebuilt
  std::map<tampering, std::int64_t> counts;
  std::vector<seal_problem> problems;

  bool clean() const { return counts.empty(); }
};

struct seal_verify_options {
  std::string data_set;
  std::vector<std::string> shards;  ///< without the people's, which is always looked at
  std::filesystem::path archive;    ///< directory; empty: there is none
  std::vector<signed_head> heads;   ///< whose signatures checked out
  std::size_t batch = 200;          ///< tickets per burst
  std::size_t problems_max = 1000;  ///< how many are described; all are counted
  std::function<void(const seal_report&)> progress;
};

/// Reads chains, histories and audit records once. The service may run meanwhile: what was not yet
/// sealed is looked for in the outbox before it is called inserted. Keeps some 80 bytes per event
/// of one shard in memory. Fails only when Redis or the archive cannot be read.
boost::asio::awaitable<result<seal_report>> verify_seals(redis::client& redis,
                                                         seal_verify_options options);

}  // namespace hotline::store
