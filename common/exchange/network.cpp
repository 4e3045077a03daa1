#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "common/exchange/signature.hpp"

namespace hotline::exchange {
namespace {

/// An address of either family as 16 bytes; IPv4 is mapped (RFC 4291, 2.5.5.2).
using address_bytes = std::array<std::uint8_t, 16>;
constexpr int mapped_bits = 96;
constexpr int address_bits = 128;

struct parsed_address {
  address_bytes bytes{};
  bool is_v4 = false;
};

std::optional<parsed_address> parse_address(std::string_view text) {
  const std::string z(text);
  parsed_address out;
  if (::inet_pton(AF_INET6, z.c_str(), out.bytes.data()) == 1) return out;
  out.bytes = {};
  out.bytes[10] = out.bytes[11] = 0xFF;
  out.is_v4 = true;
  if (::inet_pton(AF_INET, z.c_str(), out.bytes.data() + 12) == 1) return out;
  return std::nullopt;
}

struct network {
  address_bytes bytes;
  int bits;  ///< that must agree
};

std::optional<network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == text.npos) return network{address->bytes, address_bits};
  const std::string_view length = text.substr(slash + 1);
  const int offset = address->is_v4 ? mapped_bits : 0;
  int bits = -1;
  const auto read = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (read.ec != std::errc() || read.ptr != length.data() + length.size()) return std::nullopt;
  if (bits < 0 || bits > address_bits - offset) return std::nullopt;
  return network{address->bytes, bits + offset};
}

bool is_mapped(const address_bytes& bytes) {
  const auto zeros = std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; });
  return zeros && bytes[10] == 0xFF && bytes[11] == 0xFF;
}

bool contains(const network& net, const address_bytes& address) {
  const auto whole = static_cast<std::size_t>(net.bits / 8);
  const int rest = net.bits % 8;
  if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole),
                  net.bytes.begin()))
    return false;
  return rest == 0 || (address[whole] >> (8 - rest)) == (net.bytes[whole] >> (8 - rest));
}

/// Whether an IPv6 network holds every IPv4 address (::/0, ::ffff:0:0/90).
bool holds_mapped(const network& net) {
  address_bytes any{};
  any[10] = any[11] = 0xFF;
  return net.bits <= mapped_bits && contains(net, any);
}

}  // namespace

bool is_network(std::string_view text) { return parse_network(text).has_value(); }

bool is_too_wide(std::string_view text) {
  constexpr int bits_min_v4 = 8;
  constexpr int bits_min_v6 = 16;
  const auto net = parse_network(text);
  if (!net) return false;
  const bool v4 = net->bits >= mapped_bits && is_mapped(net->bytes);
  return v4 ? net->bits < mapped_bits + bits_min_v4 : net->bits < bits_min_v6 || holds_mapped(*net);
}

bool address_allowed(std::string_view address,
                     const google::protobuf::RepeatedPtrField<std::string>& allowed) {
  if (allowed.empty()) return true;
  const auto from = parse_address(address);
  if (!from) return false;
  return std::ranges::any_of(allowed, [&](const std::string& one) {
    const auto net = parse_network(one);
    return net && contains(*net, from->bytes);
  });
}

}  // namespace hotline::exchange
