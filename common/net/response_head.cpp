#include "common/net/response_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hotline::net {

namespace {

bool is_field_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

bool is_field_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f && c != ':'; });
}

bool is_set_by_server(std::string_view name) {
  constexpr std::array<std::string_view, 6> ours{"Content-Length",    "Content-Type",
                                                 "Transfer-Encoding", "Connection",
                                                 "X-Request-Id",      "X-Content-Type-Options"};
  return std::ranges::any_of(ours,
                             [name](std::string_view own) { return equal_field_names(own, name); });
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

bool is_sendable(const response& r) {
  return r.status >= 200 && r.status <= 599 && is_field_text(r.content_type) &&
         std::ranges::all_of(r.headers, [](const auto& field) {
           return is_field_name(field.first) && is_field_text(field.second) &&
                  !is_set_by_server(field.first);
         });
}

bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }

void append_response_head(std::string& out, const response& r, std::string_view request_id,
                          bool keep_alive) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(r.status));
  out.append(" ").append(reason_phrase(r.status));
  if (status_has_body(r.status)) {
    out.append("\r\nContent-Length: ");
    append_number(out, r.body.size());
    if (!r.content_type.empty()) out.append("\r\nContent-Type: ").append(r.content_type);
  }
  out.append("\r\nX-Content-Type-Options: nosniff");
  if (r.header("Cache-Control") == nullptr) out.append("\r\nCache-Control: no-store");
  if (!request_id.empty()) out.append("\r\nX-Request-Id: ").append(request_id);
  if (!keep_alive) out.append("\r\nConnection: close");
  for (const auto& [name, value] : r.headers) {
    out.append("\r\n").append(name).append(": ").append(value);
  }
  out.append("\r\n\r\n");
}

}  // namespace hotline::net
