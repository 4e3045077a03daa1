// What a person lets in after all: in one step with the end of its review, once, in order.
#include "tests/store/exchange_kit.hpp"

namespace hotline::test {
namespace {

using end = store::let_in_answer::end;

constexpr const char* our_no = "3708-20261123-00001";

store::feed_entry urge_of(const std::string& their, const std::string& serial,
                          const std::string& text) {
  store::feed_entry entry;
  auto& event = *entry.item.mutable_event();
  event.set_external_no(their);
  event.set_serial(serial);
  event.set_kind(v1::PARTNER_EVENT_KIND_URGE);
  event.set_text(text);
  entry.item.set_original(text);
  entry.item.set_received_at(to_unix_ms(monday));
  return entry;
}

struct review_fixture : exchange_kit {
  void put(store::feed_entry entry) {
    store::feed_document document;
    document.entries.push_back(std::move(entry));
    REQUIRE(run(feed.put(std::move(document), monday, window)));
  }
  store::stored_review only() {
    auto page = run(feed.reviews(0, 10));
    REQUIRE(page);
    REQUIRE(page->reviews.size() == 1);
    return page->reviews.front();
  }
  store::let_in_answer let_in(const store::stored_review& review, store::feed_entry entry) {
    auto answer =
        run(feed.let_in(review.id, review.review.reason(), std::move(entry), monday + lease));
    if (!answer) throw std::runtime_error(to_string(answer.error()));
    return *answer;
  }
  std::size_t waiting(const std::string& their) { return run(feed.waiting(their))->items.size(); }
  std::int64_t reviews() { return run(feed.reviews(0, 10))->total; }
  std::int64_t commits() {
    return std::stoll(std::string(exec("HGET", key("head"), "commits").string()));
  }
};

TEST_CASE("what could not be mapped is let in once, and its review is over") {
  review_fixture f;
  f.receive_nonsense("{?}");
  const auto review = f.only();
  const auto before = f.commits();
  CHECK(f.let_in(review, urge_of("A1", "1", "甲")).how == end::taken);
  CHECK(f.let_in(review, urge_of("A1", "1", "甲")).how == end::gone);
  CHECK(f.waiting("A1") == 1);
  CHECK(f.reviews() == 0);
  CHECK(f.commits() == before + 1);
  CHECK(f.run(f.feed.take(monday + f.lease, f.lease, 10))->size() == 1);
  CHECK(f.exec("ZSCORE", f.key("seen"), "A1").string() ==
        std::to_string(to_unix_ms(monday + f.lease)));
}

TEST_CASE("what was taken in since is not taken in again by what could not be mapped") {
  review_fixture f;
  f.receive_nonsense("{?}");
  f.put(urge_of("A1", "1", "甲"));
  const auto review = f.only();
  CHECK(f.let_in(review, urge_of("A1", "1", "乙")).how == end::other_content);
  CHECK(f.reviews() == 1);
  CHECK(f.let_in(review, urge_of("A1", "1", "甲")).how == end::duplicate);
  CHECK(f.reviews() == 0);
  CHECK(f.waiting("A1") == 1);
}

TEST_CASE("another content of a serial is let pass, and is then the one that is known") {
  review_fixture f;
  f.put(urge_of("A1", "1", "甲"));
  f.put(urge_of("A1", "1", "乙"));
  CHECK(f.let_in(f.only(), urge_of("A1", "1", "乙")).how == end::taken);
  CHECK(f.waiting("A1") == 2);
  f.put(urge_of("A1", "1", "乙"));
  CHECK(f.waiting("A1") == 2);
  CHECK(f.reviews() == 0);
}

TEST_CASE("a refused create has another turn under the number it was promised") {
  review_fixture f;
  f.receive("A1", "1", our_no);
  const auto refused = f.run(f.feed.waiting("A1"))->items.at(0);
  v1::FeedReview why;
  why.set_reason(v1::REVIEW_REASON_REJECTED);
  *why.mutable_item() = refused.content;
  REQUIRE(*f.run(f.feed.settle("A1", refused, why, monday)));
  CHECK(f.exec("HGET", f.key("ticket:A1"), "unused").string() == "1");
  const auto review = f.only();
  CHECK(review.ticket_no == our_no);
  store::feed_entry again;
  again.item = refused.content;
  again.proposed_no = "3708-20261123-00002";
  const auto answer = f.let_in(review, again);
  CHECK(answer.how == end::taken);
  CHECK(answer.ticket_no == our_no);
  CHECK(f.waiting("A1") == 1);
  CHECK(f.exec("HGET", f.key("ticket:A1"), "unused").is_nil());
}

TEST_CASE("a review is found by its id alone") {
  review_fixture f;
  f.receive_nonsense("{?}");
  const auto listed = f.only();
  const auto found = f.run(f.feed.find_review(listed.id));
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->since == monday);
  CHECK((*found)->review.item().original() == "{?}");
  const auto none = f.run(f.feed.find_review("00ff"));
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
}

TEST_CASE("a let in that is no good changes nothing") {
  review_fixture f;
  f.receive_nonsense("{?}");
  const auto review = f.only();
  CHECK_FALSE(f.run(f.feed.let_in(review.id, review.review.reason(), {}, monday)));
  f.exec("SET", f.key("waiting:A1"), "x");
  CHECK_FALSE(
      f.run(f.feed.let_in(review.id, review.review.reason(), urge_of("A1", "1", "甲"), monday)));
  CHECK(f.reviews() == 1);
  CHECK(f.exec("EXISTS", f.key("ticket:A1")).integer() == 0);
}

TEST_CASE("files a person has looked at are fetched after all, with all tries") {
  review_fixture f;
  v1::FetchOrder order;
  order.set_ticket_no(our_no);
  order.mutable_event()->set_external_no("A1");
  order.mutable_event()->add_attachments()->set_reference("http://127.0.0.1/1.jpg");
  REQUIRE(*f.run(f.fetches.put(order, monday)));
  const auto taken = f.run(f.fetches.take(monday, f.lease, 10))->at(0);
  REQUIRE(*f.run(f.fetches.fail_try(taken.id, monday)));
  v1::FeedReview why;
  why.set_reason(v1::REVIEW_REASON_ATTACHMENT);
  REQUIRE(*f.run(f.fetches.settle(taken.id, why, monday)));

  CHECK_FALSE(*f.run(f.fetches.again("00ff", order, monday)));
  CHECK(*f.run(f.fetches.again(taken.id, order, monday)));
  CHECK_FALSE(*f.run(f.fetches.again(taken.id, order, monday)));
  CHECK(f.reviews() == 0);
  const auto again = f.run(f.fetches.take(monday, f.lease, 10));
  REQUIRE(again->size() == 1);
  CHECK(again->front().tries == 0);
  CHECK(again->front().order.event().attachments(0).reference() == "http://127.0.0.1/1.jpg");
}

v1::OutMessage refusal_to(const std::string& their, const std::string& no) {
  v1::OutMessage message;
  message.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_REFUSE);
  message.mutable_event()->set_external_no(their);
  message.mutable_event()->set_ticket_no(no);
  return message;
}

