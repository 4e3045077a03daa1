// The highest commit number seen of each shard and each partner: what tells a data set that was
// rolled back (an old backup, a promoted replica that lagged) from the one whose commits were
// acknowledged.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace hotline::store {

/// Where commits are counted: a shard ("3708") or the exchange with a partner ("p:jining-12345").
bool is_commit_place(std::string_view place);

/// Thread-safe, and lock-free for shards: every thread's store reports to the same floor.
class commit_floor {
 public:
  /// Raises the floor of a place; a lower number changes nothing.
  void seen(std::string_view place, std::int64_t commit_no);

  /// 0 when no commit was seen.
  std::int64_t of(std::string_view place) const;

  /// Places with a commit, and their highest.
  std::map<std::string, std::int64_t> all() const;
  /// The same of partners alone, by their names.
  std::map<std::string, std::int64_t> partners() const;

 private:
  // One cell for every shard there can be: 80 kB buy the absence of locks.
  std::array<std::atomic<std::int64_t>, 10'000> highest_{};
  mutable std::mutex mutex_;  // guards the partners
  std::map<std::string, std::int64_t, std::less<>> of_partners_;
};

}  // namespace hotline::store
