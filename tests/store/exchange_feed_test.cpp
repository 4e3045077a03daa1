// What partners tell us: taken in once, whole or not at all, in order, until it is settled.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <map>
#include <set>

#include "common/store/exchange_feed.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using boost::asio::awaitable;
using store::feed_answer;
using store::feed_status;

constexpr milliseconds window{300'000};
constexpr milliseconds lease{60'000};
constexpr const char* our_no = "3708-20261123-00001";

struct feed_fixture : store_fixture {
  feed_fixture() { REQUIRE(run(feed.adopt())); }

  feed_answer put(store::feed_document document, instant now = monday) {
    auto answer = run(feed.put(std::move(document), now, window));
    if (!answer) throw std::runtime_error(to_string(answer.error()));
    return *std::move(answer);
  }

  store::exchange_vault exchange_keys{keys_for_tests()};
  store::exchange_feed feed{*redis.client, exchange_keys, "jining-12345", guard.data_set()};
};

store::feed_entry entry_of(const std::string& external_no, const std::string& serial,
                           const std::string& text = "13800001234 来电",
                           v1::PartnerEventKind kind = v1::PARTNER_EVENT_KIND_URGE) {
  store::feed_entry entry;
  auto& event = *entry.item.mutable_event();
  event.set_partner("jining-12345");
  event.set_kind(kind);
  event.set_external_no(external_no);
  event.set_serial(serial);
  event.set_text(text);
  entry.item.set_original("{\"text\":\"" + text + "\"}");
  entry.item.set_received_at(to_unix_ms(monday));
  if (kind == v1::PARTNER_EVENT_KIND_CREATE) entry.proposed_no = our_no;
  return entry;
}

store::feed_document document_of(std::vector<store::feed_entry> entries) {
  return {std::move(entries), std::nullopt, std::nullopt};
}

TEST_CASE("an item that names a ticket the partner handles leads its number there") {
  feed_fixture f;
  auto finish = entry_of("FY1", "1");
  finish.handled_no = our_no;
  CHECK(f.put(document_of({finish})).outcomes[0].ticket_no == our_no);
  CHECK(f.run(f.feed.waiting("FY1"))->ticket_no == our_no);
  // Their number is one ticket's for good.
  auto other = entry_of("FY1", "2");
  other.handled_no = "3708-20261123-00002";
  CHECK(f.put(document_of({other})).outcomes[0].ticket_no == our_no);
  CHECK(f.run(f.feed.waiting("FY1"))->items.size() == 2);
}

TEST_CASE("a number whose ticket was never made is free for one they handle") {
  feed_fixture f;
  f.put(document_of({entry_of("A1", "1", "欠薪", v1::PARTNER_EVENT_KIND_CREATE)}));
  const auto waiting = f.run(f.feed.waiting("A1"));
  v1::FeedReview refused;
  refused.set_reason(v1::REVIEW_REASON_REJECTED);
  REQUIRE(*f.run(f.feed.settle("A1", waiting->items.at(0), refused, monday)));
  auto finish = entry_of("A1", "2");
  finish.handled_no = "3708-20261123-00002";
  CHECK(f.put(document_of({finish})).outcomes[0].ticket_no == "3708-20261123-00002");
}

TEST_CASE("the same item again is a duplicate, and a create keeps its first number") {
  feed_fixture f;
  auto create = entry_of("A1", "1", "欠薪", v1::PARTNER_EVENT_KIND_CREATE);
  const auto first = f.put(document_of({create}));
  REQUIRE(first.outcomes.size() == 1);
  CHECK(first.outcomes[0].status == feed_status::taken);
  CHECK(first.outcomes[0].ticket_no == our_no);

  create.proposed_no = "3708-20261123-00002";
  const auto again = f.put(document_of({create, create}));
  for (const auto& outcome : again.outcomes) {
    CHECK(outcome.status == feed_status::duplicate);
    CHECK(outcome.ticket_no == our_no);
  }
  CHECK(f.run(f.feed.waiting("A1"))->items.size() == 1);
}

TEST_CASE("the same item twice in one document is taken once") {
  feed_fixture f;
  const auto answer = f.put(document_of({entry_of("A1", "1"), entry_of("A1", "1")}));
  REQUIRE(answer.outcomes.size() == 2);
  CHECK(answer.outcomes[0].status == feed_status::taken);
  CHECK(answer.outcomes[1].status == feed_status::duplicate);
}

TEST_CASE("creates that race make one number") {
  feed_fixture f;
  std::set<std::string> told;
  int taken = 0, left = 32;
  for (int i = 1; i <= 32; ++i) {
    auto create = entry_of("A1", "1", "欠薪", v1::PARTNER_EVENT_KIND_CREATE);
    create.proposed_no = "3708-20261123-000" + std::to_string(10 + i);
    boost::asio::co_spawn(
        f.redis.context,
        [&f, &told, &taken, &left, create]() -> awaitable<void> {
          const auto answer = co_await f.feed.put(document_of({create}), monday, window);
          if (answer) {
            told.insert(answer->outcomes.at(0).ticket_no);
            if (answer->outcomes.at(0).status == feed_status::taken) ++taken;
          }
          --left;
        },
        boost::asio::detached);
  }
  // An answer to something sent later on the same connection comes after all of theirs.
  while (left > 0) REQUIRE(f.run(f.feed.cursor()));
  CHECK(taken == 1);
  CHECK(told.size() == 1);
}

TEST_CASE("a serial with another content is not taken, and one review is kept of it") {
  feed_fixture f;
  f.put(document_of({entry_of("A1", "1", "甲")}));
  for (int i = 0; i < 3; ++i) {
    CHECK(f.put(document_of({entry_of("A1", "1", "乙")})).outcomes.at(0).status ==
          feed_status::other_content);
  }
  CHECK(f.run(f.feed.waiting("A1"))->items.size() == 1);
  const auto page = f.run(f.feed.reviews(0, 10));
  REQUIRE(page);
  REQUIRE(page->reviews.size() == 1);
  CHECK(page->total == 1);
  CHECK(page->reviews[0].review.reason() == v1::REVIEW_REASON_OTHER_CONTENT);
  CHECK(page->reviews[0].review.item().event().text() == "乙");
  CHECK(page->reviews[0].since == monday);
  CHECK(*f.run(f.feed.resolve(page->reviews[0].id)));
  CHECK_FALSE(*f.run(f.feed.resolve(page->reviews[0].id)));
  CHECK(f.run(f.feed.reviews(0, 10))->total == 0);
}

TEST_CASE("what could not be mapped is kept with its bytes and the reasons") {
  feed_fixture f;
  store::feed_entry entry;
  entry.item.set_original("<x>\xff</x>");
  entry.faults = "phone：缺少必填内容";
  CHECK(f.put(document_of({entry, entry})).outcomes.at(1).status == feed_status::not_mapped);
  const auto page = f.run(f.feed.reviews(0, 10));
  REQUIRE(page->reviews.size() == 1);
  CHECK(page->reviews[0].review.reason() == v1::REVIEW_REASON_NOT_MAPPED);
  CHECK(page->reviews[0].review.text() == entry.faults);
  CHECK(page->reviews[0].review.item().original() == entry.item.original());
}

TEST_CASE("a nonce is used once, as long as its time is accepted, and then forgotten") {
  feed_fixture f;
  auto document = document_of({entry_of("A1", "1")});
  document.nonce = {monday, "n1"};
  CHECK(f.put(document).how == feed_answer::end::done);
  document.entries = {entry_of("A2", "1")};
  CHECK(f.put(document, monday + window).how == feed_answer::end::nonce_used);
  CHECK(f.run(f.feed.waiting("A2"))->items.empty());
  document.nonce = {monday, "n2"};
  CHECK(f.put(document).how == feed_answer::end::done);

  const auto later = monday + std::chrono::hours(5);
  document.nonce = {later, "n3"};
  f.put(document, later);
  CHECK(f.exec("ZCARD", "{p:jining-12345}:nonces").integer() == 1);
  const auto bucket = to_unix_ms(monday) / 3'600'000;
  CHECK(f.exec("EXISTS", "{p:jining-12345}:nonces:" + std::to_string(bucket)).integer() == 0);
}

TEST_CASE("a page of a pull is taken in only where the cursor stands") {
  feed_fixture f;
  auto page = document_of({entry_of("A1", "1")});
  page.cursor = {"", "c1"};
  CHECK(f.put(page).how == feed_answer::end::done);
  CHECK(*f.run(f.feed.cursor()) == "c1");
  page.entries = {entry_of("A2", "1")};
  const auto late = f.put(page);
  CHECK(late.how == feed_answer::end::cursor_moved);
  CHECK(late.cursor == "c1");
  CHECK(f.run(f.feed.waiting("A2"))->items.empty());
  page.cursor = {"c1", "c2"};
  CHECK(f.put(page).how == feed_answer::end::done);
  CHECK(*f.run(f.feed.cursor()) == "c2");
}

TEST_CASE("items wait in order, are taken under a lease, and settled once") {
  feed_fixture f;
  f.put(document_of({entry_of("A1", "1", "一"), entry_of("B1", "1"), entry_of("A1", "2", "二")}));
  const auto taken = f.run(f.feed.take(monday, lease, 10));
  CHECK(std::set<std::string>(taken->begin(), taken->end()) == std::set<std::string>{"A1", "B1"});
  CHECK(f.run(f.feed.take(monday, lease, 10))->empty());
  CHECK(f.run(f.feed.take(monday + lease, lease, 1))->size() == 1);

  auto waiting = *f.run(f.feed.waiting("A1"));
  REQUIRE(waiting.items.size() == 2);
  CHECK(waiting.items[0].content.event().text() == "一");
  CHECK(waiting.items[1].content.event().text() == "二");
  CHECK(*f.run(f.feed.settle("A1", waiting.items[0], std::nullopt, monday)));
  CHECK_FALSE(*f.run(f.feed.settle("A1", waiting.items[0], std::nullopt, monday)));
  // What is left is looked at without waiting for the lease.
  CHECK(*f.run(f.feed.take(monday, lease, 10)) == std::vector<std::string>{"A1"});
  v1::FeedReview review;
  review.set_reason(v1::REVIEW_REASON_REJECTED);
  CHECK(*f.run(f.feed.settle("A1", waiting.items[1], review, monday)));
  CHECK(f.run(f.feed.reviews(0, 10))->total == 1);
  CHECK(f.run(f.feed.take(monday + lease * 3, lease, 10))->size() == 1);  // B1
}

TEST_CASE("the sequence that was applied is kept; a later look is possible") {
  feed_fixture f;
  auto entry = entry_of("A1", "1");
  entry.item.mutable_event()->set_sequence(3);
  f.put(document_of({entry}));
  f.run(f.feed.take(monday, lease, 10));
  const auto later = monday + std::chrono::hours(1);
  REQUIRE(f.run(f.feed.defer("A1", later)));
  CHECK(f.run(f.feed.take(later - milliseconds(1), lease, 10))->empty());
  CHECK(f.run(f.feed.take(later, lease, 10))->size() == 1);
  auto waiting = *f.run(f.feed.waiting("A1"));
  CHECK(waiting.applied == 0);
  f.run(f.feed.settle("A1", waiting.items[0], std::nullopt, monday));
  CHECK(f.run(f.feed.waiting("A1"))->applied == 3);
}

TEST_CASE("nothing personal lies in Redis readable") {
  feed_fixture f;
  f.put(document_of({entry_of("A1", "1")}));
  f.put(document_of({entry_of("A1", "1", "13800001234 另一内容")}));
  for (const char* key : {"{p:jining-12345}:waiting:A1", "{p:jining-12345}:reviews"}) {
    const auto values =
        std::string(key).ends_with("reviews") ? f.exec("HVALS", key) : f.exec("LRANGE", key, 0, -1);
    REQUIRE(values.size() == 1);
    CHECK(values.at(0).string().find("13800001234") == std::string_view::npos);
  }
}

TEST_CASE("another data set, a damaged key: refused, and nothing is changed") {
  feed_fixture f;
  f.put(document_of({entry_of("A1", "1")}));
  store::exchange_feed other{*f.redis.client, f.exchange_keys, "jining-12345",
                             std::string(32, 'a')};
  f.exec("SET", "{p:jining-12345}:waiting:B1", "no list");
  const auto before = f.digest();
  const auto foreign = f.run(other.put(document_of({entry_of("A2", "1")}), monday, window));
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().code == errc::wrong_data_set);
  auto document = document_of({entry_of("A2", "1"), entry_of("B1", "1")});
  document.nonce = {monday, "n1"};
  CHECK_FALSE(f.run(f.feed.put(document, monday, window)));
  CHECK(f.digest() == before);
}

}  // namespace
}  // namespace hotline::test
