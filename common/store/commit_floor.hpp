// The highest commit number seen of each shard: what tells a data set that was rolled back (an old
// backup, a promoted replica that lagged) from the one whose commits were acknowledged.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace hotline::store {

/// Thread-safe and lock-free: every thread's store reports to the same floor.
class commit_floor {
 public:
  /// Raises the floor of a shard (four digits); a lower number changes nothing.
  void seen(std::string_view shard, std::int64_t commit_no);

  /// 0 when no commit was seen.
  std::int64_t of(std::string_view shard) const;

  /// Shards with a commit, and their highest.
  std::map<std::string, std::int64_t> all() const;

 private:
  // One cell for every shard there can be: 80 kB buy the absence of locks.
  std::array<std::atomic<std::int64_t>, 10'000> highest_{};
};

}  // namespace hotline::store
