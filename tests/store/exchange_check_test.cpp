// `hotline verify` on the exchange with partners: every kind of damage is found, named and, where
// it can be, repaired.
#include <doctest/doctest.h>

#include "common/store/exchange_check.hpp"
#include "tests/store/exchange_kit.hpp"

namespace hotline::test {
namespace {

using namespace std::chrono_literals;
using store::exchange_damage;

const std::string first_no = "3708-20261123-00001";
const std::string second_no = "3708-20261123-00002";

struct check_fixture : exchange_kit {
  /// Two tickets with something waiting on both sides, a dead letter, reviews, and one at rest.
  check_fixture() {
    auto first = new_ticket();
    first.ticket.mutable_intake()->set_external_no("A1");
    first.events.front().mutable_change()->mutable_intake()->set_external_no("A1");
    commit(nullptr, first);
    ticket_shape shape;
    shape.no = second_no;
    commit(nullptr, new_ticket(shape));
    receive("A1", "1", first_no);
    settle("A1");
    receive("A1", "2");
    receive("A3", "1", "3708-20261123-00009");  // is about to be made
    receive("A4", "1", "3708-20261123-00008");
    settle("A4", true);  // was refused: its number stays without a ticket
    receive_nonsense("{");
    tell(first_no, 1);
    tell(first_no, 2);
    tell(second_no, 1);
    hear(second_no, 1, "A2");
    tell(second_no, 4);
    REQUIRE(run(queue.fail_try({second_no, 4}, std::nullopt, {}, monday)).value());
    tell(second_no, 5);
    v1::FetchOrder order;
    order.set_ticket_no(first_no);
    REQUIRE(run(fetches.put(order, monday)).value());
  }

