// A place in the outboxes of all shards, as the opaque text clients keep.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/store/stream_id.hpp"

namespace hotline::gateway::live {

/// By shard: behind this entry.
using position = std::map<std::string, store::stream_id, std::less<>>;

/// Some 150 characters for a province.
std::string format_position(const position& at);
/// Nothing for a text that format_position did not make.
std::optional<position> parse_position(std::string_view text);

}  // namespace hotline::gateway::live
