// What a partner tells becomes commands, over a real Redis: in its order, once, or a person looks
// at it.
#include "services/transfer/feed_worker.hpp"

#include <algorithm>

#include "tests/unit/transfer/feed_kit.hpp"

namespace hotline::test {
namespace {

using std::chrono::hours;
using transfer::feed_worker;
using texts = std::vector<std::string>;

constexpr auto patience = hours(24);

TEST_CASE("messages are applied by their sequence, however they arrive") {
  feed_kit f;
  f.urged(3, "三");
  f.urged(2, "二");
  f.work();
  CHECK(f.our_no().empty());
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  f.urged(4, "四");
  f.work();
  const auto made = f.ticket(f.our_no());
  CHECK(made.intake().source() == v1::SOURCE_HOTLINE_12345);
  CHECK(made.intake().external_no() == "JN-1");
  CHECK(made.intake().external_partner() == partner_unit);
  CHECK(f.urges() == texts{"二", "三", "四"});
  CHECK(f.waiting().items.empty());
  CHECK(f.waiting().applied == 4);
  CHECK(f.reviews().empty());
  CHECK(f.counted().applied == 4);
}

TEST_CASE("a gap is waited for, to the instant, and then a person looks at what came after it") {
  feed_kit f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  const auto third = f.urged(3, "三");
  f.urged(4, "四");
  f.work();
  f.pass(patience - milliseconds(1));
  f.work();
  CHECK(f.waiting().items.size() == 2);
  CHECK(f.reviews().empty());
  f.pass(milliseconds(1));
  f.work();
  const auto reviews = f.reviews();
  REQUIRE(reviews.size() == 1);
  CHECK(reviews[0].review.reason() == v1::REVIEW_REASON_GAP);
  CHECK(reviews[0].review.item().SerializeAsString() == third.SerializeAsString());
  CHECK(f.urges() == texts{"四"});  // what follows the one that was given up waits no longer
  CHECK(f.waiting().items.empty());

  f.urged(2, "二");  // late, and said all the same
  f.work();
  CHECK(f.urges() == texts{"四", "二"});
  CHECK(f.waiting().applied == 4);
}

TEST_CASE("what fills the gap in time ends the waiting at once") {
  feed_kit f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  f.urged(3, "三");
  f.work();
  CHECK(f.urges().empty());
  f.urged(2, "二");
  f.work();
  CHECK(f.urges() == texts{"二", "三"});
}

TEST_CASE("what comes first is found behind any number of those that wait for it") {
  feed_kit f;
  constexpr std::size_t many = 150;
  for (std::size_t i = 0; i < many; ++i) f.urged(static_cast<std::int64_t>(i) + 2, "催");
  f.work();
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  f.work();
  CHECK(f.waiting().items.empty());
  CHECK(f.waiting().applied == many + 1);
  CHECK(f.ticket(f.our_no()).urges() == many);
  CHECK(f.reviews().empty());
}

TEST_CASE("words about a ticket that never comes are looked at by a person, in their order") {
  feed_kit f;
  f.urged(0, "一");
  f.pass(hours(1));
  f.urged(0, "二");
  f.work();
  CHECK(f.reviews().empty());
  f.pass(patience - hours(1));
  f.work();
  REQUIRE(f.reviews().size() == 1);
  CHECK(f.reviews()[0].review.item().event().text() == "一");
  f.pass(hours(1));
  f.work();
  CHECK(f.reviews().size() == 2);
  CHECK(f.waiting().items.empty());
}

TEST_CASE(
    "what the rules refuse goes to a person with the rule's words, and nothing waits for it") {
  feed_kit f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  // Of a ticket it has sent there is nothing a partner could ask to extend.
  const auto refused = f.told(v1::PARTNER_EVENT_KIND_EXTEND_REQ, 2);
  // Refused by the move: an order of supervision has a number.
  f.told(v1::PARTNER_EVENT_KIND_SUPERVISE, 3, [](auto& event) { event.set_text("督办"); });
  f.urged(4, "四");
  f.work();
  const auto reviews = f.reviews();
  REQUIRE(reviews.size() == 2);
  for (const auto& one : reviews) CHECK(one.review.reason() == v1::REVIEW_REASON_REJECTED);
  const auto first = std::ranges::find(
      reviews, v1::PARTNER_EVENT_KIND_EXTEND_REQ,
      [](const store::stored_review& one) { return one.review.item().event().kind(); });
  REQUIRE(first != reviews.end());
  CHECK(first->review.text().find("exchange.not-transferred") != std::string::npos);
  CHECK(first->review.item().SerializeAsString() == refused.SerializeAsString());
  CHECK(f.urges() == texts{"四"});
  CHECK(f.counted().reviewed == 2);
}

TEST_CASE("a create that is refused leaves no ticket, and what follows it goes to a person") {
  feed_kit f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1,
         [](auto& event) { event.mutable_intake()->mutable_matter()->set_region("999999"); });
  f.urged(2, "二");
  f.work();
  CHECK(f.reviews().size() == 2);
  CHECK_FALSE(f.run(f.tickets->load(f.our_no()))->has_value());
}

TEST_CASE("a create that came twice under two serials makes one ticket") {
  feed_kit f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE);
  f.told(v1::PARTNER_EVENT_KIND_CREATE);
  f.work();
  CHECK(f.times(v1::EVENT_KIND_ACCEPTED) == 1);
  CHECK(*f.run(f.kit.index.count("all")) == 1);
  CHECK(f.reviews().empty());
}

