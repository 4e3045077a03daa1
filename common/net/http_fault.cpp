#include "common/net/http_fault.hpp"

namespace hotline::net {

http_fault_text describe(http_fault fault) {
  switch (fault) {
    case http_fault::line_ending: return {400, "line_ending", "Lines end with CR LF."};
    case http_fault::control_byte: return {400, "control_byte", "A control character in the head."};
    case http_fault::non_ascii:
      return {400, "non_ascii", "Target and headers are ASCII; percent-encode the rest."};
    case http_fault::request_line: return {400, "request_line", "The request line is malformed."};
    case http_fault::version:
      return {505, "version", "Only HTTP/1.1 and HTTP/1.0 are spoken here."};
    case http_fault::unknown_method:
      return {501, "unknown_method", "This method is not implemented."};
    case http_fault::target_form:
      return {400, "target_form", "The target is a path that begins with '/' and a query."};
    case http_fault::target_encoding:
      return {400, "target_encoding",
              "Percent-encoding must decode to UTF-8 without NUL, '/' or control characters."};
    case http_fault::target_dots:
      return {400, "target_dots", "The path holds a '.' or '..' segment."};
    case http_fault::target_too_long: return {414, "target_too_long", "The target is too long."};
    case http_fault::header_syntax: return {400, "header_syntax", "A header field is malformed."};
    case http_fault::header_folding:
      return {400, "header_folding", "A header field is continued on the next line."};
    case http_fault::header_count: return {431, "header_count", "Too many header fields."};
    case http_fault::head_too_large: return {431, "head_too_large", "The head is too large."};
    case http_fault::host_count: return {400, "host_count", "Exactly one Host is required."};
    case http_fault::host_syntax: return {400, "host_syntax", "Host is malformed."};
    case http_fault::host_unknown:
      return {421, "host_unknown", "This server does not answer for that Host."};
    case http_fault::repeated_header:
      return {400, "repeated_header", "A header field that must be unique came twice."};
    case http_fault::content_length:
      return {400, "content_length", "Content-Length is not one plain number."};
    case http_fault::transfer_encoding:
      return {400, "transfer_encoding", "Only 'chunked', once and on HTTP/1.1, is accepted."};
    case http_fault::framing_conflict:
      return {400, "framing_conflict", "Content-Length together with Transfer-Encoding."};
    case http_fault::body_not_allowed:
      return {400, "body_not_allowed", "This method takes no body."};
    case http_fault::content_encoding:
      return {415, "content_encoding", "Encoded bodies are not accepted."};
    case http_fault::expectation:
      return {417, "expectation", "Only 'Expect: 100-continue' can be met."};
    case http_fault::body_too_large:
      return {413, "body_too_large", "The body is larger than this resource accepts."};
    case http_fault::chunk_syntax: return {400, "chunk_syntax", "The chunked body is malformed."};
    case http_fault::chunk_extension:
      return {400, "chunk_extension", "Chunk extensions are not accepted."};
    case http_fault::trailer: return {400, "trailer", "Trailers are not accepted."};
    case http_fault::head_timeout: return {408, "head_timeout", "The head did not arrive in time."};
    case http_fault::body_timeout: return {408, "body_timeout", "The body did not arrive in time."};
    case http_fault::too_many_connections:
      return {503, "too_many_connections", "Too many connections."};
  }
  return {400, "bad_request", ""};
}

}  // namespace hotline::net
