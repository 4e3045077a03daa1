// What partners are told: per ticket in order, at least once, nothing forgotten.
#include <doctest/doctest.h>

#include <set>

#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_queue.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using store::message_id;

constexpr milliseconds lease{60'000};
constexpr const char* first_no = "3708-20261123-00001";
constexpr const char* second_no = "3708-20261123-00002";

v1::OutMessage message_of(const std::string& text) {
  v1::OutMessage message;
  message.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_PROGRESS);
  message.mutable_event()->set_text(text);
  message.set_made_at(to_unix_ms(monday));
  return message;
}

v1::SendFailure busy() {
  v1::SendFailure failure;
  failure.set_http_status(503);
  failure.set_text("系统繁忙，来电人张三");
  return failure;
}

struct out_fixture : store_fixture {
  out_fixture() { REQUIRE(run(feed.adopt())); }

  bool put(const std::string& no, std::int64_t version) {
    return *run(queue.put({no, version}, message_of(std::to_string(version)), monday));
  }
  std::vector<message_id> take(instant now) {
    std::vector<message_id> ids;
    const auto taken = run(queue.take(now, lease, 100));
    REQUIRE(taken);
    for (const auto& one : *taken) {
      CHECK(one.message.event().text() == std::to_string(one.id.version));
      ids.push_back(one.id);
    }
    return ids;
  }

  store::exchange_vault exchange_keys{keys_for_tests()};
  store::exchange_feed feed{*redis.client, exchange_keys, "jining-12345", guard.data_set()};
  store::exchange_queue queue{*redis.client, exchange_keys, "jining-12345", guard.data_set()};
};

TEST_CASE("a version is put once, even after it was sent") {
  out_fixture f;
  CHECK(f.put(first_no, 2));
  CHECK_FALSE(f.put(first_no, 2));
  CHECK(*f.run(f.queue.settle({first_no, 2}, "10000", "", monday)));
  CHECK_FALSE(*f.run(f.queue.settle({first_no, 2}, "10000", "", monday)));
  CHECK_FALSE(f.put(first_no, 2));
  CHECK(f.take(monday).empty());
  CHECK(*f.run(f.queue.backlog()) == 0);
}

TEST_CASE("versions of a ticket go one behind the other, tickets beside each other") {
  out_fixture f;
  f.put(first_no, 10);
  f.put(first_no, 9);  // its event was retried and came later
  f.put(second_no, 1);
  CHECK(f.take(monday) == std::vector<message_id>{{first_no, 9}, {second_no, 1}});
  CHECK(f.take(monday).empty());
  CHECK(f.take(monday + lease).size() == 2);  // a sender that died has not sent it for sure
  f.run(f.queue.settle({first_no, 9}, "10000", "", monday));
  CHECK(f.take(monday) == std::vector<message_id>{{first_no, 10}});
}

TEST_CASE("a try that failed counts and waits; later messages do not shorten the wait") {
  out_fixture f;
  f.put(first_no, 1);
  f.take(monday);
  const auto next = monday + std::chrono::minutes(5);
  CHECK(*f.run(f.queue.fail_try({first_no, 1}, next, busy(), monday)));
  f.put(first_no, 2);
  CHECK(f.take(next - milliseconds(1)).empty());
  const auto taken = f.run(f.queue.take(next, lease, 10));
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().id == message_id{first_no, 1});
  CHECK(taken->front().tries == 1);
}

TEST_CASE("a dead letter holds its ticket until it is sent again, perhaps with other words") {
  out_fixture f;
  f.put(first_no, 1);
  f.put(second_no, 1);
  CHECK(*f.run(f.queue.fail_try({first_no, 1}, std::nullopt, busy(), monday)));
  f.put(first_no, 2);
  CHECK(f.take(monday) == std::vector<message_id>{{second_no, 1}});
  CHECK(f.take(monday + lease * 10) == std::vector<message_id>{{second_no, 1}});
  const auto page = f.run(f.queue.dead_letters(0, 10));
  REQUIRE(page);
  REQUIRE(page->letters.size() == 1);
  CHECK(page->total == 1);
  CHECK(page->letters[0].id == message_id{first_no, 1});
  CHECK(page->letters[0].message.event().text() == "1");
  CHECK(page->letters[0].tries == 1);
  CHECK(page->letters[0].failure.http_status() == 503);
  CHECK(page->letters[0].failure.text() == busy().text());
  CHECK(page->letters[0].failure.at() == to_unix_ms(monday));
  const auto found = f.run(f.queue.find_dead_letter({first_no, 1}));
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((**found).failure.text() == busy().text());
  CHECK_FALSE(*f.run(f.queue.find_dead_letter({first_no, 2})));
  CHECK(
      f.exec("HGET", "{p:jining-12345}:out:" + std::string(first_no), "f:1").string().find("张") ==
      std::string::npos);

  CHECK(*f.run(f.queue.resend({first_no, 1}, message_of("改正"), monday)));
  CHECK_FALSE(*f.run(f.queue.resend({first_no, 1}, std::nullopt, monday)));
  const auto taken = f.run(f.queue.take(monday, lease, 10));
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().message.event().text() == "改正");
  CHECK(taken->front().tries == 0);
  f.run(f.queue.settle({first_no, 1}, "10000", "", monday));
  CHECK(f.take(monday) == std::vector<message_id>{{first_no, 2}});
}

