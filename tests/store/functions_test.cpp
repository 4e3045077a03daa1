// The Lua functions themselves: what they accept, what they refuse, and that a refusal changes
// nothing.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <random>

#include "common/store/function_call.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

/// A call of the function `commit`, each part of which a test may spoil.
struct commit_call {
  std::vector<std::string> keys{"{3708}:ticket:3708-20261123-00001",
                                "{3708}:history:3708-20261123-00001",
                                "{3708}:events",
                                "{3708}:head",
                                "{0000}:idem:20261123",
                                "{0000}:idem:20261122",
                                "{3708}:all",
                                "{3708}:queue:370883"};
  std::vector<std::string> arguments;

  explicit commit_call(const std::string& data_set, int before = 0)
      : arguments{data_set,
                  "3708-20261123-00001",
                  std::to_string(before),
                  fmt::format("T1{:010}{}payload", before + 2, std::string(16, 'c')),
                  "key-1",
                  std::string(16, 'f'),
                  "answer",
                  "2",
                  "event one",
                  "event two",
                  "dispatch",
                  "",
                  "1795395600000",
                  before == 0 ? "30000000000000" : ""} {}

  redis::command command() const {
    auto call = store::function_call("commit", keys);
    for (const auto& argument : arguments) call.add(argument);
    return call;
  }
};

result<redis::reply> send(store_fixture& f, const commit_call& call) {
  return f.run(f.redis.client->exec(call.command()));
}

TEST_CASE("commit writes everything in one step") {
  store_fixture f;
  const auto done = send(f, commit_call(f.guard.data_set()));
  REQUIRE(done);
  CHECK(done->at(0).integer() == 1);
  CHECK(done->at(1).integer() == 1);
  CHECK(f.exec("GET", "{3708}:ticket:3708-20261123-00001").string().ends_with("payload"));
  CHECK(f.exec("LRANGE", "{3708}:history:3708-20261123-00001", 0, -1).at(1).string() ==
        "event two");
  const auto events = f.exec("XRANGE", "{3708}:events", "-", "+");
  REQUIRE(events.size() == 2);
  CHECK(events.at(0).at(1).at(0).string() == "e");
  CHECK(events.at(0).at(1).at(1).string() == "event one");
  const auto lane = f.exec("XRANGE", "{3708}:events:dispatch", "-", "+");
  REQUIRE(lane.size() == 1);
  CHECK(lane.at(0).at(1).at(1).string() == "event one");
  CHECK(f.exec("ZSCORE", "{3708}:all", "3708-20261123-00001").string() == "1795395600000");
  CHECK(f.exec("HGET", "{0000}:idem:20261123", "key-1").string() ==
        std::string(16, 'f') + "answer");
  CHECK(f.exec("HGET", "{3708}:head", "commits").string() == "1");

  SUBCASE("the next version takes the ticket out of the queue") {
    auto next = commit_call(f.guard.data_set(), 2);
    next.arguments[4] = "key-2";
    const auto second = send(f, next);
    REQUIRE(second);
    CHECK(second->at(1).integer() == 2);
    CHECK(f.exec("ZSCORE", "{3708}:queue:370883", "3708-20261123-00001").is_nil());
    CHECK(f.exec("EXISTS", "{3708}:queue:370883").integer() == 0);
  }
  SUBCASE("the same key and fingerprint give the stored answer, whatever the version") {
    const auto before = f.digest();
    const auto again = send(f, commit_call(f.guard.data_set()));
    REQUIRE(again);
    CHECK(again->at(0).integer() == 3);
    CHECK(again->at(1).string() == "answer");
    CHECK(f.digest() == before);
  }
  SUBCASE("yesterday's key is known too") {
    auto tomorrow = commit_call(f.guard.data_set());
    tomorrow.keys[4] = "{0000}:idem:20261124";
    tomorrow.keys[5] = "{0000}:idem:20261123";
    CHECK(send(f, tomorrow)->at(0).integer() == 3);
  }
  SUBCASE("the same key with another fingerprint is refused") {
    auto other = commit_call(f.guard.data_set(), 2);
    other.arguments[5] = std::string(16, 'g');
    const auto before = f.digest();
    CHECK(send(f, other)->at(0).integer() == 4);
    CHECK(f.digest() == before);
  }
  SUBCASE("another version is a conflict and tells the present one") {
    auto other = commit_call(f.guard.data_set());
    other.arguments[4] = "key-2";
    const auto before = f.digest();
    const auto answer = send(f, other);
    CHECK(answer->at(0).integer() == 2);
    CHECK(answer->at(1).integer() == 2);
    CHECK(f.digest() == before);
  }
}

