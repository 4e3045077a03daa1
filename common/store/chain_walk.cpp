#include "common/store/chain_walk.hpp"

#include <fmt/core.h>

#include <utility>

namespace hotline::store {

chain_walk::chain_walk(std::string shard, crypto::hash_value genesis,
                       std::vector<signed_head> heads, reporter report, sink take)
    : shard_(std::move(shard)),
      report_(std::move(report)),
      take_(std::move(take)),
      stored_(genesis),
      computed_(genesis) {
  for (auto& head : heads) {
    const auto entries = head.entries;
    heads_.emplace(entries, std::move(head));
  }
}

void chain_walk::report(tampering kind, std::int64_t entry, std::string text) {
  report_({kind, shard_, entry, {}, {}, std::move(text)});
}

void chain_walk::add(const stored_seal& seal) {
  if (const auto seen = hashes_.find(seal.number); seen != hashes_.end()) {
    // The archive has it: one of the two was changed if they differ.
    if (seen->second != seal.hash)
      report(tampering::chain_broken, seal.number,
             fmt::format("entry {} of shard {} differs between Redis and the archive", seal.number,
                         shard_));
    return;
  }
  check_order(seal);
  hashes_.emplace(seal.number, seal.hash);
  auto entry = decode_seal(seal.body);
  const bool readable = entry && entry->number == seal.number;
  const bool follows = check_hash(seal, readable ? entry->suite : v1::HASH_SUITE_SHA_256);
  if (!readable) {
    report(tampering::chain_unreadable, seal.number,
           fmt::format("entry {} of shard {} cannot be read", seal.number, shard_));
  } else {
    const auto expected = total_ + static_cast<std::int64_t>(entry->items.size());
    // Behind a gap or damage the count starts from what this entry says.
    if (follows && follows_ && total_ >= 0 && entry->total != expected)
      report(tampering::chain_broken, seal.number,
             fmt::format("entry {} of shard {} counts {} events where {} are", seal.number, shard_,
                         entry->total, expected));
    take_(*entry, follows);
    if (follows) sealed_ = std::max(sealed_, entry->last);
  }
  check_signed(seal, readable ? entry->total : -1);
  total_ = readable ? entry->total : -1;
  last_ = seal.number;
  follows_ = true;
}

void chain_walk::check_order(const stored_seal& seal) {
  if (seal.number == last_ + 1) return;
  follows_ = false;
  if (seal.number <= last_) {
    report(tampering::chain_gap, seal.number,
           fmt::format("entry {} of shard {} stands behind entry {}", seal.number, shard_, last_));
    return;
  }
  report(tampering::chain_gap, last_ + 1,
         seal.number == last_ + 2
             ? fmt::format("entry {} of shard {} is missing", last_ + 1, shard_)
             : fmt::format("entries {} to {} of shard {} are missing", last_ + 1, seal.number - 1,
                           shard_));
}

/// False: the entry was changed, or nobody can tell, because the one before is missing.
bool chain_walk::check_hash(const stored_seal& seal, v1::HashSuite suite) {
  crypto::digest& digest = suite == v1::HASH_SUITE_SM3 ? sm3_ : sha256_;
  const bool known = follows_;
  const auto after_stored = seal_hash(digest, stored_, seal.body);
  // Where only the hash of the entry before was changed, its content still leads here.
  const bool sound = !known || after_stored == seal.hash ||
                     (computed_ != stored_ && seal_hash(digest, computed_, seal.body) == seal.hash);
  if (!sound)
    report(tampering::chain_broken, seal.number,
           fmt::format("entry {} of shard {} was changed: its hash does not follow", seal.number,
                       shard_));
  stored_ = seal.hash;
  computed_ = known ? after_stored : seal.hash;
  return sound;
}

void chain_walk::check_signed(const stored_seal& seal, std::int64_t events) {
  const auto [begin, end] = heads_.equal_range(seal.number);
  for (auto head = begin; head != end && !rewritten_; ++head) {
    if (head->second.hash == seal.hash && (events < 0 || head->second.events == events)) {
      last_good_signed_ = seal.number;
      continue;
    }
    rewritten_ = true;
    report(tampering::chain_rewritten, last_good_signed_ + 1,
           fmt::format("entries {} to {} of shard {} are not those that were signed ({})",
                       last_good_signed_ + 1, seal.number, shard_, head->second.source));
  }
}

void chain_walk::finish(const chain_head& end) {
  const auto seen = hashes_.find(end.entries);
  if (end.entries > last_) {
    report(
        tampering::chain_cut, last_ + 1,
        fmt::format("the chain of shard {} ends at entry {} and should at {}: entries from {} on "
                    "were cut off",
                    shard_, last_, end.entries, last_ + 1));
  } else if (seen != hashes_.end() && seen->second != end.hash) {
    report(tampering::chain_broken, end.entries,
           fmt::format("entry {} of shard {} is not the one the end of the chain names",
                       end.entries, shard_));
  } else if (end.entries == 0 && last_ > 0) {
    report(tampering::chain_unreadable, 0,
           fmt::format("the end of the chain of shard {} is missing", shard_));
  }
  const auto beyond = heads_.upper_bound(last_);
  if (beyond == heads_.end()) return;
  report(tampering::chain_cut, last_ + 1,
         fmt::format("the chain of shard {} ends at entry {}; entry {} was signed ({}): entries "
                     "from {} on were cut off",
                     shard_, last_, heads_.rbegin()->first, heads_.rbegin()->second.source,
                     last_ + 1));
}

}  // namespace hotline::store
