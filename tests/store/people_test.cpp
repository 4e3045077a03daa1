// Users, sessions and attempts on a real Redis.
#include "common/store/people.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/store/keys.hpp"
#include "common/store/people_check.hpp"
#include "common/store/people_records.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::store {
namespace {

using namespace std::chrono_literals;
using test::monday;

constexpr attempt_limits limits{5, 20, 15min};

v1::User new_user(const std::string& id = "li") {
  v1::User user;
  user.set_id(id);
  user.set_name("李雷");
  user.set_unit("370883");
  user.mutable_password()->set_hash("$argon2id$…");
  user.set_version(1);
  return user;
}

v1::AuditRecord record_of(const std::string& action) {
  v1::AuditRecord record;
  record.set_at(to_unix_ms(monday));
  record.set_action(action);
  record.set_done(true);
  return record;
}

v1::Session new_session(char digit = 'a') {
  v1::Session session;
  session.set_id(std::string(64, digit));
  session.set_user("li");
  session.set_created_at(to_unix_ms(monday));
  session.set_ends_at(to_unix_ms(monday + 12h));
  return session;
}

struct people_fixture : test::store_fixture {
  people_store people{*redis.client, floor, options()};

  people_outcome put(v1::User user, put_options options = {}) {
    const auto done = run(people.put_user(std::move(user), options, record_of("user.change")));
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : to_string(done.error())));
    return *done;
  }
  std::optional<instant> attempt(const std::string& user, const std::string& address,
                                 instant now = monday) {
    const auto locked = run(people.count_attempt({user, address}, limits, now));
    REQUIRE_MESSAGE(locked.has_value(), (locked ? "" : to_string(locked.error())));
    return *locked;
  }
  result<people_outcome> begin(v1::Session session, std::int64_t version,
                               std::optional<std::int64_t> step = {},
                               const std::string& address = "10.0.0.1") {
    return run(people.create_session(std::move(session), version, step, {"li", address}, limits,
                                     record_of("session.create")));
  }
  /// The actions of the audit stream, oldest first.
  std::string audit() {
    std::string actions;
    const auto entries = exec("XRANGE", audit_key(), "-", "+");
    for (const auto& entry : entries.array()) {
      CHECK(entry.at(1).at(0).string() == "e");
      const auto record = decode_audit(entry.at(1).at(1).string());
      REQUIRE(record);
      actions += (actions.empty() ? "" : " ") + record->action();
    }
    return actions;
  }
  std::int64_t epoch() { return *run(people.epoch()); }
};

TEST_CASE("a user is stored under its version, with its record in the same step") {
  people_fixture f;
  CHECK_FALSE(*f.run(f.people.load_user("li")));
  CHECK(f.put(new_user()) == people_outcome::done);
  const auto loaded = f.run(f.people.load_user("li"));
  REQUIRE(loaded);
  REQUIRE(*loaded);
  CHECK((*loaded)->name() == "李雷");
  CHECK(f.audit() == "user.change");
  CHECK(f.epoch() == 1);
  CHECK(f.floor.of(people_shard) == 1);

  const auto before = f.digest();
  CHECK(f.put(new_user()) == people_outcome::changed);  // exists
  v1::User far = new_user();
  far.set_version(3);
  CHECK(f.put(far) == people_outcome::changed);
  CHECK(f.digest() == before);

  v1::User next = new_user();
  next.set_version(2);
  next.set_name("李磊");
  put_options no_rights;
  no_rights.rights_changed = false;
  CHECK(f.put(next, no_rights) == people_outcome::done);
  CHECK(f.epoch() == 1);
  CHECK((*f.run(f.people.load_user("li")))->name() == "李磊");
  CHECK(f.audit() == "user.change user.change");
}

TEST_CASE("users are listed in the order of their ids, in pages") {
  people_fixture f;
  for (const char* id : {"wang", "li", "zhao", "chen"}) f.put(new_user(id));
  CHECK(*f.run(f.people.count_users()) == 4);
  std::string order;
  std::string after;
  do {
    const auto page = f.run(f.people.list_users(after, 3));
    REQUIRE(page);
    for (const auto& user : page->users) order += user.id() + " ";
    after = page->next;
  } while (!after.empty());
  CHECK(order == "chen li wang zhao ");
}

