// `hotline verify`: every kind of damage is found, named and, where it can be, repaired.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/store/records.hpp"
#include "common/store/verify.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using store::damage;

struct verify_fixture : store_fixture {
  store::verify_report verify(bool repair = false, std::size_t batch = 200) {
    store::verify_options options;
    options.repair = repair;
    options.batch = batch;
    auto report = run(store::verify(*redis.client, options));
    if (!report) throw std::runtime_error(to_string(report.error()));
    return *std::move(report);
  }
  /// The one problem there is.
  store::problem only(bool repair = false) {
    auto report = verify(repair);
    REQUIRE(report.problems.size() == 1);
    return report.problems.front();
  }
};

const std::string first_no = "3708-20261123-00001";
const std::string first_ticket = "{3708}:ticket:3708-20261123-00001";
const std::string first_history = "{3708}:history:3708-20261123-00001";

TEST_CASE("an undamaged data set is clean, whatever the size of a batch") {
  verify_fixture f;
  const auto numbers = f.fill("3708", 60, "370883");
  f.fill("3700", 10, "370800");
  const auto ticket = f.run(f.tickets->load(numbers[0]))->value();
  const auto second = annotated(ticket);
  f.commit(&ticket, second);
  f.commit(&second.ticket, closed(second.ticket));
  for (const std::size_t batch : {1U, 7U, 200U}) {
    const auto report = f.verify(false, batch);
    CHECK(report.clean());
    CHECK(report.tickets == 70);
    CHECK(report.events == 72);
    CHECK(report.entries == 70 * 5 - 3 + 1);
    CHECK(report.outbox_entries == 72);
  }
}

TEST_CASE("an empty data set is clean") {
  verify_fixture f;
  CHECK(f.verify().clean());
}

TEST_CASE("a flipped bit of a ticket is found wherever it is") {
  verify_fixture f;
  f.fill("3708", 3, "370883");
  const auto bytes = f.exec("GET", first_ticket);
  for (std::size_t at = 0; at < bytes.string().size(); at += 41) {
    CAPTURE(at);
    std::string flipped(bytes.string());
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    f.exec("SET", first_ticket, flipped);
    const auto found = f.only();
    CHECK(found.kind == damage::ticket_unreadable);
    CHECK(found.ticket_no == first_no);
  }
}

TEST_CASE("a flipped bit of a history is found") {
  verify_fixture f;
  f.fill("3708", 3, "370883");
  std::string event(f.exec("LINDEX", first_history, 0).string());
  event[event.size() / 2] = static_cast<char>(event[event.size() / 2] ^ 1);
  f.exec("LSET", first_history, 0, event);
  const auto report = f.verify();
  CHECK(report.counts.at(damage::history_unreadable) == 1);
  // The outbox still has the right bytes, and so tells too.
  CHECK(report.counts.at(damage::outbox_differs) == 1);
}

TEST_CASE("gaps, repeats and foreign events in a history are found") {
  verify_fixture f;
  const auto first = new_ticket();
  const auto second = annotated(first.ticket);
  const auto third = annotated(second.ticket);
  f.commit(nullptr, first);
  f.commit(&first.ticket, second);
  f.commit(&second.ticket, third);
  f.exec("DEL", "{3708}:events");
  SUBCASE("the last is missing") { f.exec("RPOP", first_history); }
  SUBCASE("the first is missing") { f.exec("LPOP", first_history); }
  SUBCASE("all are missing") { f.exec("DEL", first_history); }
  SUBCASE("one is there twice") {
    f.exec("RPUSH", first_history, f.exec("LINDEX", first_history, 2).string());
  }
  SUBCASE("one belongs to another ticket") {
    auto foreign = second.events.front();
    foreign.set_ticket_no("3708-20261123-00002");
    f.exec("LSET", first_history, 1, store::encode_event(foreign));
  }
  const auto found = f.only();
  CHECK(found.kind == damage::history_gap);
  CHECK(found.key == first_history);
}