TEST_CASE("commit refuses what is not exactly right, and changes nothing") {
  store_fixture f;
  REQUIRE(send(f, commit_call(f.guard.data_set())));
  const auto good = [&] {
    auto call = commit_call(f.guard.data_set(), 2);
    call.arguments[4] = "key-2";
    return call;
  };
  using spoil = void (*)(commit_call&);
  const std::pair<const char*, spoil> cases[] = {
      {"no keys", [](commit_call& c) { c.keys.clear(); }},
      {"a key too few", [](commit_call& c) { c.keys.pop_back(); }},
      {"an argument too many", [](commit_call& c) { c.arguments.push_back("1"); }},
      {"an argument too few", [](commit_call& c) { c.arguments.pop_back(); }},
      {"another data set", [](commit_call& c) { c.arguments[0] = std::string(32, '0'); }},
      {"no ticket number", [](commit_call& c) { c.arguments[1] = "x"; }},
      {"another ticket's number", [](commit_call& c) { c.arguments[1] = "3708-20261123-00002"; }},
      {"version is no number", [](commit_call& c) { c.arguments[2] = "2.0"; }},
      {"negative version", [](commit_call& c) { c.arguments[2] = "-1"; }},
      {"value of another version", [](commit_call& c) { c.arguments[3][11] = '7'; }},
      {"value without a payload", [](commit_call& c) { c.arguments[3].resize(28); }},
      {"key without fingerprint", [](commit_call& c) { c.arguments[5].clear(); }},
      {"idempotency key too long", [](commit_call& c) { c.arguments[4].assign(201, 'k'); }},
      {"no events", [](commit_call& c) { c.arguments[7] = "0"; }},
      {"huge number of events", [](commit_call& c) { c.arguments[7] = "999999999999"; }},
      {"empty event", [](commit_call& c) { c.arguments[8].clear(); }},
      {"lanes are no names", [](commit_call& c) { c.arguments[10] = "events:x"; }},
      {"score is no number", [](commit_call& c) { c.arguments[12] = "abc"; }},
      {"score is not a number", [](commit_call& c) { c.arguments[12] = "nan"; }},
      {"score is infinite", [](commit_call& c) { c.arguments[13] = "inf"; }},
      {"score is hexadecimal", [](commit_call& c) { c.arguments[12] = "0x10"; }},
      {"score overflows", [](commit_call& c) { c.arguments[12] = "1e999"; }},
      {"ticket under another number",
       [](commit_call& c) { c.keys[0] = "{3708}:ticket:3708-20261123-00009"; }},
      {"history under another number",
       [](commit_call& c) { c.keys[1] = "{3708}:history:3708-20261123-00009"; }},
      {"history is the ticket", [](commit_call& c) { c.keys[1] = c.keys[0]; }},
      {"events of another shard", [](commit_call& c) { c.keys[2] = "{3709}:events"; }},
      {"head is something else", [](commit_call& c) { c.keys[3] = "{3708}:heads"; }},
      {"day is something else", [](commit_call& c) { c.keys[4] = "{0000}:idem:2026112"; }},
      {"derived key of another shard", [](commit_call& c) { c.keys[6] = "{3709}:all"; }},
      {"derived key is the ticket", [](commit_call& c) { c.keys[6] = c.keys[0]; }},
      {"derived key is the head", [](commit_call& c) { c.keys[7] = "{3708}:head"; }},
      {"derived key is a day", [](commit_call& c) { c.keys[7] = c.keys[4]; }},
      {"derived key without a family", [](commit_call& c) { c.keys[7] = "{3708}:"; }},
  };
  const auto before = f.digest();
  for (const auto& [name, spoil_it] : cases) {
    CAPTURE(name);
    auto call = good();
    spoil_it(call);
    CHECK_FALSE(send(f, call));
    CHECK(f.digest() == before);
  }
  CHECK(send(f, good())->at(0).integer() == 1);
}

