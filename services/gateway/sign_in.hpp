// Who acts, by the session a request presents: a program's bearer token or a browser's cookie.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "common/base/log.hpp"
#include "common/identity/options.hpp"
#include "common/store/people.hpp"
#include "services/gateway/authenticator.hpp"
#include "services/gateway/failure_limit.hpp"
#include "services/gateway/session_cache.hpp"

namespace hotline::gateway {

/// The header that chooses one of the user's posts: "370883/ROLE_OFFICER".
inline constexpr std::string_view post_header = "X-Hotline-Post";
/// The same for a WebSocket, to which a page cannot add a header.
inline constexpr std::string_view post_parameter = "post";

class sign_in final : public authenticator {
 public:
  /// Everything given outlives this. `tls`: our pages are https. `now` is real time.
  sign_in(store::people_store& people, const identity::identity_options& options, const clock& now,
          bool tls, logger log);

  boost::asio::awaitable<reading<visitor>> authenticate(const net::request& request,
                                                        needed what) override;
  boost::asio::awaitable<bool> is_valid(visitor who) override;
  std::optional<bool> known_validity(const visitor& who) override;

  /// To be polled (session_cache::poll) for as long as requests are served.
  session_cache& sessions() { return sessions_; }

 private:
  bool still_holds(const live_session& live, const visitor& who) const;
  boost::asio::awaitable<net::problem> unknown_token(const net::request& request);
  /// The first of an address in a window of failure_limit is recorded, all are counted.
  boost::asio::awaitable<void> record_refusal(const net::request& request, std::string_view reason);

  store::people_store& people_;
  const identity::identity_options& options_;
  const clock& now_;
  bool tls_;
  logger log_;
  session_cache sessions_;
  failure_limit failures_;
};

net::problem sign_in_required();

}  // namespace hotline::gateway