TEST_CASE("guesses at the same time are counted exactly") {
  people_fixture f;
  int allowed = 0;
  int locked = 0;
  const auto guess = [&]() -> boost::asio::awaitable<void> {
    const auto outcome = co_await f.people.count_attempt({"li", "10.0.0.1"}, limits, monday);
    if (outcome) ++(*outcome ? locked : allowed);
  };
  constexpr int guesses = 100;
  for (int i = 0; i < guesses; ++i) {
    boost::asio::co_spawn(f.redis.context, guess(), boost::asio::detached);
  }
  test::run_until(f.redis.context, [&] { return allowed + locked == guesses; });
  CHECK(allowed == 5);
}

TEST_CASE("an account is locked after five tries, whether or not it exists, for fifteen minutes") {
  people_fixture f;
  f.put(new_user());
  for (const std::string user : {"li", "nobody"}) {
    const std::string address = user == "li" ? "10.0.0.1" : "10.0.0.2";
    for (int i = 0; i < 5; ++i) CHECK_FALSE(f.attempt(user, address, monday + 10s * i));
    CHECK(f.attempt(user, address, monday + 50s) == monday + 40s + 15min);
    // From elsewhere it is the same account.
    CHECK(f.attempt(user, "10.9.9.9", monday + 50s));
    CHECK(f.attempt(user, address, monday + 40s + 15min - 1ms));
    CHECK_FALSE(f.attempt(user, address, monday + 40s + 15min));
  }
}

TEST_CASE("tries that lie far apart are not counted together") {
  people_fixture f;
  for (int i = 0; i < 4; ++i) CHECK_FALSE(f.attempt("li", "10.0.0.1", monday));
  for (int i = 0; i < 5; ++i) CHECK_FALSE(f.attempt("li", "10.0.0.1", monday + 15min));
  CHECK(f.attempt("li", "10.0.0.1", monday + 15min));
}

TEST_CASE("an address is locked after twenty tries of any accounts; IPv6 counts by its /64") {
  people_fixture f;
  for (int i = 0; i < 20; ++i) {
    CHECK_FALSE(f.attempt(fmt::format("user{}", i), fmt::format("2001:db8::{:x}", i + 1)));
  }
  CHECK(f.attempt("another", "2001:db8::ffff"));
  CHECK_FALSE(f.attempt("another", "2001:db8:0:1::1"));
  CHECK(counted_address("::ffff:10.0.0.1") == "10.0.0.1");
  CHECK(counted_address("10.0.0.1") == "10.0.0.1");
  CHECK(counted_address("2001:db8::1") == "2001:db8::/64");
  CHECK(counted_address("?") == "?");
}

TEST_CASE("attempts are forgotten when they are of no use any more") {
  people_fixture f;
  for (int i = 0; i < 10; ++i) {
    f.attempt(fmt::format("user{}", i), fmt::format("10.0.0.{}", i));
  }
  CHECK(f.exec("HLEN", attempts_key()).integer() == 20);
  f.attempt("li", "10.1.0.1", monday + 15min);
  CHECK(f.exec("HLEN", attempts_key()).integer() == 2);
  CHECK(f.exec("ZCARD", attempts_due_key()).integer() == 2);
}

TEST_CASE("a success takes its attempt back") {
  people_fixture f;
  f.put(new_user());
  for (int i = 0; i < 5; ++i) CHECK_FALSE(f.attempt("li", "10.0.0.1"));
  CHECK(f.begin(new_session(), 1) == people_outcome::done);
  CHECK(f.audit() == "user.change session.create");
  CHECK_FALSE(f.attempt("li", "10.0.0.1"));  // the account begins anew
  // Of the address one of six is taken back: fifteen are left.
  for (int i = 0; i < 15; ++i) CHECK_FALSE(f.attempt(fmt::format("user{}", i), "10.0.0.1"));
  CHECK(f.attempt("user99", "10.0.0.1"));
}

