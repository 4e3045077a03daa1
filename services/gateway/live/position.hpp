// A place in the outboxes of all shards, and the sealed text of it that clients keep. It is
// nobody's in particular: what is told behind it is what its user may be told.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/store/stream_id.hpp"
#include "services/gateway/cursor_seal.hpp"

namespace hotline::gateway::live {

/// By shard: behind this entry.
using position = std::map<std::string, store::stream_id, std::less<>>;

/// Some 150 bytes for a province.
std::string pack_position(const position& at);
/// Nothing for bytes that pack_position did not make.
std::optional<position> unpack_position(std::string_view bytes);

std::string seal_position(const cursor_seal& seal, const position& at);
/// Nothing for a text that was not sealed by a gateway of this data set as a position.
std::optional<position> open_position(const cursor_seal& seal, std::string_view text);

}  // namespace hotline::gateway::live