TEST_CASE("two at the same ticket at the same time have the effect of one") {
  feed_kit f;
  runtime::store_kit other_kit(f.redis.context.get_executor(), f.access, "other", quiet_log());
  f.redis.wait_connected(other_kit.redis);
  const exchange::partner_book book({f.link().partner});
  transfer::partner_links other_links(book, other_kit, f.access, f.counters);

  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  f.urged(2, "二");
  f.urged(3, "三");
  const auto land = f.province();
  runtime::task_group group(f.redis.context.get_executor(), f.tasks, quiet_log());
  // A lease that ends at once: the other one takes what this one has in hand.
  const transfer::feed_worker_options options{.lease = milliseconds(0)};
  feed_worker one(f.link(), f.kit, land, f.clock, options, group, f.redis.context.get_executor(),
                  quiet_log());
  feed_worker other(*other_links.find("small"), other_kit, land, f.clock, options, group,
                    f.redis.context.get_executor(), quiet_log());
  auto both = [&]() -> boost::asio::awaitable<std::size_t> {
    const auto first = co_await one.take_up();
    const auto second = co_await other.take_up();
    co_return first.value_or(0) + second.value_or(0);
  };
  CHECK(f.run(both()) == 2);
  REQUIRE(f.run(group.wait_idle(std::chrono::seconds(30))));
  f.pass(std::chrono::minutes(1));  // who was slower tries again
  f.work();
  CHECK(f.times(v1::EVENT_KIND_ACCEPTED) == 1);
  CHECK(f.urges() == texts{"二", "三"});
  CHECK(f.reviews().empty());
  CHECK(f.waiting().items.empty());
}

TEST_CASE("files are ordered for the ticket, once, and the words beside them do not wait") {
  feed_kit f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1,
         [](auto& event) { event.add_attachments()->set_reference("http://127.0.0.1:1/a.png"); });
  f.told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, 2, [](auto& event) {
    event.set_text("补充工资条");
    event.add_attachments()->set_reference("http://127.0.0.1:1/b.png");
  });
  f.work();
  CHECK(f.times(v1::EVENT_KIND_ANNOTATED) == 1);
  CHECK(f.ticket(f.our_no()).intake().attachments().empty());
  const auto orders = f.run(f.link().fetches.take(f.clock.now(), milliseconds(1000), 10));
  REQUIRE(orders);
  REQUIRE(orders->size() == 2);
  for (const auto& one : *orders) CHECK(one.order.ticket_no() == f.our_no());
}

TEST_CASE("no more tickets are worked on at once than may be") {
  feed_kit f;
  for (const char* no : {"JN-1", "JN-2", "JN-3"}) {
    f.told(v1::PARTNER_EVENT_KIND_CREATE, 0, [&](auto& event) { event.set_external_no(no); });
  }
  runtime::task_group group(f.redis.context.get_executor(), f.tasks, quiet_log());
  const auto land = f.province();
  feed_worker worker(f.link(), f.kit, land, f.clock, {.in_flight_max = 2}, group,
                     f.redis.context.get_executor(), quiet_log());
  auto twice = [&]() -> boost::asio::awaitable<std::size_t> {
    const auto first = co_await worker.take_up();
    CHECK(worker.in_hand() == 2);
    const auto second = co_await worker.take_up();
    CHECK(second.value_or(9) <= 1);
    co_return first.value_or(0);
  };
  CHECK(f.run(twice()) == 2);
  REQUIRE(f.run(group.wait_idle(std::chrono::seconds(30))));
  f.work({.in_flight_max = 2});
  CHECK(*f.run(f.kit.index.count("all")) == 3);
}

TEST_CASE("Redis that is away: nothing is lost, and the work goes on when it is back") {
  feed_kit f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  f.urged(2, "二");
  runtime::task_group group(f.redis.context.get_executor(), f.tasks, quiet_log());
  const auto land = f.province();
  runtime::store_kit gone(f.redis.context.get_executor(), f.access, "gone", quiet_log());
  f.redis.wait_connected(gone.redis);
  const exchange::partner_book book({f.link().partner});
  transfer::partner_links links(book, gone, f.access, f.counters);
  feed_worker worker(*links.find("small"), gone, land, f.clock, {}, group,
                     f.redis.context.get_executor(), quiet_log());
  CHECK(f.run(worker.take_up()).value_or(0) == 1);
  gone.redis.stop();  // in the middle of it
  REQUIRE(f.run(group.wait_idle(std::chrono::seconds(30))));
  CHECK_FALSE(f.run(worker.take_up()));
  CHECK(worker.in_hand() == 0);

  f.pass(transfer::feed_worker_options().lease);  // it could not give its ticket back
  f.work();
  CHECK(f.times(v1::EVENT_KIND_ACCEPTED) == 1);
  CHECK(f.urges() == texts{"二"});
  CHECK(f.reviews().empty());
}

}  // namespace
}  // namespace hotline::test
