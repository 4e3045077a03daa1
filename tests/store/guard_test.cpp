// The guard: serves the right data set on the right settings, and nothing else.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <fstream>
#include <iterator>

#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_queue.hpp"
#include "common/store/function_library.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

/// A Redis and what a host needs to start on it, again and again.
struct guard_fixture {
  redis_fixture redis;
  temporary_directory directory;

  explicit guard_fixture(std::vector<std::string> config = {}, bool durable = false)
      : redis(std::move(config), durable) {}

  store::guard_options options() const {
    store::guard_options made;
    made.state_file = directory.path() + "/data_set";
    made.shards = test_shards();
    made.durable = false;
    return made;
  }
  result<void> start(const store::guard_options& with) {
    store::commit_floor floor;
    store::guard guard(with, floor, quiet_log());
    return redis.run(guard.start(exec_of(*redis.client)));
  }
  /// A start after which `commits` commits were acknowledged in 3708 and the floor was saved.
  void serve(int commits) {
    store::commit_floor floor;
    store::guard guard(options(), floor, quiet_log());
    REQUIRE(redis.run(guard.start(exec_of(*redis.client))));
    store::ticket_store tickets(*redis.client, floor, {guard.data_set(), 0, milliseconds(1000)});
    for (int i = 1; i <= commits; ++i) {
      ticket_shape shape;
      shape.no = fmt::format("3708-20261123-{:05}", i);
      const auto step = new_ticket(shape);
      REQUIRE(redis.run(tickets.commit(nullptr, step.ticket, step.events, {}, {}, monday)));
    }
    REQUIRE(guard.save_floor());
  }
  std::string exec(std::string_view verb, auto... arguments) {
    const auto answer = redis.exec(verb, arguments...);
    REQUIRE(answer);
    return std::string(answer->string());
  }
};

bool says(const result<void>& refused, errc code, std::string_view words) {
  return !refused && refused.error().code == code &&
         refused.error().detail.find(words) != std::string::npos;
}

TEST_CASE("an empty Redis becomes a data set, and is known again") {
  guard_fixture f;
  REQUIRE(f.start(f.options()));
  const auto id = f.exec("HGET", "{meta}:dataset", "id");
  CHECK(id.size() == 32);
  CHECK(f.exec("HGET", "{3708}:head", "dataset") == id);
  REQUIRE(f.start(f.options()));
  CHECK(f.exec("HGET", "{meta}:dataset", "id") == id);
}

TEST_CASE("a shard that is new to the configuration joins the data set") {
  guard_fixture f;
  f.serve(1);
  auto more = f.options();
  more.shards.emplace_back("3709");
  REQUIRE(f.start(more));
  CHECK(f.exec("HGET", "{3709}:head", "dataset") == f.exec("HGET", "{meta}:dataset", "id"));
}

TEST_CASE("a host without a state file accepts a data set that is there") {
  guard_fixture f;
  f.serve(2);
  auto elsewhere = f.options();
  elsewhere.state_file = f.directory.path() + "/another";
  REQUIRE(f.start(elsewhere));
  REQUIRE(f.start(elsewhere));
}

TEST_CASE("settings that would lose tickets are listed, each with what to set") {
  guard_fixture f({}, true);
  auto strict = f.options();
  strict.durable = true;
  REQUIRE(f.start(strict));
  REQUIRE(f.start(strict));
  const std::pair<const char*, const char*> wrong[] = {{"appendonly", "no"},
                                                       {"appendfsync", "everysec"},
                                                       {"no-appendfsync-on-rewrite", "yes"},
                                                       {"maxmemory-policy", "allkeys-lru"}};
  for (const auto& [name, value] : wrong) f.exec("CONFIG", "SET", name, value);
  const auto refused = f.start(strict);
  for (const auto* words :
       {"set 'appendonly yes'", "set 'appendfsync always'", "set 'no-appendfsync-on-rewrite no'",
        "set 'maxmemory-policy noeviction'", "is 'everysec'"}) {
    CAPTURE(words);
    CHECK(says(refused, errc::misconfigured, words));
  }
  f.exec("CONFIG", "SET", "appendonly", "yes");
  f.exec("CONFIG", "SET", "appendfsync", "always");
  f.exec("CONFIG", "SET", "no-appendfsync-on-rewrite", "no");
  f.exec("CONFIG", "SET", "maxmemory-policy", "noeviction");
  strict.replicas_min = 1;
  CHECK(says(f.start(strict), errc::misconfigured, "set 'min-replicas-to-write 1'"));
}

TEST_CASE("a cluster is refused, in words") {
  guard_fixture f;
  auto durable = f.options();
  durable.durable = true;
  store::commit_floor floor;
  store::guard guard(durable, floor, quiet_log());
  // A real cluster would need ports of its own: only its answer to CONFIG GET is needed.
  const auto as_cluster = [&](redis::command) {
    return f.redis.client->exec(redis::command("EVAL", "return {'cluster-enabled', 'yes'}", 0));
  };
  const auto refused = f.redis.run(guard.start(as_cluster));
  CHECK(says(refused, errc::misconfigured, "set 'cluster-enabled no' (is 'yes'"));
}

