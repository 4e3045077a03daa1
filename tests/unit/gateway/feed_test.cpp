// The door partners push to: what it takes, what it refuses, and how it says so.
#include "services/gateway/feeds.hpp"

#include <doctest/doctest.h>

#include "tests/unit/gateway/feed_fixture.hpp"

namespace hotline::gateway {
namespace {

constexpr const char* ok = "10000";
constexpr const char* duplicate = "10001";
constexpr const char* refused = "20000";

std::string code(const net::response& answer) { return text_at(answer, "code"); }

TEST_CASE("a signed message is taken in once, and its number is told each time") {
  feed_fixture f;
  const auto body = document({item(1, "1")});
  const auto first = f.push(body);
  CHECK(first.status == 200);
  CHECK(code(first) == ok);
  const auto no = text_at(first, "ticketNo");
  CHECK(no.starts_with("3708-20261123-"));
  const auto again = f.push(body);
  CHECK(again.status == 200);
  CHECK(code(again) == duplicate);
  CHECK(text_at(again, "ticketNo") == no);
  CHECK(f.base.redis.run(f.feed.waiting("JN1"))->items.size() == 1);
  CHECK(f.counts.taken == 1);
  CHECK(f.counts.duplicates == 1);
}

TEST_CASE("the same number with another content is refused, and waits for a person") {
  feed_fixture f;
  f.push(document({item(1, "1")}));
  const auto other = f.push(document({item(1, "1", "派单", "另一内容")}));
  CHECK(other.status == 409);
  CHECK(code(other) == refused);
  CHECK(f.base.redis.run(f.feed.reviews(0, 10))->total == 1);
  CHECK(f.base.redis.run(f.feed.waiting("JN1"))->items.size() == 1);
}

TEST_CASE("of a mixed document each item goes its own way") {
  feed_fixture f;
  f.push(document({item(1, "1")}));
  const auto mixed = f.push(document({item(1, "1"), item(2, "1"), item(3, "1", "不明")}));
  CHECK(mixed.status == 200);
  CHECK(code(mixed) == ok);
  CHECK(text_at(mixed, "message") == "已收到，第 3 件转人工核对");
  CHECK(f.base.redis.run(f.feed.waiting("JN2"))->items.size() == 1);
  const auto reviews = f.base.redis.run(f.feed.reviews(0, 10));
  REQUIRE(reviews->reviews.size() == 1);
  CHECK(reviews->reviews[0].review.reason() == v1::REVIEW_REASON_NOT_MAPPED);
}

TEST_CASE("without a good signature nothing is told or kept, whoever it is") {
  feed_fixture f;
  const auto body = document({item(1, "1")});
  const auto before = f.base.digest();
  const pusher bad[] = {{.secret = "another secret"},
                        {.clock_ahead = std::chrono::minutes(-6)},
                        {.clock_ahead = std::chrono::minutes(6)},
                        {.sent_body = document({item(2, "1")})},
                        {.partner = "nobody"}};
  std::string told;
  for (const pusher& who : bad) {
    CAPTURE(who.partner);
    const auto answer = f.push(body, who);
    CHECK(answer.status == 401);
    if (told.empty()) told = answer.body;
    CHECK(answer.body == told);
    CHECK(answer.content_type == "application/problem+json");
  }
  CHECK(f.counts.unsigned_ == 5);
  CHECK(f.base.redis.run(f.feed.waiting("JN1"))->items.empty());
  CHECK(f.base.redis.run(f.feed.reviews(0, 10))->total == 0);
}

TEST_CASE("an address with too many bad signatures is told no more than that") {
  feed_fixture f;
  const pusher wrong{.secret = "another secret"};
  for (int i = 0; i < 20; ++i) CHECK(f.push("{}", wrong).status == 401);
  CHECK(f.push("{}", wrong).status == 429);
  CHECK(f.push(document({item(1, "1")})).status == 200);
}

TEST_CASE("a nonce is good for one request") {
  feed_fixture f;
  CHECK(f.push(document({item(1, "1")}), {.nonce = "nonce-of-mine"}).status == 200);
  const auto replayed = f.push(document({item(2, "1")}), {.nonce = "nonce-of-mine"});
  CHECK(replayed.status == 409);
  CHECK(code(replayed) == refused);
  CHECK(f.base.redis.run(f.feed.waiting("JN2"))->items.empty());
}

TEST_CASE("what cannot be read is refused and kept with its bytes") {
  feed_fixture f;
  const std::string bad[] = {"{\"data\":", "{\"data\":{\"list\":{}}}", "{\"data\":\"\xff\xfe\"}",
                             "<x/>"};
  std::int64_t kept = 0;
  for (const auto& body : bad) {
    CAPTURE(body);
    const auto answer = f.push(body);
    CHECK(answer.status == 400);
    CHECK(code(answer) == refused);
    const auto reviews = f.base.redis.run(f.feed.reviews(0, 10));
    REQUIRE(reviews->total == ++kept);
  }
  CHECK(f.base.redis.run(f.feed.reviews(0, 1))->reviews[0].review.item().original() == bad[0]);
}

TEST_CASE("more items than one commit holds are refused as a whole") {
  feed_fixture f;
  std::vector<std::string> items;
  for (int i = 0; i <= static_cast<int>(store::feed_entries_max); ++i)
    items.push_back(item(i, "1"));
  const auto answer = f.push(document(items));
  CHECK(answer.status == 413);
  CHECK(code(answer) == refused);
  CHECK(f.base.redis.run(f.feed.waiting("JN1"))->items.empty());
}

TEST_CASE("without Redis the partner is told to send it again, in its own format") {
  feed_fixture f;
  f.base.redis.client->stop();
  const auto answer = f.push(document({item(1, "1", "催办")}));
  CHECK(answer.status == 503);
  CHECK(code(answer) == refused);
  REQUIRE(answer.header("Retry-After") != nullptr);
}

TEST_CASE("feeds have a larger limit than other requests") {
  CHECK(body_limit("/v1/feeds/jining-12345/events", 1000) == feed_bytes_max);
  CHECK(body_limit("/v1/tickets", 1000) == 1000);
}

}  // namespace
}  // namespace hotline::gateway
