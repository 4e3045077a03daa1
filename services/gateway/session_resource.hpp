// Signing in and out, and what users do to their own account.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/json/codec.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/credentials.hpp"
#include "services/gateway/identity_parts.hpp"

namespace hotline::gateway {

class session_resource {
 public:
  session_resource(const identity_parts& parts, const json::codec& codec)
      : parts_(parts), codec_(codec), credentials_(parts) {}
  session_resource(const session_resource&) = delete;  // routes point to it
  session_resource& operator=(const session_resource&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> create(call c);
  boost::asio::awaitable<outcome> show(call c);
  boost::asio::awaitable<outcome> end(call c);
  boost::asio::awaitable<outcome> change_password(call c);
  boost::asio::awaitable<outcome> enrol_totp(call c);
  boost::asio::awaitable<outcome> confirm_totp(call c);

  boost::asio::awaitable<outcome> begin(proven who, bool cookie, identity::manager where,
                                        body_format accepted);
  boost::asio::awaitable<reading<v1::User>> load_own(std::string id);
  v1::SessionView view_of(const v1::Session& session, const v1::User& user) const;

  const identity_parts& parts_;
  const json::codec& codec_;
  credentials credentials_;
};

/// For records: who and where.
identity::manager manager_of(const call& c);

}  // namespace hotline::gateway