TEST_CASE("a password that is proven once more takes its attempt back") {
  people_fixture f;
  for (int i = 0; i < 5; ++i) CHECK_FALSE(f.attempt("li", "10.0.0.1"));
  REQUIRE(f.run(f.people.forgive_attempt({"li", "10.0.0.1"}, limits, monday)));
  for (int i = 0; i < 5; ++i) CHECK_FALSE(f.attempt("li", "10.0.0.1"));
  CHECK(f.attempt("li", "10.0.0.1"));
}

TEST_CASE("an account is unlocked by hand") {
  people_fixture f;
  for (int i = 0; i < 5; ++i) f.attempt("li", "10.0.0.1");
  CHECK(f.attempt("li", "10.0.0.1"));
  CHECK(f.run(f.people.unlock("li", {}, record_of("user.unlock"))));
  CHECK_FALSE(f.attempt("li", "10.0.0.1"));
  CHECK(f.audit() == "user.unlock");
}

TEST_CASE("a session begins for the user whose password was checked") {
  people_fixture f;
  f.put(new_user());
  const auto before = f.digest();
  CHECK(f.begin(new_session(), 2) == people_outcome::changed);
  CHECK(f.digest() == before);
  CHECK(f.begin(new_session(), 1) == people_outcome::done);
  const auto loaded = f.run(f.people.load_session(std::string(64, 'a')));
  REQUIRE(loaded);
  REQUIRE(*loaded);
  CHECK((*loaded)->session.user() == "li");
  CHECK((*loaded)->seen == monday);
  CHECK(f.epoch() == 1);                   // a new session takes nobody's right
  CHECK_FALSE(f.begin(new_session(), 1));  // the same id again
}

TEST_CASE("a step of a second factor is used once, whoever comes first") {
  people_fixture f;
  f.put(new_user());
  CHECK(f.begin(new_session('a'), 1, 100) == people_outcome::done);
  CHECK(f.begin(new_session('b'), 1, 100) == people_outcome::code_used);
  CHECK(f.begin(new_session('b'), 1, 99) == people_outcome::code_used);
  CHECK(f.begin(new_session('b'), 1, 101) == people_outcome::done);
  v1::User next = new_user();
  next.set_version(2);
  put_options options;
  options.used_step = 101;
  CHECK(f.put(next, options) == people_outcome::code_used);
  options.used_step = 102;
  CHECK(f.put(next, options) == people_outcome::done);
}

TEST_CASE("the last use of a session goes forward only") {
  people_fixture f;
  f.put(new_user());
  const std::string id(64, 'a');
  CHECK(f.run(f.people.touch_session(id, monday)) == false);
  CHECK(f.begin(new_session(), 1) == people_outcome::done);
  CHECK(f.run(f.people.touch_session(id, monday + 1min)) == true);
  CHECK(f.run(f.people.touch_session(id, monday)) == true);
  CHECK((*f.run(f.people.load_session(id)))->seen == monday + 1min);
}

TEST_CASE("a session ends once, and everybody is told") {
  people_fixture f;
  f.put(new_user());
  CHECK(f.begin(new_session(), 1) == people_outcome::done);
  const std::string id(64, 'a');
  CHECK(f.run(f.people.end_session(id, record_of("session.end"))) == true);
  CHECK(f.epoch() == 2);
  CHECK_FALSE(*f.run(f.people.load_session(id)));
  CHECK(f.run(f.people.end_session(id, record_of("session.end"))) == false);
  CHECK(f.audit() == "user.change session.create session.end");
}

TEST_CASE("sessions whose time is over are forgotten, no others") {
  people_fixture f;
  f.put(new_user());
  CHECK(f.begin(new_session('a'), 1) == people_outcome::done);
  v1::Session longer = new_session('b');
  longer.set_ends_at(to_unix_ms(monday + 13h));
  CHECK(f.begin(longer, 1) == people_outcome::done);
  CHECK(f.run(f.people.sweep_sessions(monday + 12h - 1ms, 100)) == 0);
  CHECK(f.run(f.people.sweep_sessions(monday + 12h, 100)) == 1);
  CHECK_FALSE(*f.run(f.people.load_session(std::string(64, 'a'))));
  CHECK(*f.run(f.people.load_session(std::string(64, 'b'))));
}

