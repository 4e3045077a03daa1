// Who acts, as headers say: for tests of the API that are not about sign-in. Never in production.
#pragma once

#include "services/gateway/authenticator.hpp"

namespace hotline::gateway {

/// X-Hotline-User ([A-Za-z0-9._-]{1,64}), X-Hotline-Unit (a unit code) and X-Hotline-Role (the full
/// name of a Role, "ROLE_OPERATOR"). 401 when one is missing.
reading<v1::Actor> read_actor(const net::request& request);

class header_authenticator final : public authenticator {
 public:
  boost::asio::awaitable<reading<visitor>> authenticate(const net::request& request,
                                                        needed what) override;
  boost::asio::awaitable<bool> is_valid(visitor who) override;
};

}  // namespace hotline::gateway