TEST_CASE("a user of an ACL serves, with the right password only") {
  guard_fixture f;
  f.exec("ACL", "SETUSER", "hotline", "on", ">secret", "~*", "+@all");
  f.exec("ACL", "SETUSER", "default", "off");
  const auto start_as = [&](const std::string& password) {
    redis::client_options options;
    options.who = {.username = "hotline", .password = password};
    redis::client client(f.redis.context.get_executor(), f.redis.server.endpoint(), options,
                         quiet_log());
    client.start();
    auto ok = f.redis.run(client.wait_connected(steady_now() + std::chrono::seconds(2)));
    store::commit_floor floor;
    store::guard guard(f.options(), floor, quiet_log());
    if (ok) ok = f.redis.run(guard.start(exec_of(client)));
    client.stop();
    return ok;
  };
  CHECK(start_as("secret"));
  CHECK_FALSE(start_as("wrong"));
}

TEST_CASE("wrong settings that come later are found by the check") {
  guard_fixture f({}, true);
  auto strict = f.options();
  strict.durable = true;
  store::commit_floor floor;
  store::guard guard(strict, floor, quiet_log());
  REQUIRE(f.redis.run(guard.start(exec_of(*f.redis.client))));
  REQUIRE(f.redis.run(guard.check(exec_of(*f.redis.client))));
  f.exec("CONFIG", "SET", "maxmemory-policy", "volatile-ttl");
  CHECK(says(f.redis.run(guard.check(exec_of(*f.redis.client))), errc::misconfigured,
             "maxmemory-policy"));
}

TEST_CASE("a Redis that was flushed is refused, and stays empty") {
  guard_fixture f;
  f.serve(3);
  f.exec("FLUSHALL");
  CHECK(says(f.start(f.options()), errc::wrong_data_set, "carries no data set"));
  CHECK(f.redis.exec("DBSIZE")->integer() == 0);
}

TEST_CASE("another data set is refused") {
  guard_fixture f;
  f.serve(1);
  f.exec("HSET", "{meta}:dataset", "id", std::string(32, 'b'));
  CHECK(says(f.start(f.options()), errc::wrong_data_set, std::string(32, 'b')));
}

TEST_CASE("a shard of another data set is refused") {
  guard_fixture f;
  f.serve(1);
  f.exec("HSET", "{3701}:head", "dataset", std::string(32, 'b'));
  CHECK(says(f.start(f.options()), errc::wrong_data_set, "shard 3701"));
}

TEST_CASE("a Redis that serves something else is not taken over") {
  guard_fixture f;
  f.exec("SET", "somebody", "else");
  CHECK(says(f.start(f.options()), errc::wrong_data_set, "serves something else"));
  CHECK(f.redis.exec("FUNCTION", "LIST")->size() == 0);
  CHECK(f.redis.exec("DBSIZE")->integer() == 1);
}

TEST_CASE("data that was rolled back is refused, by numbers") {
  guard_fixture f;
  f.serve(5);
  SUBCASE("the counter is lower") {
    f.exec("HSET", "{3708}:head", "commits", "4");
    CHECK(says(f.start(f.options()), errc::wrong_data_set, "3708 has 4 commits, 5 were"));
  }
  SUBCASE("the head is gone") {
    f.exec("DEL", "{3708}:head");
    CHECK(says(f.start(f.options()), errc::wrong_data_set, "3708 has 0 commits, 5 were"));
    CHECK(f.redis.exec("EXISTS", "{3708}:head")->integer() == 0);
  }
  SUBCASE("more commits than we saw are fine: other hosts commit too") {
    f.exec("HSET", "{3708}:head", "commits", "6");
    CHECK(f.start(f.options()));
  }
}

