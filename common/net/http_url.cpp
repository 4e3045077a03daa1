#include "common/net/http_url.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <cstddef>

namespace hotline::net {
namespace {

namespace ip = boost::asio::ip;

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

bool is_sendable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c != 0x7F; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || port == 0)
    return std::nullopt;
  return port;
}

struct v4_network {
  std::uint32_t first;
  int bits;
  address_kind kind;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return a << 24 | b << 16 | c << 8;
}

constexpr std::array v4_networks{
    v4_network{v4(0, 0, 0), 8, address_kind::unusable},
    v4_network{v4(10, 0, 0), 8, address_kind::site},
    v4_network{v4(100, 64, 0), 10, address_kind::site},
    v4_network{v4(127, 0, 0), 8, address_kind::loopback},
    v4_network{v4(169, 254, 0), 16, address_kind::unusable},
    v4_network{v4(172, 16, 0), 12, address_kind::site},
    v4_network{v4(192, 0, 0), 24, address_kind::unusable},
    v4_network{v4(192, 0, 2), 24, address_kind::unusable},
    v4_network{v4(192, 88, 99), 24, address_kind::unusable},
    v4_network{v4(192, 168, 0), 16, address_kind::site},
    v4_network{v4(198, 18, 0), 15, address_kind::unusable},
    v4_network{v4(198, 51, 100), 24, address_kind::unusable},
    v4_network{v4(203, 0, 113), 24, address_kind::unusable},
    v4_network{v4(224, 0, 0), 3, address_kind::unusable},
};

address_kind kind_of_v4(std::uint32_t address) {
  for (const auto& net : v4_networks) {
    if ((address ^ net.first) >> (32 - net.bits) == 0) return net.kind;
  }
  return address_kind::global;
}

using v6_bytes = ip::address_v6::bytes_type;

std::uint32_t v4_within(const v6_bytes& bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) << 24 |
         static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
         static_cast<std::uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

bool starts_with(const v6_bytes& bytes, std::initializer_list<unsigned char> prefix) {
  return std::ranges::equal(
      prefix, std::ranges::subrange(bytes.begin(),
                                    bytes.begin() + static_cast<std::ptrdiff_t>(prefix.size())));
}

address_kind kind_of_v6(const ip::address_v6& address) {
  const auto bytes = address.to_bytes();
  if (address.is_loopback()) return address_kind::loopback;
  if (address.is_v4_mapped()) return kind_of_v4(v4_within(bytes, 12));
  if (starts_with(bytes, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}))
    return kind_of_v4(v4_within(bytes, 12));                                     // NAT64, RFC 6052
  if (starts_with(bytes, {0x20, 0x02})) return kind_of_v4(v4_within(bytes, 2));  // 6to4
  if ((bytes[0] & 0xFE) == 0xFC) return address_kind::site;
  // 2001::/23 (Teredo and other protocols) and documentation.
  if (starts_with(bytes, {0x20, 0x01}) && (bytes[2] < 2 || (bytes[2] == 0x0D && bytes[3] == 0xB8)))
    return address_kind::unusable;
  return bytes[0] >> 5 == 1 ? address_kind::global : address_kind::unusable;
}

}  // namespace

std::optional<http_url> parse_http_url(std::string_view url) {
  constexpr std::string_view plain = "http://";
  constexpr std::string_view secure = "https://";
  http_url parts;
  parts.secure = url.starts_with(secure);
  if (!parts.secure && !url.starts_with(plain)) return std::nullopt;
  if (!is_sendable(url) || url.find('#') != url.npos) return std::nullopt;
  url.remove_prefix(parts.secure ? secure.size() : plain.size());
  const auto end = url.find_first_of("/?");
  const auto authority = url.substr(0, end);
  parts.authority = authority;
  parts.target = end == url.npos ? "/" : url.substr(end);
  if (parts.target.front() == '?') parts.target.insert(0, "/");
  if (authority.find('@') != authority.npos) return std::nullopt;

  const bool bracketed = authority.starts_with('[');
  const auto host_end = bracketed ? authority.find(']') : authority.find(':');
  if (bracketed && host_end == authority.npos) return std::nullopt;
  parts.host = authority.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
  if (!bracketed && host_end == authority.npos) parts.host = authority;
  if (parts.host.empty()) return std::nullopt;
  auto rest = host_end == authority.npos ? std::string_view() : authority.substr(host_end);
  if (bracketed) rest.remove_prefix(1);
  parts.port = parts.secure ? https_port : http_port;
  if (rest.empty()) return parts;
  const auto port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
  if (!port) return std::nullopt;
  parts.port = *port;
  return parts;
}

address_kind kind_of_address(std::string_view address) {
  boost::system::error_code error;
  const auto parsed = ip::make_address(address, error);
  if (error) return address_kind::unusable;
  return parsed.is_v4() ? kind_of_v4(parsed.to_v4().to_uint()) : kind_of_v6(parsed.to_v6());
}

}  // namespace hotline::net
