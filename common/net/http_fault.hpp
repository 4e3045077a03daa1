// Everything a request can be refused for before a handler sees it: a closed set, so that tests and
// metrics can name each rule.
#pragma once

#include <string_view>

namespace hotline::net {

enum class http_fault {
  line_ending,        ///< a bare CR or LF, or an empty line before the request line
  control_byte,       ///< NUL or another control character in the head
  non_ascii,          ///< a byte >= 0x80 in the head
  request_line,       ///< not "METHOD SP target SP HTTP/x.y"
  version,            ///< neither HTTP/1.0 nor HTTP/1.1
  unknown_method,     ///< a method this server does not implement
  target_form,        ///< absolute-form, authority-form, asterisk-form, fragment or a bad character
  target_encoding,    ///< broken percent-encoding, %00, %2F in the path, or not UTF-8
  target_dots,        ///< a "." or ".." segment
  target_too_long,    ///< longer than target_bytes_max
  header_syntax,      ///< not "token: value"
  header_folding,     ///< a value continued on the next line
  header_count,       ///< more than header_count_max fields
  head_too_large,     ///< more than head_bytes_max bytes before the empty line
  host_count,         ///< no Host, or several
  host_syntax,        ///< Host is not a host with an optional port
  host_unknown,       ///< Host is not one of ours
  repeated_header,    ///< a field that must be unique came twice
  content_length,     ///< not a plain decimal number, or came twice
  transfer_encoding,  ///< anything but exactly one "chunked" on HTTP/1.1
  framing_conflict,   ///< Transfer-Encoding together with Content-Length
  body_not_allowed,   ///< GET, HEAD, DELETE or OPTIONS with a body
  content_encoding,   ///< a compressed body
  expectation,        ///< Expect with anything but 100-continue
  body_too_large,     ///< more than the route allows
  chunk_syntax,       ///< a broken chunk
  chunk_extension,    ///< ";..." after a chunk size
  trailer,            ///< fields after the last chunk
  head_timeout,       ///< the head was not complete in time
  body_timeout,       ///< the body was not complete in time, or came too slowly
  too_many_connections  ///< the server, or this address, has no connection left
};

/// One row per fault: what the client is told. `rule` is stable and goes into "rule".
struct http_fault_text {
  int status;
  std::string_view rule;
  std::string_view detail;
};

http_fault_text describe(http_fault fault);

}  // namespace hotline::net
