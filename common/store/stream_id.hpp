// The id of an entry of a stream: "1795395600000-3".
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline::store {

struct stream_id {
  std::uint64_t ms = 0;
  std::uint64_t sequence = 0;
  auto operator<=>(const stream_id&) const = default;
};

std::string format_stream_id(const stream_id& id);
/// internal for anything that is no id.
result<stream_id> parse_stream_id(std::string_view text);

}  // namespace hotline::store
