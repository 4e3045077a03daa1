// Makes the users of the demo and says how to sign in as each of the cast.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>

#include "services/hotline/demo/demo_cast.hpp"
#include "services/hotline/user_office.hpp"

namespace hotline::program {

/// Passwords are random, made anew at every start, and live as long as the demo's directory.
class demo_staff {
 public:
  demo_staff(tool_session& session, identity_host& host);

  /// Makes the user with this post where there is none yet; their password.
  boost::asio::awaitable<result<std::string>> make(demo_person who);
  /// Everybody of the cast.
  boost::asio::awaitable<result<void>> make_cast();

  /// Of everybody who was made: name, post, user, password, and a shell line that signs in and
  /// keeps the token in a variable.
  std::string sign_in_text(std::uint16_t port) const;

 private:
  user_office office_;
  const domain::organisation& org_;
  std::map<std::string, std::string, std::less<>> passwords_;  ///< by user id
};

}  // namespace hotline::program
