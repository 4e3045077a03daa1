// What a person decides about something a partner sent: dismissed, refused to the partner, or let
// in.
#include "tests/unit/gateway/reviews_kit.hpp"

namespace hotline::gateway {

TEST_CASE("one that is dismissed is gone, and nothing of it is applied") {
  reviews_fixture f;
  f.receive(unknown_word);
  const auto id = f.only_id();
  const auto done = f.resolve(id, "DISMISS");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "how") == "REVIEW_DECISION_DISMISS");
  CHECK(f.count() == 0);
  CHECK(f.waiting().empty());
  CHECK(f.resolve(id, "DISMISS").status == 404);
  CHECK(f.resolve(id, "RETRY").status == 404);
  CHECK(f.records() == records{"review.dismiss"});
}

TEST_CASE("a CREATE that is dismissed is refused to the partner, by its own number") {
  reviews_fixture f;
  f.open_door(partner_that_hears());
  f.receive(create_without_content);
  const auto id = f.only_id();
  const auto undecided = f.resolve(id, "DISMISS");
  CHECK(undecided.status == 422);
  CHECK(text_at(undecided, "field") == "tell_partner");
  CHECK(text_at(f.dismiss(id, R"("tell_partner":"TELL_PARTNER_YES")"), "field") == "refusal");
  CHECK(f.records().empty());

  const auto done = f.dismiss(id, refusing);
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "external_no") == "A1");
  CHECK(text_at(done, "told_id").ends_with(".-999"));
  CHECK(text_at(done, "not_told").empty());
  CHECK(f.count() == 0);
  CHECK(f.records() == records{"review.dismiss"});
  CHECK(f.get(auditor, "/v1/audit").body.find("ITEM_REFUSAL_INCOMPLETE external_no A1") !=
        std::string::npos);
  const auto told = f.told();
  REQUIRE(told.size() == 1);
  const auto& event = told.front().message.event();
  CHECK(event.kind() == v1::PARTNER_EVENT_KIND_REFUSE);
  CHECK(event.external_no() == "A1");
  CHECK(event.reason_code() == "ITEM_REFUSAL_INCOMPLETE");
  CHECK(event.text() == "缺少内容，联系人 138****0001");
  CHECK(event.serial() == to_string(told.front().id));
  CHECK_FALSE(event.has_intake());
  CHECK(f.dismiss(id, refusing).status == 404);
}

TEST_CASE("after the time to return it a CREATE counts as accepted: it is not refused any more") {
  reviews_fixture f;
  auto config = partner_that_hears();
  config.set_return_limit("2wd");
  f.open_door(config);
  f.receive(create_without_content);
  const auto listed = parse(f.get(dispatcher_of_jining, reviews_of_jining));
  CHECK(listed.as_object().at("reviews").at(0).as_object().contains("return_until_at"));
  f.clock.set(f.clock.now() + std::chrono::days(7), 0);
  const auto late = f.dismiss(f.only_id(), refusing);
  CHECK(late.status == 422);
  CHECK(text_at(late, "code") == "return_too_late");
  CHECK(text_at(late, "rule") == "partner.return-limit");
  CHECK(f.count() == 1);
  CHECK(f.told().empty());
  // A ticket was made of it by hand.
  CHECK(f.dismiss(f.only_id(), R"("tell_partner":"TELL_PARTNER_NO")").status == 200);
}

TEST_CASE("what the rules refused is refused under the number the partner was told") {
  reviews_fixture f;
  f.open_door(partner_that_hears());
  f.receive(create_message);
  const auto no = f.redis.run(f.feed_of_jining.waiting("A1"))->ticket_no;
  f.refuse_next();
  const auto done = f.dismiss(f.only_id(), refusing);
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "told_id") == no + ".-999");
  REQUIRE(f.told().size() == 1);
}

