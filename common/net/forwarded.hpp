// Who the client behind our own proxies is. Forwarded headers are believed only from those proxies:
// anybody else could write them (CVE-2020-26030 is the precedent).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/net/http_message.hpp"

namespace hotline::net {

/// The address of the client: `peer` itself, or, when peer is a trusted proxy, the rightmost
/// address in X-Forwarded-For that is not a trusted proxy. An entry that is no address ends the
/// search.
std::string client_address(const field_list& headers, std::string_view peer,
                           const std::vector<std::string>& trusted_proxies);

/// A request id from outside is taken over only in this form: 1 to 64 letters, digits, '-', '_',
/// '.'.
bool is_request_id(std::string_view text);

}  // namespace hotline::net
