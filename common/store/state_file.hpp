// What this host remembers of its data set, outside Redis. Private to this room.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/base/error.hpp"

namespace hotline::store {

struct data_set_state {
  std::string id;
  std::string mode;                            ///< "live" or "rehearsal"
  std::map<std::string, std::int64_t> floors;  ///< highest commit number by place (commit_floor)

  bool operator==(const data_set_state&) const = default;
};

/// Nothing when there is no such file; corrupt_data when it does not check out; io_error.
result<std::optional<data_set_state>> read_state(const std::string& path);

/// Replaces the file as a whole and returns once it is on the disk.
result<void> write_state(const std::string& path, const data_set_state& state);

}  // namespace hotline::store
