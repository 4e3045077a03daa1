// Checks the entries of one audit chain in order; no input or output. Private to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/store/seal_chain.hpp"
#include "common/store/seal_verify.hpp"

namespace hotline::store {

class chain_walk {
 public:
  using reporter = std::function<void(seal_problem)>;
  /// What an entry seals; `sound` is false when the entry itself does not check out.
  using sink = std::function<void(const seal_entry&, bool sound)>;

  /// `heads`: the signed ones of this shard.
  chain_walk(std::string shard, crypto::hash_value genesis, std::vector<signed_head> heads,
             reporter report, sink take);

  /// The next entry. One that was seen already (Redis repeats what the archive has) must be equal.
  void add(const stored_seal& seal);
  /// After the last one; `end` was read before the first.
  void finish(const chain_head& end);

  std::int64_t last() const { return last_; }
  /// The last event sealed by an entry that could be read.
  const stream_place& sealed() const { return sealed_; }

 private:
  void check_order(const stored_seal& seal);
  bool check_hash(const stored_seal& seal, v1::HashSuite suite);
  void check_signed(const stored_seal& seal, std::int64_t events);
  void report(tampering kind, std::int64_t entry, std::string text);

  std::string shard_;
  std::multimap<std::int64_t, signed_head> heads_;  // by number of the entry
  reporter report_;
  sink take_;
  crypto::digest sha256_{v1::HASH_SUITE_SHA_256};
  crypto::digest sm3_{v1::HASH_SUITE_SM3};
  std::int64_t last_ = 0;
  std::int64_t total_ = 0;
  stream_place sealed_;
  bool follows_ = true;                // the entry before `last_ + 1` is known
  crypto::hash_value stored_{};        // hash of the last entry as it stands there
  crypto::hash_value computed_{};      // and as its content gives it
  std::int64_t last_good_signed_ = 0;  // entry
  bool rewritten_ = false;
  std::unordered_map<std::int64_t, crypto::hash_value> hashes_;  // of entries seen
};

}  // namespace hotline::store
