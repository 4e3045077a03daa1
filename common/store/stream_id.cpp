#include "common/store/stream_id.hpp"

#include <fmt/core.h>

#include <charconv>

namespace hotline::store {

std::string format_stream_id(const stream_id& id) {
  return fmt::format("{}-{}", id.ms, id.sequence);
}

result<stream_id> parse_stream_id(std::string_view text) {
  stream_id id;
  const char* end = text.data() + text.size();
  const auto ms = std::from_chars(text.data(), end, id.ms);
  if (ms.ec != std::errc() || ms.ptr == end || *ms.ptr != '-') {
    return fail(errc::internal, "Redis answered with a stream id that is none");
  }
  std::from_chars(ms.ptr + 1, end, id.sequence);
  return id;
}

}  // namespace hotline::store
