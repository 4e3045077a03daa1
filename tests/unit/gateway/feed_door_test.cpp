// What a partner pushes is taken in whole, or not at all, and answered in the partner's own format.
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "services/gateway/feeds.hpp"
#include "tests/unit/gateway/feed_fixture.hpp"

namespace hotline::gateway {
namespace {

namespace asio = boost::asio;

/// A ticket nobody has completed yet: an operator does it with the caller.
std::string create(const std::string& no, const std::string& serial,
                   const std::string& text = "拖欠工资") {
  return told("new", no, serial, text);
}

std::vector<v1::ReviewReason> reasons(feed_fixture& f, const std::string& name = "small") {
  std::vector<v1::ReviewReason> found;
  for (const auto& one : f.reviews(name)) found.push_back(one.review.reason());
  std::ranges::sort(found);
  return found;
}

using review_reasons = std::vector<v1::ReviewReason>;

TEST_CASE("a message is kept, and acknowledged with our number of its ticket") {
  feed_fixture f;
  const auto answer = f.push("small", document_of({create("A1", "1")}));
  CHECK(answer.status == 200);
  CHECK(text_at(answer, "code") == "0");
  const auto no = text_at(answer, "ticketNo");
  CHECK_FALSE(no.empty());
  const auto waiting = f.redis.run(f.feed_of("small").waiting("A1"));
  REQUIRE(waiting);
  CHECK(waiting->ticket_no == no);
  REQUIRE(waiting->items.size() == 1);
  CHECK(waiting->items[0].content.event().intake().matter().content() == "拖欠工资");
  CHECK(waiting->items[0].content.received_at() == to_unix_ms(f.clock.now()));
  CHECK(f.taken_in.taken == 1);
}

TEST_CASE("the same again, signed anew: the same ticket, told as a duplicate") {
  feed_fixture f;
  const auto body = document_of({create("A1", "1")});
  const auto first = f.push("small", body);
  const auto again = f.push("small", body);
  CHECK(again.status == 200);
  CHECK(text_at(again, "code") == "2");
  CHECK(text_at(again, "ticketNo") == text_at(first, "ticketNo"));
  CHECK(f.waiting("small", "A1") == 1);
  CHECK(f.taken_in.taken == 1);
  CHECK(f.taken_in.duplicates == 1);
  CHECK(f.reviews("small").empty());
}

TEST_CASE("a number that came with another content is refused, and a person looks at it") {
  feed_fixture f;
  f.push("small", document_of({told("urge", "A1", "1", "甲")}));
  const auto other = document_of({told("urge", "A1", "1", "乙")});
  for (int i = 0; i < 2; ++i) {
    const auto answer = f.push("small", other);
    CHECK(answer.status == 409);
    CHECK(text_at(answer, "code") == "1");
  }
  CHECK(f.waiting("small", "A1") == 1);
  REQUIRE(reasons(f) == review_reasons{v1::REVIEW_REASON_OTHER_CONTENT});
  CHECK(f.reviews("small")[0].review.item().event().text() == "乙");
  CHECK(f.reviews("small")[0].review.item().original().find("乙") != std::string::npos);
}

TEST_CASE("of a mixed document every message has its own fate, and the answer says which") {
  feed_fixture f;
  f.push("small", document_of({told("urge", "A1", "1", "甲")}));
  const auto unclear = R"({"event":"what","no":"A4","serial":"1"})";
  const auto mixed =
      f.push("small", document_of({told("urge", "A1", "1", "甲"), told("urge", "A2", "1"),
                                   told("urge", "A1", "1", "乙"), unclear}));
  CHECK(mixed.status == 409);
  CHECK(text_at(mixed, "message").starts_with("第 3 件"));
  CHECK(f.waiting("small", "A1") == 1);
  CHECK(f.waiting("small", "A2") == 1);
  CHECK(reasons(f) ==
        review_reasons{v1::REVIEW_REASON_NOT_MAPPED, v1::REVIEW_REASON_OTHER_CONTENT});
  CHECK(f.taken_in.other_content == 1);
  CHECK(f.taken_in.not_mapped == 1);

  const auto clearer = f.push("small", document_of({told("urge", "A5", "1"), unclear, unclear}));
  CHECK(clearer.status == 200);
  CHECK(text_at(clearer, "code") == "0");
  CHECK(text_at(clearer, "message").find("第 2、3 件") != std::string::npos);
  CHECK(f.waiting("small", "A5") == 1);
}

TEST_CASE("a message that cannot be mapped is acknowledged and kept as it came") {
  feed_fixture f;
  const auto body = document_of({R"({"event":"urge","no":"A1"})"});
  const auto answer = f.push("small", body);
  CHECK(answer.status == 200);
  CHECK(text_at(answer, "code") == "0");
  REQUIRE(reasons(f) == review_reasons{v1::REVIEW_REASON_NOT_MAPPED});
  CHECK(f.reviews("small")[0].review.item().original() == body);
  CHECK(f.reviews("small")[0].review.text().find("serial") != std::string::npos);
}

TEST_CASE("of several messages each is kept byte for byte, without the others") {
  feed_fixture f;
  const std::string unclear = R"({ "event":"what", "no" : "A4","serial":"\u0031"})";
  const std::string good = told("urge", "A2", "1");
  const auto body = [&](std::string_view batch, const std::string& items) {
    return "{ \"batch\": \"" + std::string(batch) + "\", \"list\":[" + items + "] }\n";
  };
  f.push("small", body("b1", good + " ,\n" + unclear));
  REQUIRE(reasons(f) == review_reasons{v1::REVIEW_REASON_NOT_MAPPED});
  CHECK(f.reviews("small")[0].review.item().original() == body("b1", unclear));

  // The same in other company, and alone, is nothing new to look at.
  f.push("small", body("b2", unclear + "," + good));
  f.push("small", body("b3", unclear));
  CHECK(reasons(f).size() == 1);
}

TEST_CASE("a document nobody can read is refused, and kept with its bytes") {
  const std::string laughs =
      "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;\">]>"
      "<r><m>&b;</m></r>";
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "[";
  struct row {
    std::string_view what;
    std::string name;
    std::string body;
  };
  for (const auto& r :
       {row{"nothing", "small", ""}, row{"no JSON", "small", R"({"list":[)"},
        row{"no list", "small", "[]"}, row{"no UTF-8", "small", "{\"list\":[\"\xB9\xA4\"]}"},
        row{"too deep", "small", deep}, row{"an XML bomb", "gb", laughs},
        row{"no GB18030", "gb", "<r><m><no>\xFF</no></m></r>"}}) {
    CAPTURE(r.what);
    feed_fixture f;
    const auto answer = f.push(r.name, r.body);
    CHECK(answer.status == 400);
    CHECK(answer.body.find(r.name == "gb" ? "<code>1</code>" : R"("code":"1")") !=
          std::string::npos);
    REQUIRE(reasons(f, r.name) == review_reasons{v1::REVIEW_REASON_NOT_MAPPED});
    CHECK(f.reviews(r.name)[0].review.item().original() == r.body);
    CHECK(f.push(r.name, r.body).status == 400);
    CHECK(f.reviews(r.name).size() == 1);
  }
}

TEST_CASE("another charset is read, and answered in") {
  feed_fixture f;
  const auto answer = f.push("gb",
                             "<r><m><event>urge</event><no>A1</no><serial>1</"
                             "serial><text>\xB9\xA4\xD7\xCA</text></m></r>");
  CHECK(answer.status == 200);
  CHECK(answer.body.find("<code>0</code>") != std::string::npos);
  CHECK(answer.body.find("\xD2\xD1\xCA\xD5\xB5\xBD") != std::string::npos);  // 已收到
  const auto waiting = f.redis.run(f.feed_of("gb").waiting("A1"));
  REQUIRE(waiting->items.size() == 1);
  CHECK(waiting->items[0].content.event().text() == "工资");
}

TEST_CASE("more messages than are taken in at once: none of them is") {
  feed_fixture f;
  std::vector<std::string> many;
  for (std::size_t i = 0; i < store::feed_entries_max; ++i) {
    many.push_back(told("urge", "A1", std::to_string(i)));
  }
  auto one_more = many;
  one_more.push_back(told("urge", "A2", "1"));
  const auto before = f.digest();
  const auto answer = f.push("small", document_of(one_more));
  CHECK(answer.status == 413);
  CHECK(text_at(answer, "code") == "1");
  CHECK(f.digest() == before);
  CHECK(f.push("small", document_of(many)).status == 200);
  CHECK(f.taken_in.taken == store::feed_entries_max);
}

/// The status line of the answer to a head alone.
asio::awaitable<std::string> status_of(std::uint16_t port, std::string head) {
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  co_await socket.async_connect(server, asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(head), asio::use_awaitable);
  std::string answer;
  const auto size = co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "\r\n",
                                                    asio::use_awaitable);
  co_return answer.substr(0, size);
}

TEST_CASE("a document has a size of its own, and more is refused before it is read") {
  feed_fixture f;
  const auto head = [](std::size_t bytes) {
    return fmt::format(
        "POST /v1/feeds/small/events HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", bytes);
  };
  CHECK(f.redis.run(status_of(f.port(), head(feed_bytes_max + 1))).find(" 413 ") !=
        std::string::npos);
  // The largest that may come is larger than what others may send.
  std::string largest = document_of({told("urge", "A1", "1")});
  largest.resize(feed_bytes_max, ' ');
  REQUIRE(feed_bytes_max > net::server_options().body_bytes_max);
  CHECK(f.push("small", largest).status == 200);
  CHECK(f.waiting("small", "A1") == 1);
  CHECK(body_limit("/v1/tickets", 7) == 7);
  CHECK(body_limit("/v1/feedsmore", 7) == 7);
}

TEST_CASE("while Redis is away the partner is told in its own words to come again") {
  feed_fixture f;
  f.redis.client->stop();
  for (const auto& message : {create("A1", "1"), told("urge", "A1", "1")}) {
    const auto answer = f.push("small", document_of({message}));
    CHECK(answer.status == 503);
    // Their code for "refused" would be taken as final.
    CHECK(answer.body.find("code") == std::string::npos);
    CHECK(text_at(answer, "message") == "系统繁忙，未接收，请稍后重发");
    REQUIRE(answer.header("Retry-After") != nullptr);
  }
  const auto answer = f.push("gb", "<r><m/></r>");
  CHECK(answer.status == 503);
  CHECK(answer.body.find("<code>") == std::string::npos);
  CHECK(f.taken_in.taken == 0);
}

TEST_CASE("a document without messages is acknowledged") {
  feed_fixture f;
  const auto answer = f.push("small", document_of({}));
  CHECK(answer.status == 200);
  CHECK(text_at(answer, "code") == "0");
  CHECK(f.reviews("small").empty());
}

}  // namespace
}  // namespace hotline::gateway