TEST_CASE("what was taken and not tried is given back without a try being counted") {
  out_fixture f;
  f.put(first_no, 1);
  f.take(monday);
  const auto soon = monday + std::chrono::seconds(1);
  CHECK(*f.run(f.queue.give_back({first_no, 1}, soon)));
  CHECK(f.take(monday).empty());
  const auto taken = f.run(f.queue.take(soon, lease, 10));
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().tries == 0);
  f.run(f.queue.settle({first_no, 1}, "10000", "", soon));
  CHECK_FALSE(*f.run(f.queue.give_back({first_no, 1}, soon)));
  CHECK(f.take(soon).empty());
}

TEST_CASE("an id of a message has one spelling") {
  const auto id = store::parse_message_id("3708-20261123-00001:12");
  REQUIRE(id);
  CHECK(*id == message_id{first_no, 12});
  CHECK(to_string(*id) == "3708-20261123-00001:12");
  for (const char* text :
       {"", ":", "3708-20261123-00001", "3708-20261123-00001:", "3708-20261123-00001:0",
        "3708-20261123-00001:07", "x:1", "3708-20261123-00001:-1000", "3708-20261123-00001:-07",
        "3708-20261123-00001:1x"}) {
    CAPTURE(text);
    CHECK_FALSE(store::parse_message_id(text));
  }
  const auto refusal = store::parse_message_id("3708-20261123-00001:-999");
  REQUIRE(refusal);
  CHECK(*refusal == message_id{first_no, store::first_refusal});
}

TEST_CASE("the number a partner gives a ticket leads to ours, and goes out with what follows") {
  out_fixture f;
  f.put(first_no, 1);
  f.put(first_no, 2);
  f.run(f.queue.settle({first_no, 1}, "10000", "JN-77", monday));
  const auto next = f.run(f.queue.take(monday, lease, 10));
  REQUIRE(next->size() == 1);
  CHECK(next->front().external_no == "JN-77");
  CHECK(f.run(f.feed.waiting("JN-77"))->ticket_no == first_no);
}

TEST_CASE("the number it was told under leads to the ticket as well, and wakes what waits for it") {
  out_fixture f;
  f.put(first_no, 1);
  f.put(first_no, 2);
  store::feed_entry finish;
  finish.item.mutable_event()->set_external_no("JT1");
  finish.item.mutable_event()->set_serial("1");
  REQUIRE(f.run(f.feed.put({.entries = {finish}, .nonce = {}, .cursor = {}}, monday, lease)));
  const auto tomorrow = monday + std::chrono::hours(24);
  REQUIRE(f.run(f.feed.defer("JT1", tomorrow)));
  CHECK(f.run(f.feed.take(monday, lease, 10))->empty());

  f.run(f.queue.settle({first_no, 1}, "10000", "JN-77", monday, "JT1"));
  CHECK(f.run(f.feed.waiting("JT1"))->ticket_no == first_no);
  CHECK(f.run(f.feed.waiting("JN-77"))->ticket_no == first_no);
  CHECK(f.run(f.feed.take(monday, lease, 10)) == std::vector<std::string>{"JT1"});
  CHECK(f.run(f.queue.take(monday, lease, 10))->front().external_no == "JN-77");
}

TEST_CASE("a number that leads to a ticket is not led to another") {
  out_fixture f;
  f.put(first_no, 1);
  f.put(second_no, 1);
  f.run(f.queue.settle({first_no, 1}, "10000", "JN-77", monday));
  f.run(f.queue.settle({second_no, 1}, "10000", "JN-78", monday, "JN-77"));
  CHECK(f.run(f.feed.waiting("JN-77"))->ticket_no == first_no);
  CHECK(f.run(f.feed.waiting("JN-78"))->ticket_no == second_no);
}

TEST_CASE("a message moved to another place does not open, and the others do") {
  out_fixture f;
  f.put(first_no, 1);
  f.put(second_no, 1);
  const auto stolen =
      std::string(f.exec("HGET", "{p:jining-12345}:out:" + std::string(first_no), "m:1").string());
  f.exec("HSET", "{p:jining-12345}:out:" + std::string(second_no), "m:1", stolen);
  const auto taken = f.run(f.queue.take(monday, lease, 10));
  REQUIRE(taken);
  REQUIRE(taken->size() == 2);
  CHECK_FALSE(taken->at(0).damage);
  REQUIRE(taken->at(1).damage);
  CHECK(taken->at(1).damage->code == errc::corrupt_data);
  REQUIRE(*f.run(f.queue.fail_try({second_no, 1}, std::nullopt, busy(), monday)));
  CHECK(f.run(f.queue.dead_letters(0, 10))->letters.at(0).failure.http_status() == 503);
}

}  // namespace
}  // namespace hotline::test