TEST_CASE("a history that tells another story is found") {
  verify_fixture f;
  const auto first = new_ticket();
  f.commit(nullptr, first);
  f.exec("DEL", "{3708}:events");
  auto changed = first.events.front();
  changed.mutable_change()->set_created_by("somebody else");
  f.exec("LSET", first_history, 0, store::encode_event(changed));
  CHECK(f.only().kind == damage::history_differs);
}

TEST_CASE("a ticket that vanished leaves an orphan and extra entries") {
  verify_fixture f;
  f.fill("3708", 2, "370883");
  f.exec("DEL", first_ticket);
  f.exec("DEL", "{3708}:events");
  const auto report = f.verify();
  CHECK(report.counts.at(damage::history_orphan) == 1);
  CHECK(report.counts.at(damage::entry_extra) == 5);
  CHECK(f.verify(true).repaired == 5);
  CHECK(f.verify().counts == std::map<damage, std::int64_t>{{damage::history_orphan, 1}});
}

TEST_CASE("a missing derived entry is found and repaired") {
  verify_fixture f;
  f.fill("3708", 3, "370883");
  for (const auto* key : {"{3708}:timers", "{3708}:queue:370883", "{3708}:open:370883",
                          "{3708}:all", "{3708}:caller:13800001234"}) {
    CAPTURE(key);
    const auto before = f.digest();
    f.exec("ZREM", key, first_no);
    const auto found = f.only();
    CHECK(found.kind == damage::entry_missing);
    CHECK(found.key == key);
    CHECK_FALSE(found.repaired);
    CHECK(f.only(true).repaired);
    CHECK(f.verify().clean());
    CHECK(f.digest() == before);
  }
}

TEST_CASE("a wrong score is found and repaired") {
  verify_fixture f;
  f.fill("3708", 3, "370883");
  const auto before = f.digest();
  f.exec("ZINCRBY", "{3708}:timers", 1, first_no);
  CHECK(f.only().kind == damage::entry_wrong);
  CHECK(f.only(true).repaired);
  CHECK(f.digest() == before);
}

TEST_CASE("an extra entry is found and repaired, also beside a missing one") {
  verify_fixture f;
  f.fill("3708", 3, "370883");
  const auto before = f.digest();
  SUBCASE("in a queue of another unit") {
    f.exec("ZADD", "{3708}:queue:370881", 1, first_no);
    CHECK(f.only().kind == damage::entry_extra);
  }
  SUBCASE("of a ticket that does not exist") {
    f.exec("ZADD", "{3708}:timers", 1, "3708-20261123-00099");
    CHECK(f.only().kind == damage::entry_extra);
  }
  SUBCASE("of a caller") {
    f.exec("ZADD", "{3708}:caller:13999999999", 1, first_no);
    CHECK(f.only().kind == damage::entry_extra);
  }
  SUBCASE("in the place of one that is missing: the set has its size") {
    f.exec("ZREM", "{3708}:timers", first_no);
    f.exec("ZADD", "{3708}:timers", 1, "3708-20261123-00099");
    CHECK(f.verify().counts.size() == 2);
  }
  f.verify(true);
  CHECK(f.verify().clean());
  CHECK(f.digest() == before);
}

TEST_CASE("members and keys that are nobody's are reported and left alone") {
  verify_fixture f;
  f.fill("3708", 1, "370883");
  f.exec("ZADD", "{3708}:timers", 1, "garbage");
  CHECK(f.only(true).kind == damage::entry_extra);
  CHECK_FALSE(f.only(true).repaired);
  f.exec("ZREM", "{3708}:timers", "garbage");
  f.exec("SET", "{3708}:ticket:garbage", "x");
  CHECK(f.only().kind == damage::wrong_type);
  f.exec("DEL", "{3708}:ticket:garbage");
  f.exec("SET", "{3708}:queue:370881", "x");
  CHECK(f.only().kind == damage::wrong_type);
}

TEST_CASE("keys of other parts of the system are none of its business") {
  verify_fixture f;
  f.exec("SET", "{p:12345}:ref:1", "x");
  f.exec("SET", "session:1", "x");
  f.exec("XADD", "{3708}:seal", "*", "h", "x");
  f.exec("XADD", "{3708}:dead:dispatch", "*", "e", "x");
  CHECK(f.verify().clean());
}

