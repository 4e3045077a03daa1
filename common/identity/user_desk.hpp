// Managing users: what the API and the command line do alike. Every change is recorded with who
// made it, and so is every refusal for want of a right.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "common/identity/hash_pool.hpp"
#include "common/identity/options.hpp"
#include "common/identity/refusal.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/people.hpp"
#include "hotline/v1/identity.pb.h"

namespace hotline::identity {

/// Who does something to users.
struct manager {
  v1::Actor actor;
  /// At the machine itself, with access to its data directory: no right is asked for, because it
  /// could not be withheld. The record says so.
  bool at_console = false;
  std::string request_id;
  std::string address;
  /// With it the change is made once, however often it is asked for: a repeat changes nothing and
  /// is refused as a conflict; people_store::find_request gives the answer.
  std::optional<store::repeatable> request = {};
};

v1::AuditRecord audit_of(const manager& who, std::string action, std::string object, instant now);

v1::UserView view_of(const v1::User& user);

class user_desk {
 public:
  /// Everything given outlives the desk. `now` is real time, in a rehearsal too: people are real.
  user_desk(store::people_store& people, hash_pool& pool, store::province_source province,
            const identity_options& options, const clock& now);

  using answer = boost::asio::awaitable<answered<v1::UserAnswer>>;

  /// With a password that is made here and shown once, to be changed at the first sign-in (a
  /// machine's is longer and stays); or with `password`, which must pass the policy.
  answer create(manager who, v1::CreateUser order, std::string password = {});
  /// `version` 0: whichever it has.
  answer change(manager who, std::string id, std::int64_t version, v1::ChangeUser order);
  answer grant(manager who, std::string id, v1::Post post);
  answer revoke(manager who, std::string id, v1::Post post);
  /// Ends the user's sessions, too.
  answer set_disabled(manager who, std::string id, std::int64_t version, bool disabled,
                      std::string reason);
  /// As create: made here, or given. Ends the user's sessions.
  answer reset_password(manager who, std::string id, std::int64_t version, std::string reason,
                        std::string password = {});
  answer reset_totp(manager who, std::string id, std::int64_t version, std::string reason);
  answer end_sessions(manager who, std::string id, std::int64_t version, std::string reason);
  /// Forgets failed sign-ins.
  answer unlock(manager who, std::string id, std::string reason);

  answer get(manager who, std::string id);
  /// Users the manager may know of, of `unit` and below where one is given.
  boost::asio::awaitable<answered<v1::UserPage>> list(manager who, std::string unit,
                                                      std::string after, std::size_t limit);

  /// Whose own password it is; the old one has been checked. Not one of the last ones; ends the
  /// user's sessions.
  boost::asio::awaitable<answered<void>> change_own_password(manager who, v1::User user,
                                                             std::string password);

 private:
  using mutation = std::function<void(v1::User&)>;
  struct order {
    std::string id = {};
    std::int64_t version = 0;
    std::string action = {};
    std::string reason = {};
  };

  answer modify(manager who, order what, mutation change);
  boost::asio::awaitable<answered<v1::User>> load(const manager& who, std::string id);
  boost::asio::awaitable<answered<void>> require(manager who, order what, v1::User user);
  boost::asio::awaitable<answered<std::string>> hash_for(const v1::User& user,
                                                         std::string password);
  boost::asio::awaitable<answered<v1::UserAnswer>> store_new(manager who, v1::User user,
                                                             std::string password);

  store::people_store& people_;
  hash_pool& pool_;
  store::province_source province_;
  const identity_options& options_;
  const clock& now_;
};

}  // namespace hotline::identity