TEST_CASE("the partner is told nothing where that is decided, or where it cannot be") {
  reviews_fixture f;
  const auto untold = [&](const char* message, const std::string& decision) {
    f.receive(message);
    const auto done = f.dismiss(f.only_id(), decision);
    REQUIRE_MESSAGE(done.status == 200, done.body);
    CHECK(text_at(done, "told_id").empty());
    CHECK(f.told().empty());
    CHECK(f.count() == 0);
    CHECK(f.get(auditor, "/v1/audit").body.find("partner not told: " + text_at(done, "not_told")) !=
          std::string::npos);
    return text_at(done, "not_told");
  };
  CHECK(untold(create_without_content, refusing) == "该对接方未约定接收退回");
  f.open_door(partner_that_hears());
  CHECK(untold(create_without_content, R"("tell_partner":"TELL_PARTNER_NO")") ==
        "按决定不告知对方");
  CHECK(untold(R"({"event":"new","serial":"1","content":"无编号"})", refusing) ==
        "对方未告知工单号，无法退回");
  CHECK(untold(unknown_word, refusing) == "不是派单，或无法辨认，无可退回");
  CHECK(untold("{", refusing) == "不是派单，或无法辨认，无可退回");
}

TEST_CASE("a number that has a ticket by now is not refused") {
  reviews_fixture f;
  f.open_door(partner_that_hears());
  f.receive(create_without_content);
  f.receive(create_message);
  const auto done = f.dismiss(f.only_id(), refusing);
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "not_told") == "该对方工单号在我方已有工单，不退回");
  CHECK(f.told().empty());
  CHECK(f.waiting().size() == 1);
}

TEST_CASE("it stays while the mapping does not know it, and is let in when that was mended") {
  reviews_fixture f;
  f.receive(unknown_word);
  const auto id = f.only_id();
  const auto received_at = to_unix_ms(f.clock.now());
  const auto still = f.resolve(id, "RETRY");
  CHECK(still.status == 409);
  CHECK(text_at(still, "code") == "review_unreadable");
  CHECK(still.body.find("event") != std::string::npos);
  CHECK(f.count() == 1);
  CHECK(f.records().empty());

  f.mend_mapping();
  REQUIRE(f.clock.set(f.clock.now() + std::chrono::hours(2), 0));
  const auto done = f.resolve(id, "RETRY");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "kind") == "PARTNER_EVENT_KIND_URGE");
  CHECK(text_at(done, "external_no") == "A1");
  CHECK(done.body.find("13805310001") == std::string::npos);
  CHECK(f.count() == 0);
  const auto items = f.waiting();
  REQUIRE(items.size() == 1);
  CHECK(items[0].content.event().text() == "赵师傅 13805310001 再次来电");
  CHECK(items[0].content.received_at() == received_at);
  CHECK(f.taken_in.taken == 1);
  CHECK(f.resolve(id, "RETRY").status == 404);
  CHECK(f.waiting().size() == 1);
  CHECK(f.records() == records{"review.retry"});
}

TEST_CASE("what came again meanwhile is not taken in twice") {
  reviews_fixture f;
  f.receive(unknown_word);
  const auto id = f.only_id();
  f.mend_mapping();
  SUBCASE("the same") {
    f.receive(unknown_word);
    const auto done = f.resolve(id, "RETRY");
    CHECK(done.status == 200);
    CHECK(done.body.find(R"("duplicate":true)") != std::string::npos);
    CHECK(f.count() == 0);
  }
  SUBCASE("with another content") {
    f.receive(R"({"event":"urge","no":"A1","serial":"2","words":"另一内容"})");
    const auto done = f.resolve(id, "RETRY");
    CHECK(done.status == 409);
    CHECK(text_at(done, "code") == "review_other_content");
    CHECK(f.count() == 1);
  }
  CHECK(f.waiting().size() == 1);
}