TEST_CASE("a refusal waits for the partner in the step in which its review ends") {
  review_fixture f;
  f.receive_nonsense("{?}");
  const auto review = f.only();
  const auto place = f.run(f.feed.refusal_of("A1"));
  REQUIRE(place);
  CHECK_FALSE(place->has_ticket);
  CHECK(place->id == store::message_id{"", store::first_refusal});
  const store::message_id id{our_no, store::first_refusal};
  const auto before = f.commits();
  CHECK(*f.run(f.feed.refuse(review.id, 1, id, refusal_to("A1", our_no), monday)) ==
        store::refuse_end::told);
  CHECK(*f.run(f.feed.refuse(review.id, 1, id, refusal_to("A1", our_no), monday)) ==
        store::refuse_end::gone);
  CHECK(f.commits() == before + 1);
  CHECK(f.reviews() == 0);
  const auto taken = f.run(f.queue.take(monday, f.lease, 10));
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().id == id);
  CHECK(taken->front().message.event().external_no() == "A1");
  const auto known = f.run(f.ledger.look_up({"A1"}));
  CHECK(known->front().refused);
  CHECK(known->front().known);
  CHECK(known->front().unsent == 1);
  CHECK(known->front().remembered == 0);
  CHECK(f.run(f.feed.waiting("A1"))->applied == 1);  // the next is 2
  f.hear(our_no, id.version);
  CHECK(f.run(f.ledger.look_up({"A1"}))->front().unsent == 0);
}

TEST_CASE("what is refused again, and what its ticket is told at last, comes behind the first") {
  review_fixture f;
  f.receive_nonsense("{?}");
  REQUIRE(*f.run(f.feed.refuse(f.only().id, 1, {our_no, store::first_refusal},
                               refusal_to("A1", our_no), monday)) == store::refuse_end::told);
  f.receive_nonsense("{!}");
  const auto again = *f.run(f.feed.refusal_of("A1"));
  CHECK(again.id == store::message_id{our_no, store::first_refusal + 1});
  const auto review = f.only();
  // Somebody who looked before the first was told.
  CHECK(*f.run(f.feed.refuse(review.id, 1, {our_no, store::first_refusal}, refusal_to("A1", our_no),
                             monday)) == store::refuse_end::moved);
  CHECK(f.reviews() == 1);
  REQUIRE(*f.run(f.feed.refuse(review.id, 1, again.id, refusal_to("A1", our_no), monday)) ==
          store::refuse_end::told);
  f.receive("A1", "3", "3708-20261123-00009");
  CHECK(f.run(f.feed.waiting("A1"))->ticket_no == our_no);
  f.tell(our_no, 1);
  for (const std::int64_t version : {store::first_refusal, store::first_refusal + 1, 1L}) {
    const auto taken = f.run(f.queue.take(monday + 2 * f.lease, f.lease, 10));
    REQUIRE(taken->size() == 1);
    CHECK(taken->front().id == store::message_id{our_no, version});
    f.hear(our_no, version, {}, monday + 2 * f.lease);
  }
}

TEST_CASE("what has a ticket, or is about to, is not refused") {
  review_fixture f;
  f.receive("A1", "1", our_no);
  f.receive_nonsense("{?}");
  CHECK(f.run(f.feed.refusal_of("A1"))->has_ticket);
  CHECK(*f.run(f.feed.refuse(f.only().id, 1, {our_no, store::first_refusal},
                             refusal_to("A1", our_no), monday)) == store::refuse_end::moved);
  CHECK(f.reviews() == 1);
  CHECK(f.run(f.queue.take(monday, f.lease, 10))->empty());
  CHECK_FALSE(f.run(f.ledger.look_up({"A1"}))->front().refused);
}

}  // namespace
}  // namespace hotline::test
