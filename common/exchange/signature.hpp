// Who sent a message, and that it was not changed on the way. Pure: whether a nonce came before is
// for the store to say.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "hotline/v1/partner.pb.h"

namespace hotline::exchange {

/// The secret in a file of PartnerKey.secret_file; nothing when it cannot be read.
using secret_source = std::function<std::optional<std::string>(std::string_view secret_file)>;

using header_pair = std::pair<std::string, std::string>;

/// What was received, borrowed.
struct signed_request {
  std::string_view method;  ///< "POST"
  std::string_view target;  ///< path and query as sent
  std::string_view body;    ///< bytes as sent
  std::span<const header_pair> headers;
  std::string_view peer_address;  ///< numeric, without port
};

struct verified {
  std::string key_id;
  std::string nonce;           ///< empty for a legacy scheme, which has none
  std::int64_t timestamp = 0;  ///< Unix milliseconds, as signed
};

enum class signature_fault {
  address,    ///< not from an address the partner sends from
  missing,    ///< a header field is missing, empty or there twice
  malformed,  ///< a field has not the form it must have
  too_old,    ///< beyond the window; also a clock that is wrong
  too_new,
  unknown_key,  ///< no such key, or not valid today
  no_secret,    ///< our side: the secret's file cannot be read
  mismatch,
};
/// A stable name, "unknown_key".
std::string_view to_string(signature_fault why);

std::expected<verified, signature_fault> verify(const v1::PartnerSignature& rules,
                                                const secret_source& secrets,
                                                const signed_request& request, instant now);

/// The header fields of a message of ours, signed with the key that became valid last; none when no
/// key is valid now or its secret cannot be read.
std::vector<header_pair> sign(const v1::PartnerSignature& rules, const secret_source& secrets,
                              std::string_view method, std::string_view target,
                              std::string_view body, instant now, std::string nonce);

/// Whether a numeric address is one of `allowed`: addresses and networks ("10.1.0.0/16"), of either
/// family; an IPv4 address mapped into IPv6 counts as itself. An empty list allows any.
bool address_allowed(std::string_view address,
                     const google::protobuf::RepeatedPtrField<std::string>& allowed);
/// A numeric address or network.
bool is_network(std::string_view text);
/// A network so wide that to allow it is to allow anybody: fewer than 8 bits of an IPv4 address or
/// 16 of an IPv6 one are given.
bool is_too_wide(std::string_view network);

}  // namespace hotline::exchange
