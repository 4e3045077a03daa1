#include "common/net/http_target.hpp"

#include <algorithm>
#include <array>

namespace hotline::net {

namespace {

using char_set = std::array<bool, 256>;

constexpr char_set make_set(std::string_view extra) {
  char_set set{};
  for (int c = '0'; c <= '9'; ++c) set[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) set[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) set[static_cast<std::size_t>(c)] = true;
  for (const char c : extra) set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr char_set unreserved = make_set("-._~");
constexpr char_set path_chars = make_set("-._~!$&'()*+,;=:@/%");
// RFC 3986 and what browsers leave as it is in a query (WHATWG URL): [ ] { } | \ ^ `
constexpr char_set query_chars = make_set("-._~!$&'()*+,;=:@/%?[]{}|\\^`");

bool all_in(std::string_view text, const char_set& set) {
  for (const char c : text) {
    if (!set[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

enum class part { path, query };

bool append_decoded_byte(unsigned char byte, part where, std::string& out) {
  if (byte == 0) return false;
  if (where == part::path && (byte < 0x20 || byte == 0x7f || byte == '/')) return false;
  out.push_back(static_cast<char>(byte));
  return true;
}

bool percent_decode(std::string_view text, part where, std::string& out) {
  bool high = false;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      const int first = hex_value(text[i + 1]);
      const int second = hex_value(text[i + 2]);
      if (first < 0 || second < 0) return false;
      const auto byte = static_cast<unsigned char>(first * 16 + second);
      if (!append_decoded_byte(byte, where, out)) return false;
      high = high || byte >= 0x80;
      i += 2;
    } else {
      out.push_back(c == '+' && where == part::query ? ' ' : c);
    }
  }
  return !high || is_valid_utf8(out);
}

bool has_dot_segment(std::string_view path) {
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "." || segment == "..") return true;
    begin = end + 1;
  }
  return false;
}

bool decode_query(std::string_view text, field_list& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto& [name, value] = out.emplace_back();
    if (!percent_decode(pair.substr(0, equals), part::query, name)) return false;
    if (equals == pair.size()) continue;
    if (!percent_decode(pair.substr(equals + 1), part::query, value)) return false;
  }
  return true;
}

struct utf8_lead {
  int continuation_bytes;     // -1: not a lead byte
  unsigned char second_low;   // bounds of the second byte shut out overlong forms,
  unsigned char second_high;  // surrogates and what is above U+10FFFF
};

constexpr utf8_lead classify_lead(unsigned char lead) {
  if (lead < 0x80) return {0, 0, 0};
  if (lead < 0xc2) return {-1, 0, 0};
  if (lead < 0xe0) return {1, 0x80, 0xbf};
  if (lead == 0xe0) return {2, 0xa0, 0xbf};
  if (lead == 0xed) return {2, 0x80, 0x9f};
  if (lead < 0xf0) return {2, 0x80, 0xbf};
  if (lead == 0xf0) return {3, 0x90, 0xbf};
  if (lead < 0xf4) return {3, 0x80, 0xbf};
  if (lead == 0xf4) return {3, 0x80, 0x8f};
  return {-1, 0, 0};
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const utf8_lead lead = classify_lead(at(i));
    if (lead.continuation_bytes == 0) continue;
    if (lead.continuation_bytes < 0) return false;
    const auto length = static_cast<std::size_t>(lead.continuation_bytes);
    if (bytes.size() - i <= length) return false;
    if (at(i + 1) < lead.second_low || at(i + 1) > lead.second_high) return false;
    for (std::size_t k = 2; k <= length; ++k) {
      if ((at(i + k) & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

std::expected<http_target, http_fault> decode_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return std::unexpected(http_fault::target_form);
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = target.substr(std::min(mark + 1, target.size()));
  if (!all_in(path, path_chars) || !all_in(query, query_chars)) {
    return std::unexpected(http_fault::target_form);
  }
  http_target out;
  if (!percent_decode(path, part::path, out.path) || !decode_query(query, out.query)) {
    return std::unexpected(http_fault::target_encoding);
  }
  if (has_dot_segment(out.path)) return std::unexpected(http_fault::target_dots);
  return out;
}

std::string percent_encode(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved[byte]) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 0x0f]);
    }
  }
  return out;
}

}  // namespace hotline::net