TEST_CASE("another content under a known serial passes when a person says so") {
  reviews_fixture f;
  f.receive(R"({"event":"urge","no":"A1","serial":"2","words":"一"})");
  f.receive(R"({"event":"urge","no":"A1","serial":"2","words":"二"})");
  CHECK(f.resolve(f.only_id(), "RETRY").status == 200);
  const auto items = f.waiting();
  REQUIRE(items.size() == 2);
  CHECK(items[1].content.event().text() == "二");
}

TEST_CASE("what the rules refused is tried once more under the number it was promised") {
  reviews_fixture f;
  f.receive(create_message);
  f.refuse_next();
  const auto no = f.redis.run(f.feed_of_jining.waiting("A1"))->ticket_no;
  REQUIRE_FALSE(no.empty());
  const auto done = f.resolve(f.only_id(), "RETRY");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "ticket_no") == no);
  CHECK(f.waiting().size() == 1);
}

TEST_CASE("files that could not be fetched are fetched again") {
  reviews_fixture f;
  v1::FetchOrder order;
  order.set_ticket_no("3708-20261123-00001");
  order.mutable_event()->set_external_no("A1");
  order.mutable_event()->add_attachments()->set_reference("http://127.0.0.1:1/1.jpg");
  REQUIRE(*f.redis.run(f.fetches.put(order, f.clock.now())));
  const auto fetch = f.redis.run(f.fetches.take(f.clock.now(), milliseconds(1), 10))->at(0);
  v1::FeedReview review;
  review.set_reason(v1::REVIEW_REASON_ATTACHMENT);
  *review.mutable_item()->mutable_event() = order.event();
  review.mutable_item()->mutable_event()->set_ticket_no(order.ticket_no());
  REQUIRE(*f.redis.run(f.fetches.settle(fetch.id, review, f.clock.now())));
  const auto done = f.resolve(f.only_id(), "RETRY");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "ticket_no") == "3708-20261123-00001");
  const auto taken = f.redis.run(f.fetches.take(f.clock.now(), milliseconds(1), 10));
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().order.ticket_no() == order.ticket_no());
  CHECK(taken->front().order.event().SerializeAsString() == order.event().SerializeAsString());
  CHECK(f.count() == 0);
}

namespace {

/// The word "remind" is known, and messages come in a list.
v1::Partner partner_with_list() {
  auto made = partner_config();
  made.mutable_inbound()->mutable_format()->set_items("list");
  return made;
}

}  // namespace

TEST_CASE("a whole document becomes its items, each once, and its review is over") {
  reviews_fixture f;
  const auto urge = [](const char* serial) {
    return fmt::format(R"({{"event":"urge","no":"A1","serial":"{}","words":"再次来电"}})", serial);
  };
  f.receive(urge("1"));
  f.receive("{\"list\":[" + urge("1") + "," + urge("2") + "," + unknown_word + "]}");
  const auto id = f.only_id();
  CHECK(f.resolve(id, "RETRY").status == 409);
  f.open_door(partner_with_list());
  const auto done = f.resolve(id, "RETRY");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(number_at(done, "taken_items") == 1);
  CHECK(number_at(done, "duplicate_items") == 1);
  CHECK(number_at(done, "reviewed_items") == 1);
  CHECK(f.waiting().size() == 2);
  CHECK(f.only_id() != id);  // what still means nothing waits alone
  CHECK(f.resolve(id, "RETRY").status == 404);
  CHECK(f.waiting().size() == 2);
  CHECK(f.records() == records{"review.retry"});
}

TEST_CASE("a whole document of which nothing can be read yet stays one review") {
  reviews_fixture f;
  f.receive(fmt::format(R"({{"list":[{0},{0}]}})", unknown_word));
  const auto id = f.only_id();
  f.open_door(partner_with_list());
  CHECK(f.resolve(id, "RETRY").status == 409);
  CHECK(f.only_id() == id);
  CHECK(f.records().empty());
}

}  // namespace hotline::gateway
