// Checking who somebody says they are: counted before anything is computed, and answered alike
// whatever was wrong.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "common/identity/user_desk.hpp"
#include "services/gateway/identity_parts.hpp"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

struct claim {
  std::string user;  ///< as typed
  std::string password;
  std::string code;  ///< of the second factor
  /// A user who is signed in proves it once more: the second factor is not asked again.
  bool password_only = false;
};

/// A user who is who they say.
struct proven {
  v1::User user;
  std::optional<std::int64_t> step;  ///< of the second factor; still to be used up
};

class credentials {
 public:
  explicit credentials(const identity_parts& parts) : parts_(parts) {}

  /// 401 `credentials_wrong`, the same for an unknown user, a wrong password, a wrong code, a
  /// disabled user; the record says which. 429 `sign_in_locked`, `busy`.
  boost::asio::awaitable<reading<proven>> check(claim what, identity::manager where,
                                                std::string action);

  /// A refusal that comes later, e.g. of a code that was used before; recorded.
  boost::asio::awaitable<net::problem> refuse(identity::manager where, std::string action,
                                              std::string reason);
  /// The same, with an answer of its own.
  boost::asio::awaitable<net::problem> refuse_as(identity::manager where, std::string action,
                                                 std::string reason, net::problem answer);

  /// One more try of a user who is signed in; 429 `sign_in_locked`.
  boost::asio::awaitable<reading<void>> count(identity::manager where);
  /// The try was right.
  boost::asio::awaitable<reading<void>> forgive(identity::manager where);

  store::attempt_limits limits() const;

 private:
  std::string what_is_wrong(const claim& what, const std::optional<v1::User>& user,
                            bool password_right, std::optional<std::int64_t>& step) const;

  const identity_parts& parts_;
};

}  // namespace hotline::gateway
