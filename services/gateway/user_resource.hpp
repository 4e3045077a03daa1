// Users over HTTP, for security administrators (安全管理员).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "common/json/codec.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/identity_parts.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class user_resource {
 public:
  /// `parts.identity` is there.
  user_resource(const gateway_parts& parts, const json::codec& codec)
      : gateway_(parts), parts_(*parts.identity), province_(parts.province), codec_(codec) {}
  user_resource(const user_resource&) = delete;  // routes point to it
  user_resource& operator=(const user_resource&) = delete;

  void add_to(api& routes);

 private:
  using desk_answer = identity::user_desk::answer;
  /// One of the verbs that take nothing but a reason.
  using verb = std::function<desk_answer(identity::manager, std::string id, std::int64_t version,
                                         std::string reason)>;

  void add_verb(api& routes, std::string name, std::string summary, verb what);

  reading<void> check_reader(const v1::Actor& actor) const;
  boost::asio::awaitable<outcome> list(call c);
  boost::asio::awaitable<outcome> get(call c);
  boost::asio::awaitable<outcome> create(call c);
  boost::asio::awaitable<outcome> change(call c);
  boost::asio::awaitable<outcome> carry_out(const verb& what, call c);
  outcome answer_of(identity::answered<v1::UserAnswer> done, int status, body_format accepted);

  /// What one answer to a request is: of this one, or of the same one that came before.
  using act = std::function<desk_answer(identity::manager)>;
  boost::asio::awaitable<outcome> once(call c, std::string fingerprint, int status, act what);
  /// The answer to a request that came before; nothing when it did not.
  boost::asio::awaitable<std::optional<outcome>> known_answer(store::repeatable request, int status,
                                                              body_format accepted);

  const gateway_parts& gateway_;
  const identity_parts& parts_;
  store::province_source province_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
