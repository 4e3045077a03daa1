#include "services/gateway/request_reading.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "common/json/text_rules.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view protobuf_type = "application/x-protobuf";
constexpr std::size_t key_bytes_max = 128;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// Takes the part before the next `separator` off `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// The type of the body without parameters; nothing when it has a charset that is not UTF-8.
std::optional<std::string_view> media_type(std::string_view content_type) {
  std::string_view rest = content_type;
  const std::string_view type = next_part(rest, ';');
  while (!rest.empty()) {
    const std::string_view parameter = next_part(rest, ';');
    if (!equal_ignoring_case(parameter, "charset=utf-8") &&
        !equal_ignoring_case(parameter, "charset=\"utf-8\"")) {
      return std::nullopt;
    }
  }
  return type;
}

net::problem unsupported_type() {
  net::problem p = make_problem(415, "media_type_not_supported", "不支持该内容类型。",
                                "The body must be application/json or application/x-protobuf.");
  p.field = "Content-Type";
  return p;
}

reading<void> read_protobuf(const std::string& bytes, const json::codec& codec,
                            google::protobuf::Message& out) {
  if (!out.ParseFromString(bytes)) {
    return std::unexpected(make_problem(400, "body_malformed", "请求内容不是合法的 protobuf 消息。",
                                        "The body is not a valid protobuf message."));
  }
  if (auto checked = codec.check(out); !checked) {
    return std::unexpected(problem_for_fault(checked.error()));
  }
  return {};
}

}  // namespace

reading<std::string> read_idempotency_key(const net::request& request) {
  const std::string* const key = request.header("Idempotency-Key");
  if (key == nullptr || key->empty()) {
    net::problem p = make_problem(400, "idempotency_key_required", "缺少幂等键。",
                                  "A request that changes something needs an Idempotency-Key.");
    p.field = "Idempotency-Key";
    return std::unexpected(std::move(p));
  }
  const auto visible = [](char c) { return c > ' ' && c < 0x7F; };
  if (key->size() > key_bytes_max || !std::ranges::all_of(*key, visible)) {
    return std::unexpected(bad_parameter("Idempotency-Key", "幂等键无效。",
                                         "A key is 1 to 128 visible ASCII characters."));
  }
  return *key;
}

reading<std::int64_t> read_expected_version(const net::request& request) {
  const std::string* const header = request.header("If-Match");
  if (header == nullptr || *header == "*") return 0;
  std::string_view text = *header;
  std::int64_t version = 0;
  const bool quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
  if (quoted) {
    text = text.substr(1, text.size() - 2);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (whole && version > 0 && text.front() != '0') return version;
  }
  return std::unexpected(bad_parameter("If-Match", "If-Match 应为带引号的版本号。",
                                       "If-Match is one version in quotes, e.g. \"7\"."));
}

reading<body_format> read_accepted(const net::request& request) {
  const std::string* const accept = request.header("Accept");
  if (accept == nullptr || trim(*accept).empty()) return body_format::json;
  std::string_view rest = *accept;
  bool takes_protobuf = false;
  while (!rest.empty()) {
    std::string_view range = next_part(rest, ',');
    const std::string_view type = next_part(range, ';');
    if (type == "*/*" || type == "application/*" || equal_ignoring_case(type, json_type)) {
      return body_format::json;
    }
    takes_protobuf = takes_protobuf || equal_ignoring_case(type, protobuf_type);
  }
  if (takes_protobuf) return body_format::protobuf;
  net::problem p = make_problem(406, "not_acceptable", "无法提供所要求的内容类型。",
                                "Answers are application/json or application/x-protobuf.");
  p.field = "Accept";
  return std::unexpected(std::move(p));
}

reading<void> read_body(const net::request& request, const json::codec& codec,
                        google::protobuf::Message& out) {
  const std::string* const content_type = request.header("Content-Type");
  if (content_type == nullptr) {
    if (request.body.empty()) return {};
    return std::unexpected(unsupported_type());
  }
  const auto type = media_type(*content_type);
  if (type && equal_ignoring_case(*type, protobuf_type)) {
    return read_protobuf(request.body, codec, out);
  }
  if (!type || !equal_ignoring_case(*type, json_type)) return std::unexpected(unsupported_type());
  if (request.body.empty()) return {};
  if (auto read = codec.read(request.body, out); !read) {
    return std::unexpected(problem_for_fault(read.error()));
  }
  return {};
}

reading<void> check_query(const net::request& request, std::span<const std::string_view> known) {
  const auto& query = request.query;
  for (auto at = query.begin(); at != query.end(); ++at) {
    if (std::ranges::find(known, at->first) == known.end()) {
      net::problem p = make_problem(400, "parameter_unknown", "没有这个查询参数。",
                                    "There is no such query parameter.");
      // What the client sent is shown back only when it is short and harmless.
      if (at->first.size() <= 64 && !json::has_forbidden_character(at->first)) p.field = at->first;
      return std::unexpected(std::move(p));
    }
    const auto same_name = [&](const auto& other) { return other.first == at->first; };
    if (std::find_if(query.begin(), at, same_name) != at) {
      return std::unexpected(
          bad_parameter(at->first, "查询参数重复出现。", "A query parameter is given twice."));
    }
  }
  return {};
}

reading<int> read_limit(const net::request& request) {
  constexpr int limit_default = 50;
  constexpr int limit_max = 200;
  const std::string* const text = request.query_value("limit");
  if (text == nullptr) return limit_default;
  int limit = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size() || limit < 1 ||
      limit > limit_max) {
    return std::unexpected(bad_parameter("limit", "limit 应为 1 至 200 的整数。",
                                         "limit is a whole number from 1 to 200."));
  }
  return limit;
}

reading<std::string> require_query(const net::request& request, std::string_view name,
                                   std::size_t bytes_max) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr || text->empty()) {
    net::problem p =
        make_problem(400, "parameter_required", "缺少查询参数。", "A query parameter is missing.");
    p.field = name;
    return std::unexpected(std::move(p));
  }
  if (text->size() > bytes_max || json::has_forbidden_character(*text)) {
    return std::unexpected(bad_parameter(name, "查询参数过长或含有控制字符。",
                                         "The parameter is too long or has control characters."));
  }
  return *text;
}

}  // namespace hotline::gateway
