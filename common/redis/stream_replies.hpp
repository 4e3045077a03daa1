// From replies of stream commands to entries. Private to this room.
#pragma once

#include <vector>

#include "common/redis/reply.hpp"
#include "common/redis/stream_consumer.hpp"

namespace hotline::redis {

/// [[id, [field, value, ...]], [id, nil], ...]; corrupt_data for any other shape.
result<std::vector<entry>> parse_entries(reply list);

/// The answer of XREADGROUP for one stream: nil, or [[key, entries]].
result<std::vector<entry>> parse_read(reply answer);

/// The answer of XAUTOCLAIM: [next cursor, entries, deleted ids].
struct autoclaim {
  std::string next;
  std::vector<entry> entries;
  std::vector<std::string> deleted;
};
result<autoclaim> parse_autoclaim(reply answer);

}  // namespace hotline::redis