TEST_CASE("an outbox entry that no history knows is found") {
  verify_fixture f;
  f.fill("3708", 2, "370883");
  auto invented = annotated(new_ticket().ticket).events.front();
  f.exec("XADD", "{3708}:events", "*", "e", store::encode_event(invented));
  CHECK(f.only().kind == damage::outbox_differs);
}

TEST_CASE("a shard with tickets and no head is found") {
  verify_fixture f;
  f.fill("3708", 1, "370883");
  f.exec("DEL", "{3708}:head");
  CHECK(f.only().kind == damage::head_unreadable);
}

TEST_CASE("problems beyond the cap are counted, not kept") {
  verify_fixture f;
  f.fill("3708", 30, "370883");
  f.exec("DEL", "{3708}:timers");
  store::verify_options options;
  options.problems_max = 10;
  int reports = 0;
  options.progress = [&](const store::verify_report&) { ++reports; };
  const auto report = f.run(store::verify(*f.redis.client, options));
  CHECK(report->problems.size() == 10);
  CHECK(report->counts.at(damage::entry_missing) == 30);
  CHECK(reports > 0);
}

TEST_CASE("a data set that is being worked on is not slandered") {
  verify_fixture f;
  const auto numbers = f.fill("3708", 150, "370883");
  bool stop = false;
  bool stopped = false;
  int commits = 0;
  auto work = [&]() -> boost::asio::awaitable<void> {
    std::size_t i = 0;
    while (!stop) {
      ++i;
      const auto before = (co_await f.tickets->load(numbers[i % numbers.size()]))->value();
      const auto step = moved(before, monday + std::chrono::minutes(i % 5000));
      const auto done =
          co_await f.tickets->commit(&before, step.ticket, step.events, {}, {}, monday);
      if (done) ++commits;
    }
    stopped = true;
  };
  auto other = f.redis.make_client();
  boost::asio::co_spawn(f.redis.context, work(), boost::asio::detached);
  for (int i = 0; i < 5; ++i) {
    store::verify_options options;
    options.batch = 20;
    const auto report = f.run(store::verify(*other, options));
    REQUIRE(report);
    for (const auto& found : report->problems) {
      CAPTURE(found.key);
      CAPTURE(found.text);
      CHECK(found.kind == damage::ticket_unreadable);  // never: shows what was found
    }
    CHECK(report->clean());
  }
  stop = true;
  run_until(f.redis.context, [&] { return stopped; });
  CHECK(commits > 100);
  CHECK(f.verify().clean());
}

TEST_CASE("a merged ticket and its main ticket say the same, once the events are handled") {
  verify_fixture f;
  const auto numbers = f.fill("3708", 2, "370883");
  auto merge = command_of(numbers[1], v1::ROLE_OPERATOR, "370000");
  merge.mutable_merge()->set_main_no(numbers[0]);
  REQUIRE(f.run(f.runner->run(std::move(merge))));

  SUBCASE("while somebody still has events to handle, not yet") {
    f.exec("XGROUP", "CREATE", "{3708}:events:dispatch", "dispatch", "0");
    CHECK(f.verify().clean());
  }
  SUBCASE("not listed") {
    const auto found = f.only();
    CHECK(found.kind == damage::merge_differs);
    CHECK(found.ticket_no == numbers[1]);
  }
  SUBCASE("listed, and listed although it was parted") {
    v1::Command list;
    list.mutable_actor()->set_role(v1::ROLE_SYSTEM);
    list.set_ticket_no(numbers[0]);
    list.mutable_add_merged()->set_child_no(numbers[1]);
    REQUIRE(f.run(f.runner->run(std::move(list))));
    CHECK(f.verify().clean());
    auto part = command_of(numbers[1], v1::ROLE_OPERATOR, "370000");
    part.mutable_unmerge()->set_reason("r");
    REQUIRE(f.run(f.runner->run(std::move(part))));
    CHECK(f.only().kind == damage::merge_differs);
  }
}

}  // namespace
}  // namespace hotline::test
