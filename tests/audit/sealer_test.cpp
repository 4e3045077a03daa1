// Sealing: everything is sealed once and in order, by one sealer or several, through crashes.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>

#include "common/runtime/stop_signal.hpp"
#include "common/store/keys.hpp"
#include "tests/audit/audit_fixture.hpp"

namespace hotline::test {
namespace {

store::chain_head head_of(audit_fixture& f, const std::string& shard) {
  std::vector<std::string> one{shard};
  return f.run(store::read_heads(*f.redis.client, f.guard.data_set(), one)).front().value();
}

TEST_CASE("a store nobody tampered with is clean") {
  for (const auto hash : {v1::HASH_SUITE_SHA_256, v1::HASH_SUITE_SM3}) {
    audit_fixture f(1'000'000, hash);
    CHECK(f.verify(false).clean());
    f.fill_and_seal();
    const auto report = f.verify();
    CHECK(complaints(report) == "");
    CHECK(report.tickets == 9);
    CHECK(report.events == 9 * 4 + 9);
    CHECK(report.heads > 0);
    CHECK(report.waiting == 0);
    CHECK(head_of(f, "3708").events == 24);
    CHECK(f.work.counters.events == 45);
    CHECK(f.work.counters.overtaken == 0);
  }
}

TEST_CASE("what was committed a moment ago is waiting, not inserted") {
  audit_fixture f;
  f.fill_and_seal();
  f.fill("3700", 3, "370000");
  f.record("session.create");
  const auto report = f.verify();
  CHECK(complaints(report) == "");
  CHECK(report.waiting == 4);
}

TEST_CASE("nothing new: no entry, no command but the look") {
  audit_fixture f;
  f.fill("3708", 2, "370883");
  f.seal();
  const auto before = f.digest();
  CHECK(f.run(f.work.sealer.seal_once()).value() == false);
  CHECK(f.digest() == before);
}

TEST_CASE("a long backlog is sealed in runs") {
  audit_fixture f;
  sealing small(f, f.audit_directory(), 1'000'000, v1::HASH_SUITE_SHA_256, 16);
  f.fill("3708", 50, "370883");
  int looks = 1;
  while (f.run(small.sealer.seal_once()).value()) ++looks;
  CHECK(looks == 4);
  CHECK(head_of(f, "3708").entries == 4);
  CHECK(complaints(f.verify(false)) == "");
}

TEST_CASE("what is committed while old entries are archived is sealed meanwhile") {
  audit_fixture f;
  // An entry an event: thousands of them leave Redis in many steps.
  sealing work(f, f.audit_directory(), 10, v1::HASH_SUITE_SHA_256, 1);
  constexpr int old_events = 3'000;
  for (int i = 0; i < old_events; ++i) f.record("session.create");
  while (f.run(work.sealer.seal_once()).value()) {
  }
  const auto people = std::string(store::people_shard);
  REQUIRE(head_of(f, people).events == old_events);
  const auto left = [&] { return f.redis.exec("XLEN", store::seal_key(people))->integer(); };
  audit::sealer_options options;
  options.data_set = f.guard.data_set();
  options.shards = sealed_shards();
  options.run_max = 1;
  options.interval = milliseconds(1);
  audit::sealer quick(*work.client, work.keeper, f.clock, options, work.counters, quiet_log());
  runtime::stop_signal stopping(f.redis.context.get_executor());
  bool ended = false;
  boost::asio::co_spawn(f.redis.context, quick.run(stopping),
                        [&](const std::exception_ptr& thrown) {
                          CHECK_FALSE(thrown);
                          ended = true;
                        });
  run_until(f.redis.context, [&] { return work.counters.heads > 0; });  // archiving is next
  f.record("user.change");
  run_until(f.redis.context, [&] { return work.counters.events > old_events; });
  CHECK(left() > 1'000);
  run_until(f.redis.context, [&] { return left() < 100; });
  stopping.raise();
  run_until(f.redis.context, [&] { return ended; });
  CHECK(complaints(f.verify()) == "");
}

TEST_CASE("two sealers: each event is sealed once") {
  audit_fixture f;
  sealing other(f, f.audit_directory());
  for (int round = 0; round < 20; ++round) {
    f.fill(round % 2 == 0 ? "3708" : "3701", round % 2 == 0 ? 0 : 0, "370883");
    ticket_shape shape;
    shape.no = fmt::format("3708-20261123-{:05}", round + 1);
    f.commit(nullptr, new_ticket(shape));
    f.record("session.create");
    // Both look at the same news before either appends.
    int ended = 0;
    for (auto* one : {&f.work.sealer, &other.sealer}) {
      boost::asio::co_spawn(f.redis.context, one->seal_once(),
                            [&](const std::exception_ptr& thrown, result<bool> sealed) {
                              CHECK_FALSE(thrown);
                              CHECK(sealed.has_value());
                              ++ended;
                            });
    }
    run_until(f.redis.context, [&] { return ended == 2; });
  }
  f.seal();
  CHECK(f.run(other.sealer.seal_once()).has_value());
  CHECK(f.work.counters.events + other.counters.events == 40);
  CHECK(f.work.counters.overtaken + other.counters.overtaken > 0);
  const auto report = f.verify(false);
  CHECK(complaints(report) == "");
  CHECK(report.events == 40);
}

TEST_CASE("a sealer that dies between reading and appending loses nothing") {
  audit_fixture f;
  f.fill("3708", 5, "370883");
  {
    // Read, computed, and gone.
    const auto before = head_of(f, "3708");
    std::vector<std::string> shards{"3708"};
    std::vector<store::stream_place> behind{before.sealed};
    const auto news =
        f.run(store::read_behind(*f.redis.client, shards, behind, 100)).front().value();
    crypto::digest digest(v1::HASH_SUITE_SHA_256);
    store::make_seal(digest, v1::HASH_SUITE_SHA_256, "3708", before, news, monday);
  }
  f.seal();
  CHECK(complaints(f.verify(false)) == "");
  CHECK(head_of(f, "3708").events == 5);
}

TEST_CASE("a sealer that appended and did not hear of it goes on from what Redis has") {
  audit_fixture f;
  f.fill("3708", 5, "370883");
  const auto before = head_of(f, "3708");
  std::vector<std::string> shards{"3708"};
  std::vector<store::stream_place> behind{before.sealed};
  const auto news = f.run(store::read_behind(*f.redis.client, shards, behind, 100)).front().value();
  crypto::digest digest(v1::HASH_SUITE_SHA_256);
  std::vector<store::append_request> requests;
  requests.push_back(
      {"3708", before,
       store::make_seal(digest, v1::HASH_SUITE_SHA_256, "3708", before, news, monday)});
  CHECK(f.run(store::append_seals(*f.redis.client, requests)).front().value() ==
        store::append_outcome::appended);
  const auto digest_after = f.digest();
  // The same again, as a sealer would that never got the answer: it changes nothing.
  CHECK(f.run(store::append_seals(*f.redis.client, requests)).front().value() ==
        store::append_outcome::overtaken);
  CHECK(f.digest() == digest_after);
  f.seal();
  CHECK(complaints(f.verify(false)) == "");
  CHECK(head_of(f, "3708").events == 5);
}

TEST_CASE("Redis is killed under the sealer and comes back") {
  audit_fixture f;
  f.fill("3708", 5, "370883");
  f.seal();
  runtime::stop_signal stopping(f.redis.context.get_executor());
  bool ended = false;
  boost::asio::co_spawn(f.redis.context, f.work.sealer.run(stopping),
                        [&](const std::exception_ptr& thrown) {
                          CHECK_FALSE(thrown);
                          ended = true;
                        });
  f.fill("3701", 5, "370102");
  run_until(f.redis.context, [&] { return f.work.counters.events == 10; });
  f.exec("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  f.fill("3700", 5, "370000");
  run_until(f.redis.context, [&] { return head_of(f, "3700").events == 5; });
  stopping.raise();
  run_until(f.redis.context, [&] { return ended; });
  CHECK(complaints(f.verify()) == "");
}

TEST_CASE("at the end what is left is sealed, and the heads are signed") {
  audit_fixture f;
  f.fill("3708", 5, "370883");
  runtime::stop_signal stopping(f.redis.context.get_executor());
  stopping.raise();
  f.run(f.work.sealer.run(stopping));
  CHECK(head_of(f, "3708").events == 5);
  const auto heads = audit::read_heads_file(f.heads_path(), {f.work.key.public_key()});
  REQUIRE(heads);
  REQUIRE(heads->heads.size() == 1);
  CHECK(heads->heads[0].events == 5);
}

TEST_CASE("a chain that went back is noticed") {
  audit_fixture f;
  f.fill("3708", 5, "370883");
  f.seal();
  f.keep();
  f.exec("DEL", "{3708}:seal", "{3708}:seal:head");
  f.keep();
  CHECK(f.work.counters.set_back == 1);
  // The next process compares with what was signed.
  const auto report = f.verify();
  CHECK(report.counts.contains(store::tampering::chain_cut));
}

TEST_CASE("a shard that is damaged does not keep the others from being sealed") {
  audit_fixture f;
  f.fill("3708", 2, "370883");
  f.seal();
  const auto spoil = [&](const std::string& key) {
    f.exec("RENAME", key, key + ":away");
    f.exec("SET", key, "x");
  };
  const auto mend = [&](const std::string& key) { f.exec("RENAME", key + ":away", key); };
  int ticket = 2;
  for (const std::string key : {"{3708}:seal:head", "{3708}:seal", "{3708}:events"}) {
    spoil(key);
    (void)f.run(f.work.sealer.keep_once());  // learns the heads anew; the archive cannot be written
    ticket_shape shape;
    shape.no = fmt::format("3701-20261123-{:05}", ++ticket);
    f.commit(nullptr, new_ticket(shape));
    const auto failures = f.work.counters.failures.load();
    f.seal();
    CHECK(head_of(f, "3701").events == ticket - 2);
    mend(key);
    f.keep();
    CHECK(f.work.counters.failures >= failures);
  }
  f.commit(nullptr, new_ticket({.no = "3708-20261123-00009"}));
  f.seal();
  CHECK(head_of(f, "3708").events == 3);
  CHECK(f.work.counters.failures > 0);
  CHECK(complaints(f.verify()) == "");
}

TEST_CASE("the functions refuse what they must not write") {
  audit_fixture f;
  const std::string hash(32, 'h');
  const auto seal = [&](const std::string& stream, const std::string& head, auto... arguments) {
    return f.redis.exec("FCALL", "seal", 2, stream, head, arguments...);
  };
  const auto before = f.digest();
  for (const auto& answer :
       {seal("{3708}:events", "{3708}:events:head", "0", "", hash, "1-1", "1", "body"),
        seal("{3708}:seal", "{3701}:seal:head", "0", "", hash, "1-1", "1", "body"),
        seal("{3708}:seal", "{3708}:seal:head", "0", hash, hash, "1-1", "1", "body"),
        seal("{3708}:seal", "{3708}:seal:head", "0", "", "short", "1-1", "1", "body"),
        seal("{3708}:seal", "{3708}:seal:head", "0", "", hash, "11", "1", "body"),
        seal("{3708}:seal", "{3708}:seal:head", "0", "", hash, "1-1", "x", "body"),
        seal("{3708}:seal", "{3708}:seal:head", "-1", "", hash, "1-1", "1", "body"),
        seal("{3708}:seal", "{3708}:seal:head", "0", "", hash, "1-1", "1", ""),
        seal("{3708}:seal", "{3708}:seal:head", "0", "", hash, "1-1", "1"),
        f.redis.exec("FCALL", "record", 2, "{3708}:audit", "{3708}:head", "s", "x"),
        f.redis.exec("FCALL", "record", 2, "{0000}:audit", "{0000}:head", "s", ""),
        f.redis.exec("FCALL", "record", 1, "{0000}:audit", "x"),
        f.redis.exec("FCALL", "record", 3, "{0000}:audit", "{0000}:head", "{0000}:epoch", "s", "x",
                     "y")}) {
    REQUIRE_FALSE(answer);
    CHECK(answer.error().detail.starts_with("HLARGUMENT"));
  }
  CHECK(seal("{3708}:seal", "{3708}:seal:head", "1", hash, hash, "1-1", "1", "body")
            ->at(0)
            .integer() == 2);
  CHECK(f.digest() == before);
}

}  // namespace
}  // namespace hotline::test
