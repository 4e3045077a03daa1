// Our signature under a request to a partner.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/exchange/signature.hpp"
#include "common/net/http_message.hpp"
#include "hotline/v1/partner.pb.h"

namespace hotline::transfer {

/// The header fields, with a nonce that never comes twice; none where the partner wants no
/// signature. Nothing: no key is valid now, or its secret cannot be read.
std::optional<net::field_list> signed_fields(const v1::PartnerSignature& rules,
                                             const exchange::secret_source& secrets,
                                             net::method verb, std::string_view target,
                                             std::string_view body, instant now);

}  // namespace hotline::transfer