TEST_CASE("what does not check out is not believed") {
  people_fixture f;
  f.put(new_user());
  f.exec("SETRANGE", user_key("li"), 40, "x");
  CHECK(f.run(f.people.load_user("li")).error().code == errc::corrupt_data);
  CHECK(f.run(f.people.list_users("", 10)).error().code == errc::corrupt_data);
  f.exec("SET", user_key("wang"), std::string(encode_user(new_user("li"))));
  CHECK(f.run(f.people.load_user("wang")).error().code == errc::corrupt_data);
  f.exec("HSET", session_key(std::string(64, 'a')), "s", encode_session(new_session('b')), "seen",
         "1");
  CHECK(f.run(f.people.load_session(std::string(64, 'a'))).error().code == errc::corrupt_data);
  f.exec("SET", epoch_key(), "many");
  CHECK(f.run(f.people.epoch()).error().code == errc::corrupt_data);
}

TEST_CASE("verify reads every user and session, and their indexes") {
  people_fixture f;
  const auto problems = [&] {
    const auto report = f.run(check_people(*f.redis.client));
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : to_string(report.error())));
    std::string all = fmt::format("{} {}:", report->users, report->sessions);
    for (const auto& problem : report->problems) all += " " + problem.substr(0, 14);
    return all;
  };
  CHECK(problems() == "0 0:");
  f.put(new_user());
  f.put(new_user("wang"));
  CHECK(f.begin(new_session(), 1) == people_outcome::done);
  f.attempt("nobody", "10.0.0.9");
  CHECK(problems() == "2 1:");
  f.exec("SETRANGE", user_key("li"), 40, "x");
  CHECK(problems() == "2 1: {0000}:user:li");
  f.exec("DEL", user_key("li"));
  CHECK(problems() == "1 1: {0000}:users n");
  f.exec("ZREM", users_key(), "li", "wang");
  CHECK(problems() == "1 1: {0000}:user:wa");
  f.exec("ZADD", users_key(), 0, "wang");
  f.exec("HSET", session_key(std::string(64, 'a')), "s", "S1");
  f.exec("DEL", sessions_key());
  CHECK(problems() == "1 1: {0000}:session {0000}:session");
  f.exec("SET", epoch_key(), "x");
  f.exec("SET", session_key(std::string(64, 'b')), "of another type");
  CHECK(problems().ends_with("{0000}:epoch t"));
}

TEST_CASE("a request about a user has one effect, and its answer is found again") {
  people_fixture f;
  put_options options;
  options.request = repeatable{{"key-1", "print of the request"}, monday};
  options.answer.mutable_user()->set_id("wang");
  const auto put = [&](const put_options& how) {
    return f.run(f.people.put_user(new_user("wang"), how, record_of("user.create"))).value();
  };
  const auto known = [&](std::string fingerprint, instant at) {
    return f.run(f.people.find_request({{"key-1", std::move(fingerprint)}, at})).value();
  };
  CHECK(std::holds_alternative<std::monostate>(known("print of the request", monday)));
  CHECK(put(options) == people_outcome::done);
  CHECK(put(options) == people_outcome::repeated);
  put_options other = options;
  other.request->request.fingerprint = "print of another";
  CHECK(put(other) == people_outcome::key_reused);
  CHECK(f.run(f.people.unlock("wang", other, record_of("user.unlock"))) ==
        people_outcome::key_reused);
  CHECK(f.run(f.people.unlock("wang", options, record_of("user.unlock"))) ==
        people_outcome::repeated);
  CHECK(f.audit() == "user.create");
  // The day after it is still known, like that of a ticket.
  for (const auto later : {0h, 24h}) {
    const auto again = known("print of the request", monday + later);
    REQUIRE(std::holds_alternative<v1::UserAnswer>(again));
    CHECK(std::get<v1::UserAnswer>(again).user().id() == "wang");
    CHECK(std::holds_alternative<key_reused>(known("print of another", monday + later)));
  }
  CHECK(std::holds_alternative<std::monostate>(known("print of the request", monday + 48h)));
}

