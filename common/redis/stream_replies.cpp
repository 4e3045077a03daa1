#include "common/redis/stream_replies.hpp"

#include <utility>

namespace hotline::redis {

namespace {

std::unexpected<failure> unexpected_shape(const char* what) {
  return fail(errc::corrupt_data, std::string("Redis answered in an unexpected shape: ") + what);
}

result<entry> parse_entry(reply item) {
  auto pair = item.take_array();
  if (pair.size() != 2 || !pair[0].is_string()) return unexpected_shape("not a stream entry");
  entry parsed;
  parsed.id = pair[0].take_string();
  if (pair[1].is_nil()) {
    parsed.deleted = true;
    return parsed;
  }
  auto values = pair[1].take_array();
  if (values.size() % 2 != 0) return unexpected_shape("a field without a value");
  parsed.fields.reserve(values.size() / 2);
  for (std::size_t i = 0; i < values.size(); i += 2) {
    parsed.fields.emplace_back(values[i].take_string(), values[i + 1].take_string());
  }
  return parsed;
}

}  // namespace

result<std::vector<entry>> parse_entries(reply list) {
  if (!list.is_array()) return unexpected_shape("no list of stream entries");
  std::vector<entry> entries;
  entries.reserve(list.size());
  for (auto& item : list.take_array()) {
    auto parsed = parse_entry(std::move(item));
    if (!parsed) return pass(parsed);
    entries.push_back(std::move(*parsed));
  }
  return entries;
}

result<std::vector<entry>> parse_read(reply answer) {
  if (answer.is_nil()) return std::vector<entry>{};
  auto streams = answer.take_array();
  if (streams.size() != 1) return unexpected_shape("not one stream");
  auto named = streams[0].take_array();
  if (named.size() != 2) return unexpected_shape("a stream without entries");
  return parse_entries(std::move(named[1]));
}

result<autoclaim> parse_autoclaim(reply answer) {
  auto parts = answer.take_array();
  if (parts.size() != 3 || !parts[0].is_string() || !parts[2].is_array()) {
    return unexpected_shape("not the three parts of XAUTOCLAIM (Redis 7.0 or later is needed)");
  }
  autoclaim parsed;
  parsed.next = parts[0].take_string();
  auto entries = parse_entries(std::move(parts[1]));
  if (!entries) return pass(entries);
  parsed.entries = std::move(*entries);
  for (auto& id : parts[2].take_array()) parsed.deleted.push_back(id.take_string());
  return parsed;
}

}  // namespace hotline::redis
