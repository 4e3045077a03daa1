// How many connections may be open: in all, and from one address. Shared by the servers of a
// process (one per thread); asked once per connection, so a lock is fine here.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace hotline::net {

class connection_budget {
 public:
  connection_budget(std::size_t total_max, std::size_t per_peer_max)
      : total_max_(total_max), per_peer_max_(per_peer_max) {}

  /// Takes a place for a connection from `peer`; false when there is none. `counted` is false for
  /// a trusted proxy, whose connections belong to many clients: only the total applies.
  bool acquire(const std::string& peer, bool counted);
  /// Gives the place back, with the same arguments.
  void release(const std::string& peer, bool counted);

  std::size_t open() const;

 private:
  const std::size_t total_max_;
  const std::size_t per_peer_max_;
  mutable std::mutex mutex_;
  std::size_t open_ = 0;
  std::unordered_map<std::string, std::size_t> per_peer_;
};

}  // namespace hotline::net