TEST_CASE("an exchange with a partner that was rolled back is refused, by numbers") {
  guard_fixture f;
  {
    store::commit_floor floor;
    store::guard guard(f.options(), floor, quiet_log());
    REQUIRE(f.redis.run(guard.start(exec_of(*f.redis.client))));
    store::exchange_vault vault(keys_for_tests());
    store::exchange_feed feed(*f.redis.client, vault, "jining-12345", guard.data_set(), &floor);
    store::exchange_queue queue(*f.redis.client, vault, "jining-12345", guard.data_set(), &floor);
    REQUIRE(f.redis.run(feed.adopt()));
    v1::OutMessage message;
    message.set_made_at(to_unix_ms(monday));
    REQUIRE(f.redis.run(queue.put({"3708-20261123-00001", 1}, message, monday)));
    store::feed_document document;
    document.entries.resize(1);
    document.entries[0].item.mutable_event()->set_external_no("A1");
    REQUIRE(f.redis.run(feed.put(std::move(document), monday, milliseconds(300'000))));
    CHECK(floor.of("p:jining-12345") == 2);
    REQUIRE(guard.save_floor());
  }
  const char* const head = "{p:jining-12345}:head";
  REQUIRE(f.start(f.options()));
  SUBCASE("the counter is lower") {
    f.exec("HSET", head, "commits", "1");
    CHECK(says(f.start(f.options()), errc::wrong_data_set,
               "partner jining-12345 has 1 commits, 2 were"));
  }
  SUBCASE("the head is gone") {
    f.exec("DEL", head);
    CHECK(says(f.start(f.options()), errc::wrong_data_set,
               "partner jining-12345 has 0 commits, 2 were"));
  }
  SUBCASE("it is another data set's") {
    f.exec("HSET", head, "dataset", std::string(32, 'b'));
    CHECK(says(f.start(f.options()), errc::wrong_data_set, "partner jining-12345 belongs to"));
  }
}

TEST_CASE("a running process notices a roll-back on its next connection") {
  guard_fixture f;
  store::commit_floor floor;
  store::guard guard(f.options(), floor, quiet_log());
  REQUIRE(f.redis.run(guard.start(exec_of(*f.redis.client))));
  floor.seen("3708", 3);
  redis::client_options options;
  options.on_connect = [&](redis::exec_function exec) { return guard.check(std::move(exec)); };
  redis::client client(f.redis.context.get_executor(), f.redis.server.endpoint(), options,
                       quiet_log());
  client.start();
  const auto connected = f.redis.run(client.wait_connected(steady_now() + milliseconds(300)));
  REQUIRE_FALSE(connected);
  CHECK(connected.error().detail.find("rolled back") != std::string::npos);
  f.exec("HSET", "{3708}:head", "commits", "3");
  CHECK(f.redis.run(client.wait_connected(steady_now() + std::chrono::seconds(10))));
}

TEST_CASE("a rehearsal never serves for real, and the real thing never rehearses") {
  guard_fixture f;
  auto rehearsal = f.options();
  rehearsal.mode = store::data_set_mode::rehearsal;
  REQUIRE(f.start(rehearsal));
  CHECK(says(f.start(f.options()), errc::wrong_data_set, "for rehearsal"));
  auto elsewhere = f.options();
  elsewhere.state_file = f.directory.path() + "/another";
  CHECK(says(f.start(elsewhere), errc::wrong_data_set, "is for rehearsal"));
  REQUIRE(f.start(rehearsal));
}

TEST_CASE("the real data set cannot be used to rehearse") {
  guard_fixture f;
  f.serve(1);
  auto rehearsal = f.options();
  rehearsal.mode = store::data_set_mode::rehearsal;
  CHECK(says(f.start(rehearsal), errc::wrong_data_set, "for live"));
  rehearsal.state_file = f.directory.path() + "/another";
  CHECK(says(f.start(rehearsal), errc::wrong_data_set, "is for live"));
}

TEST_CASE("a damaged state file stops the start and says what it is for") {
  guard_fixture f;
  f.serve(1);
  const auto path = f.options().state_file;
  std::string text;
  {
    std::ifstream file(path);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  CHECK(text.find("floor 3708 1\n") != std::string::npos);
  text[text.find("floor 3708 1") + 11] = '0';
  std::ofstream(path) << text;
  CHECK(says(f.start(f.options()), errc::corrupt_data, path));
  std::ofstream(path) << "";
  CHECK(says(f.start(f.options()), errc::corrupt_data, path));
}

TEST_CASE("a state file that cannot be written is an error, not a shrug") {
  guard_fixture f;
  auto options = f.options();
  options.state_file = f.directory.path() + "/no/such/directory/state";
  CHECK(says(f.start(options), errc::io_error, "no/such/directory"));
}

TEST_CASE("two processes of a host keep the higher floor") {
  guard_fixture f;
  store::commit_floor low;
  store::commit_floor high;
  store::guard one(f.options(), low, quiet_log());
  store::guard two(f.options(), high, quiet_log());
  REQUIRE(f.redis.run(one.start(exec_of(*f.redis.client))));
  REQUIRE(f.redis.run(two.start(exec_of(*f.redis.client))));
  f.exec("HSET", "{3708}:head", "commits", "9");
  high.seen("3708", 9);
  low.seen("3701", 0);
  REQUIRE(two.save_floor());
  REQUIRE(one.save_floor());
  f.exec("HSET", "{3708}:head", "commits", "8");
  CHECK(says(f.start(f.options()), errc::wrong_data_set, "9 were acknowledged"));
}

TEST_CASE("the function library is loaded, replaced when older, and never taken back") {
  guard_fixture f;
  f.exec("FUNCTION", "LOAD",
         "#!lua name=hotline\n-- schema 0\nredis.register_function('commit', function() end)");
  REQUIRE(f.start(f.options()));
  const auto list = f.redis.exec("FUNCTION", "LIST", "LIBRARYNAME", "hotline", "WITHCODE");
  REQUIRE(list);
  CHECK(list->at(0).array().back().string() == store::function_library_source());

  f.exec("FUNCTION", "LOAD", "REPLACE",
         "#!lua name=hotline\n-- schema 999\nredis.register_function('commit', function() end)");
  CHECK(says(f.start(f.options()), errc::misconfigured, "schema 999"));
}

}  // namespace
}  // namespace hotline::test
