// Users, their sessions and the record of what is done to them, in Redis: the people shard. Every
// change writes its audit record in the same step.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/ticket_store.hpp"
#include "hotline/v1/audit.pb.h"
#include "hotline/v1/identity.pb.h"

namespace hotline::store {

/// How a change of a user, or a sign-in, ended.
enum class people_outcome {
  done,
  changed,     ///< the user was changed (or made) by somebody else meanwhile; nothing happened
  code_used,   ///< the step of the second factor was used before; nothing happened
  repeated,    ///< the request was carried out before; nothing happened
  key_reused,  ///< its idempotency key belongs to another request; nothing happened
};

/// A request that may come again, and when it came: the hotline's time, which names the day under
/// which it is kept.
struct repeatable {
  idempotency request;
  instant at;
};

/// What an idempotency key is known for among requests about users. The answer has no password.
using known_user_request = std::variant<std::monostate, v1::UserAnswer, key_reused>;

/// Who tries to sign in, from where.
struct sign_in_attempt {
  std::string user;     ///< as typed; need not exist
  std::string address;  ///< an IPv6 one counts by its /64
};

struct attempt_limits {
  int tries_max;
  int address_tries_max;
  milliseconds lock;  ///< also the time within which tries are counted together
};

struct stored_session {
  v1::Session session;
  instant seen;  ///< last written use
};

struct user_page {
  std::vector<v1::User> users;
  std::string next;  ///< the id to go on behind; empty: this was the last page
};

struct put_options {
  bool rights_changed = true;             ///< also: sessions end; raises the epoch
  std::optional<std::int64_t> used_step;  ///< of the second factor
  std::optional<repeatable> request = {};
  v1::UserAnswer answer = {};  ///< kept for a repeat of the request: never with a password
};

/// Failures, besides those of redis::client: corrupt_data, wrong_data_set; outcome_unknown also
/// when too few replicas have received a change. One per thread, like its client.
class people_store {
 public:
  /// Client and floor outlive the store.
  people_store(redis::client& redis, commit_floor& floor, store_options options);

  boost::asio::awaitable<result<std::optional<v1::User>>> load_user(std::string id);
  /// Users in the order of their ids, behind `after`. One that is corrupt fails the page.
  boost::asio::awaitable<result<user_page>> list_users(std::string after, std::size_t count);
  boost::asio::awaitable<result<std::int64_t>> count_users();

  boost::asio::awaitable<result<known_user_request>> find_request(repeatable request);

  /// Stores the user as its version says: one more than the stored one, 1 for a new user.
  boost::asio::awaitable<result<people_outcome>> put_user(v1::User user, put_options options,
                                                          v1::AuditRecord record);

  /// Counts an attempt, before its password is hashed. The instant until which account or address
  /// are locked, or nothing: go on.
  boost::asio::awaitable<result<std::optional<instant>>> count_attempt(sign_in_attempt who,
                                                                       attempt_limits limits,
                                                                       instant now);
  /// Takes a counted attempt back that begins no session: its password was right.
  boost::asio::awaitable<result<void>> forgive_attempt(sign_in_attempt who, attempt_limits limits,
                                                       instant now);
  /// Forgets the attempts of an account. Of the options only the request counts.
  boost::asio::awaitable<result<people_outcome>> unlock(std::string user, put_options options,
                                                        v1::AuditRecord record);

  /// Begins a session of a user whose version is still `user_version`, uses the step of the second
  /// factor, and takes the counted attempt back.
  boost::asio::awaitable<result<people_outcome>> create_session(
      v1::Session session, std::int64_t user_version, std::optional<std::int64_t> used_step,
      sign_in_attempt who, attempt_limits limits, v1::AuditRecord record);
  boost::asio::awaitable<result<std::optional<stored_session>>> load_session(std::string id);
  /// False: there is no such session any more.
  boost::asio::awaitable<result<bool>> touch_session(std::string id, instant now);
  /// False: there was none.
  boost::asio::awaitable<result<bool>> end_session(std::string id, v1::AuditRecord record);
  /// Forgets sessions whose absolute limit has passed, at most `count`; how many.
  boost::asio::awaitable<result<std::int64_t>> sweep_sessions(instant now, std::size_t count);

  /// Counts changes of rights and ends of sessions.
  boost::asio::awaitable<result<std::int64_t>> epoch();

  /// A record of something that changed nothing here: an export, a failed sign-in.
  boost::asio::awaitable<result<void>> record(v1::AuditRecord record);

 private:
  /// Sends a function whose answer is {status, number}; a commit number goes to the floor.
  boost::asio::awaitable<result<std::int64_t>> commit(redis::command command);

  redis::client& redis_;
  commit_floor& floor_;
  store_options options_;
};

/// The address attempts are counted under: an IPv6 address by its first 64 bits, which is what one
/// customer has; text that is no address as it is.
std::string counted_address(std::string_view address);

}  // namespace hotline::store
