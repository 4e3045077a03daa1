#include "services/gateway/browser_rules.hpp"

#include "services/gateway/problems.hpp"

namespace hotline::gateway {
namespace {

constexpr std::string_view bearer = "Bearer ";

/// The value of the one session cookie; nothing when there is none or several.
std::optional<std::string_view> find_cookie(std::string_view header) {
  std::optional<std::string_view> found;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (!pair.starts_with(session_cookie_name)) continue;
    pair.remove_prefix(session_cookie_name.size());
    if (!pair.starts_with('=')) continue;
    if (found) return std::nullopt;
    found = pair.substr(1);
  }
  return found;
}

bool changes_something(net::method verb) {
  return verb != net::method::get && verb != net::method::head && verb != net::method::options;
}

}  // namespace

std::optional<presented_token> find_token(const net::request& request) {
  if (const std::string* const given = request.header("Authorization")) {
    std::string_view text = *given;
    if (!text.starts_with(bearer)) return std::nullopt;
    text.remove_prefix(bearer.size());
    return presented_token{text, false};
  }
  const std::string* const cookies = request.header("Cookie");
  if (cookies == nullptr) return std::nullopt;
  const auto cookie = find_cookie(*cookies);
  if (!cookie) return std::nullopt;
  return presented_token{*cookie, true};
}

bool is_from_another_site(const net::request& request, bool tls) {
  if (const std::string* const site = request.header("Sec-Fetch-Site")) {
    if (*site != "same-origin") return true;
  }
  const std::string* const origin = request.header("Origin");
  if (origin == nullptr) return false;
  const std::string* const host = request.header("Host");
  if (host == nullptr) return true;
  if (*origin == "https://" + *host) return false;
  // Without TLS we listen on loopback only: somebody tries things out on this machine.
  return tls || *origin != "http://" + *host;
}

reading<void> check_cookie_request(const net::request& request, bool tls) {
  if (is_from_another_site(request, tls)) return std::unexpected(cross_site());
  if (!changes_something(request.verb)) return {};
  const std::string* const own = request.header(own_request_header);
  if (own == nullptr || *own != "1") return std::unexpected(cross_site());
  return {};
}

net::problem cross_site() {
  net::problem p = make_problem(403, "cross_site", "请求不是由本系统页面发出的，已被拒绝。",
                                "The request does not come from a page of ours.");
  p.detail = "A request with a cookie needs X-Hotline-Request: 1 and must be same-origin.";
  return p;
}

std::string session_cookie(std::string_view token) {
  std::string text(session_cookie_name);
  text.append("=").append(token).append("; Path=/; Secure; HttpOnly; SameSite=Strict");
  if (token.empty()) text += "; Max-Age=0";
  return text;
}

}  // namespace hotline::gateway