TEST_CASE("commit refuses keys of another type, and changes nothing") {
  store_fixture f;
  REQUIRE(send(f, commit_call(f.guard.data_set())));
  auto call = commit_call(f.guard.data_set(), 2);
  call.arguments[4] = "key-2";
  auto touched = call.keys;
  touched.emplace_back("{3708}:events:dispatch");
  for (const auto& key : touched) {
    CAPTURE(key);
    f.exec("COPY", key, "{3708}:kept", "REPLACE");
    f.exec("DEL", key);
    if (key.find(":ticket:") != std::string::npos) {
      f.exec("RPUSH", key, "x");
    } else {
      f.exec("SET", key, "x");
    }
    const auto before = f.digest();
    CHECK_FALSE(send(f, call));
    CHECK(f.digest() == before);
    f.exec("DEL", key);
    if (f.exec("EXISTS", "{3708}:kept").integer() == 1) f.exec("RENAME", "{3708}:kept", key);
  }
  CHECK(send(f, call)->at(0).integer() == 1);
}

TEST_CASE("commit refuses a ticket whose history is shorter or whose value is garbage") {
  store_fixture f;
  REQUIRE(send(f, commit_call(f.guard.data_set())));
  auto call = commit_call(f.guard.data_set(), 2);
  call.arguments[4] = "key-2";
  SUBCASE("history") { f.exec("RPOP", call.keys[1]); }
  SUBCASE("value") { f.exec("SET", call.keys[0], "garbage"); }
  SUBCASE("counter") { f.exec("HSET", call.keys[3], "commits", "x"); }
  SUBCASE("counter gone") { f.exec("HDEL", call.keys[3], "commits"); }
  const auto before = f.digest();
  const auto answer = send(f, call);
  REQUIRE_FALSE(answer);
  CHECK(store::failure_of_function(answer.error()).code == errc::corrupt_data);
  CHECK(f.digest() == before);
}

/// Random damage to keys and arguments: whatever happens, an error changes nothing, and an answer
/// that is no commit changes nothing either.
TEST_CASE("no argument vector makes commit half-write") {
  store_fixture f;
  REQUIRE(send(f, commit_call(f.guard.data_set())));
  const unsigned seed = 20261123;
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return random() % n; };
  const std::vector<std::string> dictionary{"",
                                            "0",
                                            "1",
                                            "2",
                                            "-1",
                                            "1e5",
                                            "nan",
                                            "inf",
                                            "x",
                                            std::string(1, '\0'),
                                            "{3708}:events",
                                            "{3708}:head",
                                            "{3708}:all",
                                            "{0000}:idem:20261123",
                                            "{3708}:ticket:3708-20261123-00001",
                                            "{3708}:history:3708-20261123-00001",
                                            std::string(300, '9'),
                                            "T10000000004",
                                            "3708-20261123-00001",
                                            "99999999999999999999"};
  auto before = f.digest();
  int committed = 0;
  int version = 2;
  for (int round = 0; round < 4000; ++round) {
    if (version > 40) {  // begin again, for the digest takes as long as there is data
      for (const auto& key : commit_call(f.guard.data_set()).keys) {
        if (key != "{3708}:head") f.exec("DEL", key);
      }
      version = 0;
      before = f.digest();
    }
    auto call = commit_call(f.guard.data_set(), version);
    call.arguments[4] = fmt::format("fuzz-{}", round);
    const auto damage = below(4);
    for (std::size_t i = 0; i < damage; ++i) {
      auto& list = below(2) == 0 && !call.keys.empty() ? call.keys : call.arguments;
      if (list.empty()) continue;
      auto& item = list[below(list.size())];
      switch (below(7)) {
        case 0: item = dictionary[below(dictionary.size())]; break;
        case 1: list.erase(list.begin() + static_cast<std::ptrdiff_t>(below(list.size()))); break;
        case 2: list.push_back(dictionary[below(dictionary.size())]); break;
        case 3: std::swap(item, list[below(list.size())]); break;
        case 4:
          if (!item.empty()) item[below(item.size())] = static_cast<char>(random());
          break;
        case 5: item.resize(below(item.size() + 1)); break;
        default: item += dictionary[below(dictionary.size())];
      }
    }
    CAPTURE(seed);
    CAPTURE(round);
    const auto answer = send(f, call);
    if (answer && answer->at(0).integer() == 1) {
      ++committed;
      // Damage that is still a good commit: everything must have been written, so the next
      // undamaged one must find ticket and history in step.
      version = static_cast<int>(f.exec("LLEN", "{3708}:history:3708-20261123-00001").integer());
      const auto value = f.exec("GET", "{3708}:ticket:3708-20261123-00001");
      CHECK(value.string().substr(0, 12) == fmt::format("T1{:010}", version));
      before = f.digest();
    } else {
      const auto after = f.digest();
      REQUIRE(after == before);
    }
  }
  CHECK(committed > 100);
  CHECK(f.exec("HGET", "{3708}:head", "commits").string() == std::to_string(committed + 1));
}

