// A gateway with real sign-in on a real Redis, and people to sign in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/identity/hash_pool.hpp"
#include "common/identity/options.hpp"
#include "common/identity/secret_box.hpp"
#include "common/identity/user_desk.hpp"
#include "common/store/people.hpp"
#include "services/gateway/sign_in.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {

inline constexpr std::string_view good_password = "Rt7-kelmno";

/// Cheap hashes: what they cost is not the subject here.
identity::hash_options cheap_hashes();

/// The pieces of identity that a gateway is made with.
struct identity_world {
  explicit identity_world(gateway_fixture& f);

  virtual_clock real{from_unix_ms(1'795'395'600'000), 0};
  identity::identity_options options;
  identity::hash_pool pool{cheap_hashes()};
  identity::secret_box box{identity::secret_box::key{7}};
  store::people_store people;
  identity::user_desk desk;
  sign_in who;
  identity_parts parts;
};

class identity_fixture {
 public:
  identity_fixture();
  ~identity_fixture();

  /// A user with these posts ("370883/ROLE_OFFICER 370800/ROLE_LEAD") and good_password.
  void add(const std::string& id, const std::string& posts, const std::string& unit = "370883");

  net::response sign_in_as(const std::string& user, std::string_view password = good_password,
                           const std::string& code = {});
  /// The token of a sign-in that succeeds.
  std::string token_of(const std::string& user, const std::string& code = {});
  net::response send(net::method verb, std::string target, net::field_list headers,
                     std::string body = {});
  net::response get(const std::string& token, std::string target, net::field_list more = {});
  net::response post(const std::string& token, std::string target, std::string body,
                     net::field_list more = {});
  /// With an Idempotency-Key of the test's own.
  net::response post_with_key(const std::string& token, std::string target, std::string body,
                              const std::string& key);
  /// The same request from so many connections at once.
  std::vector<net::response> post_at_once(const std::string& token, const std::string& target,
                                          const std::string& body, const std::string& key,
                                          std::size_t times);
  /// "401 credentials_wrong"; the status alone where there is no problem.
  static std::string verdict(const net::response& answer);

  /// What the gateway's thread does four times a second.
  void poll();
  /// The actions of the audit stream with '!' behind refused ones, oldest first.
  std::string audit();
  /// The reason of the last record.
  std::string last_reason();
  v1::User user(const std::string& id);
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return base.redis.run(std::move(work));
  }

  gateway_fixture base;
  identity_world world;
  std::unique_ptr<gateway> door;
  int keys = 0;

 private:
  std::unique_ptr<net::http_server> server_;
  std::unique_ptr<net::http_client> client_;
};

}  // namespace hotline::gateway