TEST_CASE("nothing is written to another data set") {
  people_fixture f;
  f.put(new_user());
  people_store other(*f.redis.client, f.floor, {std::string(32, '0')});
  const auto before = f.digest();
  CHECK(f.run(other.put_user(new_user("wang"), {}, record_of("x"))).error().code ==
        errc::wrong_data_set);
  CHECK(f.run(other.record(record_of("x"))).error().code == errc::wrong_data_set);
  CHECK(f.run(other.count_attempt({"li", "10.0.0.1"}, limits, monday)).error().code ==
        errc::wrong_data_set);
  CHECK(f.run(other.unlock("li", {}, record_of("x"))).error().code == errc::wrong_data_set);
  CHECK(f.digest() == before);
  CHECK(f.run(f.people.record(record_of("ticket.export"))));
  CHECK(f.audit() == "user.change ticket.export");
}

TEST_CASE("what too few replicas have received is not acknowledged") {
  people_fixture f;
  store_options wary = f.options();
  wary.replicas_min = 1;
  wary.replica_timeout = 50ms;
  people_store people(*f.redis.client, f.floor, wary);
  const auto put = f.run(people.put_user(new_user(), {}, record_of("user.create")));
  REQUIRE_FALSE(put);
  CHECK(put.error().code == errc::outcome_unknown);
  // Nothing was done here, so there is nothing to wait for.
  CHECK(f.run(people.put_user(new_user(), {}, record_of("x"))) == people_outcome::changed);
}

TEST_CASE("the functions refuse what is not exactly right, and change nothing") {
  people_fixture f;
  f.put(new_user());
  const auto before = f.digest();
  const std::string set = f.guard.data_set();
  const auto refused = [&](auto... words) {
    const auto answer = f.redis.exec("FCALL", words...);
    CHECK(!answer);
    if (!answer) CHECK(answer.error().detail.starts_with("HLARGUMENT"));
  };
  const std::string value = encode_user(new_user("wang"));
  const std::string print(16, 'f');
  const std::string today = "{0000}:idem:20261123";
  const auto put = [&](const std::string& audit, const std::string& yesterday,
                       const std::string& user, const std::string& version,
                       const std::string& record, const std::string& printed) {
    refused("user_put", 8, "{0000}:user:wang", "{0000}:users", "{0000}:epoch", "{0000}:totp", audit,
            "{0000}:head", today, yesterday, set, user, version, value, "1", "", record, "key",
            printed, "answer");
  };
  put("{0000}:audit", "{0000}:idem:20261122", "li", "0", "x", print);
  put("{3700}:audit", "{0000}:idem:20261122", "wang", "0", "x", print);
  put("{0000}:audit", "{0000}:idem:20261122", "wang", "0", "", print);
  put("{0000}:audit", "{0000}:idem:20261122", "wang", "7", "x", print);
  put("{0000}:audit", "{0000}:users", "wang", "0", "x", print);
  put("{0000}:audit", "{0000}:idem:20261122", "wang", "0", "x", "short");
  refused("user_attempt", 3, "{0000}:attempts", "{0000}:attempts:due", "{0000}:head", set, "1",
          "li", "a:1", "5", "20", "900000");
  refused("user_attempt", 3, "{0000}:attempts", "{0000}:attempts:due", "{0000}:head", set, "1",
          "u:li", "a:1", "0", "20", "900000");
  refused("session_end", 5, "{0000}:session:x", "{0000}:sessions", "{0000}:epoch", "{0000}:audit",
          "{0000}:head", set, "x", "x");
  refused("session_touch", 1, "{0000}:session:x", "x", "1");
  refused("session_sweep", 2, "{0000}:sessions", "{0000}:user:li", "1", std::string(64, 'a'));
  refused("audit_append", 2, "{0000}:audit", "{0000}:head", set, "");
  CHECK(f.digest() == before);
}

}  // namespace
}  // namespace hotline::store
