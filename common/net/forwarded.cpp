#include "common/net/forwarded.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace hotline::net {

namespace {

bool contains(const std::vector<std::string>& list, std::string_view address) {
  return std::ranges::find(list, address) != list.end();
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t");
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

}  // namespace

std::string client_address(const field_list& headers, std::string_view peer,
                           const std::vector<std::string>& trusted_proxies) {
  std::string address(peer);
  if (!contains(trusted_proxies, peer)) return address;
  for (auto field = headers.rbegin(); field != headers.rend(); ++field) {
    if (!equal_field_names(field->first, "X-Forwarded-For")) continue;
    std::string_view rest = field->second;
    while (!rest.empty()) {
      const std::size_t comma = rest.rfind(',');
      const bool last = comma == std::string_view::npos;
      const std::string_view entry = trim(last ? rest : rest.substr(comma + 1));
      rest = last ? std::string_view() : rest.substr(0, comma);
      boost::system::error_code error;
      const auto parsed = boost::asio::ip::make_address(std::string(entry), error);
      if (error) return address;
      address = parsed.to_string();
      if (!contains(trusted_proxies, address)) return address;
    }
  }
  return address;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace hotline::net
