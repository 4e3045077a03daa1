// Who a request comes from: the seam between the API and sign-in. The tests of the API bring a
// simple one of their own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "common/net/http_message.hpp"
#include "hotline/v1/command.pb.h"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

/// What an operation asks of who sends it.
enum class needed {
  session,  ///< to be signed in; also under a restriction (first password, missing second factor)
  post,     ///< to act under a post
};

/// A request that comes from somebody we know.
struct visitor {
  v1::Actor actor;      ///< unit and role are empty where no post was needed
  std::string session;  ///< its id: names it in records and lets nobody in
};

/// One per thread.
class authenticator {
 public:
  authenticator() = default;
  authenticator(const authenticator&) = delete;
  authenticator& operator=(const authenticator&) = delete;
  virtual ~authenticator() = default;

  /// 401 without a valid session, 403 where the session or its user may not. The request outlives
  /// the call.
  virtual boost::asio::awaitable<reading<visitor>> authenticate(const net::request& request,
                                                                needed what) = 0;

  /// For connections that stay open: whether the session still is good and its user still holds
  /// this post. Says no within a second of a right's withdrawal. Does not count as use.
  virtual boost::asio::awaitable<bool> is_valid(visitor who) = 0;

  /// The same, if it can be told without waiting.
  virtual std::optional<bool> known_validity(const visitor& /*who*/) { return std::nullopt; }
};

}  // namespace hotline::gateway
