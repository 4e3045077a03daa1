// Cookies and what protects them: a request another site made a browser send must not count as its
// user's (CSRF; OWASP ASVS 5.0, 3.3 and 3.5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/net/http_message.hpp"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

inline constexpr std::string_view session_cookie_name = "__Host-sid";
/// A header no other site can make a browser send without asking us first (and we never agree).
inline constexpr std::string_view own_request_header = "X-Hotline-Request";

/// Where a session's token came with the request.
struct presented_token {
  std::string_view token;
  bool cookie = false;
};

/// Authorization: Bearer goes before the cookie; the header alone is safe from other sites. Nothing
/// where there is none, or more than one such cookie: somebody planted one. Views into the request.
std::optional<presented_token> find_token(const net::request& request);

/// Whether a browser says that the request comes from another site: an Origin that is not ours, or
/// a Sec-Fetch-Site other than same-origin. `tls`: the site is https. Requests without these
/// headers, programs', are none.
bool is_from_another_site(const net::request& request, bool tls);

/// What a cookie's request must be: from our own pages and, where it changes something, with
/// X-Hotline-Request. 403 `cross_site`.
reading<void> check_cookie_request(const net::request& request, bool tls);

net::problem cross_site();

/// Set-Cookie for a session; an empty token takes it back.
std::string session_cookie(std::string_view token);

}  // namespace hotline::gateway
