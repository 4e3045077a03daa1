// The strict reading of a request head, before Beast sees it. Beast 1.81 accepts much that another
// program in the chain (a proxy, a cache) would read differently: Transfer-Encoding other than
// "chunked", chunked on HTTP/1.0, equal double Content-Length, folded lines, bytes >= 0x80, missing
// or double Host. Each of these is a way to smuggle a second request past a front door, so here
// everything that has two readings is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/http_fault.hpp"
#include "common/net/http_message.hpp"

namespace hotline::net {

/// Bounds and rules for a head; each has a unit in its name.
struct head_rules {
  std::size_t head_bytes_max = 8 * 1024;
  std::size_t target_bytes_max = 4 * 1024;
  std::size_t header_count_max = 64;
  /// Host names (without port) this server answers for; empty: any well-formed one.
  std::vector<std::string> allowed_hosts;
};

enum class body_framing { none, length, chunked };

/// A head that passed. `message` lacks only body, peer and request id.
struct request_head {
  request message;
  body_framing framing = body_framing::none;
  std::uint64_t content_length = 0;  ///< bytes; meaningful with body_framing::length
  bool keep_alive = true;
  bool expects_continue = false;
};

/// Looks for the end of the head in bytes that arrive piecewise, refusing at once what can never
/// become a head (a bare LF, a TLS greeting), so that nobody waits for a deadline.
class head_scanner {
 public:
  /// `bytes` is everything received since the start of this head. Returns the length of the head
  /// including its empty line, nothing when more is needed, or the fault.
  std::expected<std::optional<std::size_t>, http_fault> scan(std::string_view bytes,
                                                             const head_rules& rules);
  void reset() { scanned_ = 0; }

 private:
  std::size_t scanned_ = 0;
};

/// Reads a complete head (it ends with the empty line). Pure.
std::expected<request_head, http_fault> check_request_head(std::string_view head,
                                                           const head_rules& rules);

}  // namespace hotline::net
