// Requests and responses as plain values: what handlers, the router and the client speak.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hotline::net {

/// The methods this system knows; any other is answered 501 before a handler sees it.
enum class method { get, post, put, patch, delete_, options, head };

/// The name on the wire, e.g. "DELETE".
std::string_view to_string(method verb);

/// Exact and case-sensitive, as HTTP wants it.
std::optional<method> parse_method(std::string_view name);

/// Name and value pairs in their order of arrival.
using field_list = std::vector<std::pair<std::string, std::string>>;

/// Names of header fields compare without regard to ASCII case.
bool equal_field_names(std::string_view a, std::string_view b);

/// The first header field of this name, or nullptr.
const std::string* find_field(const field_list& fields, std::string_view name);

/// A request that passed every check of form; see request_check.hpp for what that promises.
struct request {
  method verb = method::get;
  std::string target;      ///< as sent: path and query, percent-encoded
  std::string path;        ///< decoded, valid UTF-8, no control characters, no "." or ".." segment
  field_list query;        ///< decoded ('+' is a space), valid UTF-8, without NUL
  field_list headers;      ///< ASCII; look up with header()
  std::string body;        ///< bytes as sent, chunks joined; at most the limit of the route
  std::string peer;        ///< address of the client, without port
  std::string request_id;  ///< unique; also in the answer's X-Request-Id

  /// The value of a header, or nullptr. Where a second value would be ambiguous (Host,
  /// Authorization, Idempotency-Key, ...) the request was refused, so the first is the only one.
  const std::string* header(std::string_view name) const { return find_field(headers, name); }

  /// The first query parameter of this name (case-sensitive), or nullptr.
  const std::string* query_value(std::string_view name) const;
};

class ws_session;

/// Gets the socket once the handshake is done.
using ws_accept = std::function<void(std::shared_ptr<ws_session>)>;

/// What a handler answers. Content-Length, X-Content-Type-Options, X-Request-Id, Connection and,
/// unless given here, Cache-Control are added by the server.
struct response {
  int status = 200;
  std::string content_type;
  std::string body;
  field_list headers;
  /// Set: the connection becomes a WebSocket, and nothing of the above is sent. Only for a request
  /// with a ws_key_of (ws_handshake.hpp).
  ws_accept on_socket;

  /// The value of a header, or nullptr.
  const std::string* header(std::string_view name) const { return find_field(headers, name); }
};

/// The reason phrase of a status, e.g. "Not Found"; "Unknown" for those never sent here.
std::string_view reason_phrase(int status);

}  // namespace hotline::net
