#include "common/net/ws_handshake.hpp"

#include <algorithm>

#include "common/net/problem.hpp"

namespace hotline::net {
namespace {

/// The value of a header that is there exactly once.
const std::string* single(const request& message, std::string_view name) {
  const std::string* found = nullptr;
  for (const auto& [field, value] : message.headers) {
    if (!equal_field_names(field, name)) continue;
    if (found != nullptr) return nullptr;
    found = &value;
  }
  return found;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool lists_token(const request& message, std::string_view name, std::string_view token) {
  for (const auto& [field, value] : message.headers) {
    if (!equal_field_names(field, name)) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      if (equal_field_names(trim(rest.substr(0, end)), token)) return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return false;
}

/// 16 bytes in base64: 22 characters and "==".
bool is_key(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  return text.size() == 24 && text.ends_with("==") &&
         std::ranges::all_of(text.substr(0, 22), is_digit);
}

}  // namespace

std::optional<std::string> ws_key_of(const request& message) {
  const auto* const upgrade = single(message, "Upgrade");
  const auto* const version = single(message, "Sec-WebSocket-Version");
  const auto* const key = single(message, "Sec-WebSocket-Key");
  if (message.verb != method::get || upgrade == nullptr || version == nullptr || key == nullptr) {
    return std::nullopt;
  }
  if (!equal_field_names(*upgrade, "websocket") || *version != "13" || !is_key(*key) ||
      !lists_token(message, "Connection", "upgrade")) {
    return std::nullopt;
  }
  return *key;
}

response refuse_without_ws() {
  problem p;
  p.status = 426;
  p.code = "upgrade_required";
  p.title_zh = "此地址只接受 WebSocket 连接。";
  p.title_en = "This address takes WebSocket connections only.";
  response out = make_problem_response(p);
  out.headers.emplace_back("Upgrade", "websocket");
  out.headers.emplace_back("Sec-WebSocket-Version", "13");
  return out;
}

bool is_origin_allowed(const request& message, std::span<const std::string> origins) {
  if (message.header("Origin") == nullptr) return true;
  const auto* const origin = single(message, "Origin");
  const auto* const host = message.header("Host");
  if (origin == nullptr) return false;
  if (std::ranges::find(origins, *origin) != origins.end()) return true;
  const auto scheme = origin->find("://");
  if (scheme == std::string::npos || host == nullptr) return false;
  const auto name = origin->substr(0, scheme);
  return (name == "http" || name == "https") &&
         equal_field_names(std::string_view(*origin).substr(scheme + 3), *host);
}

}  // namespace hotline::net
