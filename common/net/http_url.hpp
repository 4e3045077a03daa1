// The parts of an http or https URL, and what an address it leads to means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hotline::net {

struct http_url {
  bool secure = false;  ///< https
  std::string host;     ///< a name or a numeric address, without the brackets of IPv6
  std::uint16_t port = 0;
  std::string authority;  ///< host and port as written: for the Host field
  std::string target;     ///< path and query as written, at least "/"
};

/// Nothing for another scheme, user information, a fragment, a blank, a control character or a port
/// that is none.
std::optional<http_url> parse_http_url(std::string_view url);

/// What a numeric address is, by the registries of special purpose addresses (RFC 6890).
enum class address_kind {
  global,    ///< of the open network
  site,      ///< of an organisation's own network (RFC 1918, 6598, 4193)
  loopback,  ///< this machine
  unusable,  ///< unspecified, link-local, multicast, documentation, reserved; or no address
};
/// An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) counts as itself.
address_kind kind_of_address(std::string_view address);

}  // namespace hotline::net