TEST_CASE("lease hands out each serial once and refuses nonsense") {
  store_fixture f;
  const auto lease = [&](std::string key, std::string data_set, std::string day,
                         std::string count) {
    const std::vector<std::string> keys{std::move(key)};
    auto call = store::function_call("lease", keys);
    call.add(data_set).add(day).add(count);
    return f.run(f.redis.client->exec(std::move(call)));
  };
  const auto& id = f.guard.data_set();
  const auto first = lease("{3708}:head", id, "20261123", "1");
  CHECK(first->at(0).integer() == 1);
  CHECK(first->at(1).integer() == 1);
  const auto second = lease("{3708}:head", id, "20261123", "10");
  CHECK(second->at(0).integer() == 2);
  CHECK(second->at(1).integer() == 11);
  CHECK(lease("{3708}:head", id, "20261124", "5")->at(0).integer() == 1);

  const auto before = f.digest();
  CHECK_FALSE(lease("{3708}:head", std::string(32, 'a'), "20261123", "1"));
  CHECK_FALSE(lease("{3708}:heads", id, "20261123", "1"));
  CHECK_FALSE(lease("{3708}:head", id, "2026112", "1"));
  for (const auto* count : {"0", "1001", "-1", "1.5", "", "x"}) {
    CHECK_FALSE(lease("{3708}:head", id, "20261123", count));
  }
  CHECK(f.digest() == before);
  f.exec("HSET", "{3708}:head", "serial:20261123", "999999998");
  CHECK_FALSE(lease("{3708}:head", id, "20261123", "2"));
  CHECK(lease("{3708}:head", id, "20261123", "1")->at(1).integer() == 999'999'999);
}

TEST_CASE("a full Redis refuses commits and still lets groups drain") {
  store_fixture f;
  REQUIRE(send(f, commit_call(f.guard.data_set())));
  f.exec("XGROUP", "CREATE", "{3708}:events", "g", "0");
  const auto read =
      f.exec("XREADGROUP", "GROUP", "g", "c", "COUNT", 1, "STREAMS", "{3708}:events", ">");
  const std::string id(read.at(0).at(1).at(0).at(0).string());
  f.exec("CONFIG", "SET", "maxmemory", 1);

  auto call = commit_call(f.guard.data_set(), 2);
  call.arguments[4] = "key-2";
  const auto refused = send(f, call);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::refused);
  const std::vector<std::string> keys{"{3708}:events", "{3708}:dead:g"};
  auto bury = store::function_call("bury", keys);
  bury.add("g").add(id).add("reason");
  CHECK(f.run(f.redis.client->exec(std::move(bury)))->integer() == 1);

  f.exec("CONFIG", "SET", "maxmemory", 0);
  CHECK(send(f, call)->at(0).integer() == 1);
}

TEST_CASE("without the library nothing is written, and the guard brings it back") {
  store_fixture f;
  f.exec("FUNCTION", "FLUSH");
  const auto step = new_ticket();
  const auto refused =
      f.run(f.tickets->commit(nullptr, step.ticket, step.events, {}, {}, f.clock.now()));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::unavailable);
  REQUIRE(f.run(f.guard.check(exec_of(*f.redis.client))));
  f.commit(nullptr, step);
}

}  // namespace
}  // namespace hotline::test