  store::exchange_report check(bool repair = false, std::size_t batch = 200) {
    store::exchange_check_options options;
    options.data_set = guard.data_set();
    options.now = monday + 1h;
    options.repair = repair;
    options.batch = batch;
    auto report = run(store::check_exchange(*redis.client, exchange_keys, options));
    if (!report) throw std::runtime_error(to_string(report.error()));
    return *std::move(report);
  }
  /// The one problem there is.
  store::exchange_problem only() {
    auto report = check();
    REQUIRE(report.problems.size() == 1);
    return report.problems.front();
  }
};

TEST_CASE("an undamaged exchange is clean, whatever the size of a batch") {
  check_fixture f;
  for (const std::size_t batch : {1U, 3U, 200U}) {
    const auto report = f.check(false, batch);
    CHECK(report.clean());
    CHECK(report.partners == 1);
    CHECK(report.tickets == 4);
    CHECK(report.items == 2);
    CHECK(report.messages == 4);
    CHECK(report.reviews == 2);
  }
}

TEST_CASE("a refusal needs no ticket, and its entries are mended like those of all messages") {
  check_fixture f;
  const auto page = f.run(f.feed.reviews(0, 10));
  const auto unread = std::ranges::find_if(
      page->reviews, [](const auto& one) { return !one.review.item().has_event(); });
  REQUIRE(unread != page->reviews.end());
  const store::message_id id{"3708-20261123-00007", store::first_refusal};
  auto message = exchange_kit::message_of(id.ticket_no);
  message.mutable_event()->set_external_no("A5");
  REQUIRE(*f.run(f.feed.refuse(unread->id, 1, id, message, monday)) == store::refuse_end::told);
  CHECK(f.check().clean());
  f.exec("ZREM", f.key("unsent"), to_string(id));
  f.exec("ZREM", f.key("sending"), id.ticket_no);
  CHECK_FALSE(f.check(true).clean());
  CHECK(f.check().clean());
  CHECK_FALSE(f.exec("ZSCORE", f.key("unsent"), to_string(id)).is_nil());
  CHECK_FALSE(f.exec("ZSCORE", f.key("sending"), id.ticket_no).is_nil());
  f.hear(id.ticket_no, id.version);
  CHECK(f.check().clean());
}

TEST_CASE("without partners there is nothing wrong") {
  store_fixture f;
  store::exchange_vault vault(keys_for_tests());
  const auto report = f.run(store::check_exchange(*f.redis.client, vault, {}));
  REQUIRE(report);
  CHECK(report->clean());
  CHECK(report->partners == 0);
}

TEST_CASE("a head without identity or counter, or of another data set, is named") {
  check_fixture f;
  SUBCASE("of another data set") { f.exec("HSET", f.key("head"), "dataset", std::string(32, 'b')); }
  SUBCASE("no identity") { f.exec("HDEL", f.key("head"), "dataset"); }
  SUBCASE("no counter") { f.exec("HDEL", f.key("head"), "commits"); }
  SUBCASE("no number") { f.exec("HSET", f.key("head"), "commits", "many"); }
  const auto found = f.only();
  CHECK(found.kind == exchange_damage::head_unreadable);
  CHECK(found.key == f.key("head"));
}

TEST_CASE("what is sealed must open where it lies") {
  check_fixture f;
  SUBCASE("a flipped bit of an item") {
    std::string item(f.exec("LINDEX", f.key("waiting:A1"), 0).string());
    item[item.size() / 2] = static_cast<char>(item[item.size() / 2] ^ 1);
    f.exec("LSET", f.key("waiting:A1"), 0, item);
    CHECK(f.only().key == f.key("waiting:A1"));
  }
  SUBCASE("an item of another ticket") {
    const std::string item(f.exec("LINDEX", f.key("waiting:A3"), 0).string());
    f.exec("LSET", f.key("waiting:A1"), 0, item);
    CHECK(f.only().key == f.key("waiting:A1"));
  }
  SUBCASE("a message of another version") {
    const std::string message(f.exec("HGET", f.key("out:" + first_no), "m:1").string());
    f.exec("HSET", f.key("out:" + first_no), "m:2", message);
    CHECK(f.only().key == f.key("out:" + first_no));
  }
  SUBCASE("how a message failed") {
    f.exec("HSET", f.key("out:" + second_no), "f:4", "nonsense");
    CHECK(f.only().key == f.key("out:" + second_no));
  }
  SUBCASE("files to be fetched") {
    const auto fields = f.exec("HKEYS", f.key("fetches"));
    f.exec("HSET", f.key("fetches"), fields.at(0).string(), "nonsense");
    CHECK(f.only().key == f.key("fetches"));
  }
  SUBCASE("a review") {
    const auto ids = f.exec("HKEYS", f.key("reviews"));
    f.exec("HSET", f.key("reviews"), ids.at(0).string(), "nonsense");
    CHECK(f.only().key == f.key("reviews"));
  }
  CHECK(f.only().kind == exchange_damage::item_unreadable);
}

TEST_CASE("a message that is gone is missed") {
  check_fixture f;
  f.exec("HDEL", f.key("out:" + first_no), "m:1");
  const auto report = f.check();
  CHECK(report.counts.at(exchange_damage::message_missing) == 1);
}

TEST_CASE("numbers lead to tickets that know them") {
  check_fixture f;
  SUBCASE("the ticket is gone") {
    f.exec("DEL", "{3708}:ticket:" + first_no);
    const auto report = f.check();
    CHECK(report.counts.at(exchange_damage::ticket_missing) == 2);  // in and out
    CHECK(report.problems.size() == 2);
  }
  SUBCASE("no number of a ticket") {
    f.exec("HSET", f.key("ticket:A1"), "no", "nonsense");
    CHECK(f.only().kind == exchange_damage::ticket_missing);
  }
  SUBCASE("the number of another ticket of theirs") {
    f.exec("HSET", f.key("ticket:A2"), "no", first_no);
    CHECK(f.only().kind == exchange_damage::number_differs);
  }
  SUBCASE("one that was about to be made and never was") {
    f.settle("A3");
    const auto found = f.only();
    CHECK(found.kind == exchange_damage::ticket_missing);
    CHECK(found.key == f.key("ticket:A3"));
  }
}

TEST_CASE("a ticket that was handed over they may call by several numbers") {
  check_fixture f;
  const std::string no = "3708-20261123-00003";
  ticket_shape shape;
  shape.no = no;
  auto made = new_ticket(shape);
  for (auto* const list : {made.ticket.mutable_transfers(),
                           made.events.front().mutable_change()->mutable_transfers()}) {
    list->Add()->set_external_no("JT1");
  }
  f.commit(nullptr, made);
  f.tell(no, 1);
  REQUIRE(f.run(f.queue.settle({no, 1}, "10000", "JN-77", monday, "JT1")).value());
  store::feed_entry entry;
  entry.item.mutable_event()->set_external_no("JN-78");
  entry.item.mutable_event()->set_serial("1");
  entry.item.mutable_event()->set_ticket_no(no);
  entry.handled_no = no;
  REQUIRE(f.run(f.feed.put({.entries = {entry}, .nonce = {}, .cursor = {}}, monday, f.window)));
  for (const char* number : {"JT1", "JN-77", "JN-78"})
    CHECK(f.run(f.feed.waiting(number))->ticket_no == no);
  CHECK(f.check().clean());
  f.exec("HDEL", f.key("ticket:JN-77"), "linked");
  CHECK(f.only().kind == exchange_damage::number_differs);
}

TEST_CASE("a key that holds something else is named, and the rest is looked at") {
  check_fixture f;
  SUBCASE("due") { f.exec("SET", f.key("due"), "x"); }
  SUBCASE("waiting") { f.exec("SET", f.key("waiting:A9"), "x"); }
  SUBCASE("ticket") { f.exec("SET", f.key("ticket:A9"), "x"); }
  SUBCASE("out") { f.exec("SET", f.key("out:3708-20261123-00077"), "x"); }
  SUBCASE("reviews") { f.exec("SET", f.key("reviews"), "x"); }
  const auto report = f.check();
  CHECK(report.counts.at(exchange_damage::wrong_type) == 1);
}

TEST_CASE("derived sets follow what they are derived from, and are repaired") {
  check_fixture f;
  std::string set;
  std::string member;
  bool missing = true;
  const auto lacks = [&](const std::string& name, const std::string& of) {
    set = f.key(name);
    member = of;
    f.exec("ZREM", set, member);
  };
  const auto has_extra = [&](const std::string& name, const std::string& of) {
    set = f.key(name);
    member = of;
    missing = false;
    f.exec("ZADD", set, 7, member);
  };
  SUBCASE("due lacks") { lacks("due", "A1"); }
  SUBCASE("unsettled lacks") { lacks("unsettled", "A1"); }
  SUBCASE("seen lacks") { lacks("seen", "A2"); }
  SUBCASE("sending lacks") { lacks("sending", first_no); }
  SUBCASE("order lacks") { lacks("out:" + first_no + ":order", "2"); }
  SUBCASE("unsent lacks") { lacks("unsent", first_no + ":2"); }
  SUBCASE("due has extra") { has_extra("due", "A2"); }
  SUBCASE("unsettled has extra") { has_extra("unsettled", "A2"); }
  SUBCASE("seen has extra") { has_extra("seen", "A77"); }
  SUBCASE("sending has extra") { has_extra("sending", "3708-20261123-00077"); }
  SUBCASE("unsent has extra") { has_extra("unsent", second_no + ":1"); }
  SUBCASE("dead has extra") { has_extra("dead", second_no + ":1"); }
  SUBCASE("fetches:due has extra") { has_extra("fetches:due", "00ff"); }
  SUBCASE("fetches:made has extra") { has_extra("fetches:made", "00ff"); }
  SUBCASE("fetches:made lacks") {
    lacks("fetches:made", std::string(f.exec("HKEYS", f.key("fetches")).at(0).string().substr(2)));
  }
  SUBCASE("fetches:due lacks") {
    lacks("fetches:due", std::string(f.exec("HKEYS", f.key("fetches")).at(0).string().substr(2)));
  }
  SUBCASE("reviews:at has extra") { has_extra("reviews:at", "00ff"); }
  SUBCASE("reviews:at lacks") {
    lacks("reviews:at", std::string(f.exec("HKEYS", f.key("reviews")).at(0).string()));
  }
  CHECK(f.only().kind == exchange_damage::derived_differs);
  CHECK_FALSE(f.only().repaired);
  const auto repaired = f.check(true);
  CHECK(repaired.repaired == 1);
  CHECK(f.check().clean());
  CHECK(f.exec("ZSCORE", set, member).is_nil() == !missing);
}

TEST_CASE("a lost index of everything that waits is made again, and the exchange goes on") {
  check_fixture f;
  for (const char* set : {"due", "unsettled", "sending", "unsent", "seen", "reviews:at"}) {
    f.exec("DEL", f.key(set));
  }
  CHECK_FALSE(f.check().clean());
  CHECK_FALSE(f.check(true).clean());
  CHECK(f.check().clean());
  CHECK(f.run(f.feed.take(monday + 1h, exchange_kit::lease, 10))->size() == 2);
  CHECK(f.run(f.queue.take(monday + 1h, exchange_kit::lease, 10))->size() == 1);
}

}  // namespace
}  // namespace hotline::test
