// Commands over HTTP: what is answered, once and again.
#include <doctest/doctest.h>

#include <array>

#include "hotline/v1/api.pb.h"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

TEST_CASE("a create is answered 201 with place, version and state") {
  gateway_fixture f;
  const auto answer = f.post(operator_of_province, "/v1/tickets", good_create);
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  const std::string no = text_at(answer, "ticket_no");
  CHECK(no.starts_with("3708-20261123-"));
  CHECK(*answer.header("Location") == "/v1/tickets/" + no);
  CHECK(*answer.header("ETag") == "\"1\"");
  CHECK(text_at(answer, "state") == "STATE_ACCEPTED");
  CHECK(answer.header("Idempotency-Replayed") == nullptr);
  CHECK(answer.header("X-Hotline-Rehearsal") == nullptr);
}

TEST_CASE("a ticket goes its way: dispatch, sign, contact, reply") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  const std::string ticket = "/v1/tickets/" + no;
  const auto signed_answer = f.post(officer_of_zoucheng, ticket + ":sign");
  CHECK(signed_answer.status == 200);
  CHECK(text_at(signed_answer, "state") == "STATE_HANDLING");
  CHECK(text_at(signed_answer, "unit") == "370883");
  const auto contact =
      f.post(officer_of_zoucheng, ticket + ":record-contact",
             R"({"contacted_at":"2026-11-23T09:00:00+08:00","reached":true,"result":"已联系"})");
  CHECK_MESSAGE(contact.status == 200, contact.body);
  const auto reply = f.post(officer_of_zoucheng, ticket + ":reply",
                            R"({"reply":{"result":"RESULT_SOLVED","text":"工资已付",
                                "amount_paid_fen":300000,"people_helped":1}})");
  CHECK_MESSAGE(reply.status == 200, reply.body);
  CHECK(text_at(reply, "state") == "STATE_REPLIED");
}

TEST_CASE("the urgency is changed by its own verb, with a reason") {
  gateway_fixture f;
  const std::string ticket = "/v1/tickets/" + f.dispatch_ticket();
  const auto bare =
      f.post(dispatcher_of_province, ticket + ":change-urgency", R"({"urgency":"URGENCY_URGENT"})");
  CHECK(bare.status == 422);
  CHECK(text_at(bare, "field") == "reason");
  const auto done = f.post(dispatcher_of_province, ticket + ":change-urgency",
                           R"({"urgency":"URGENCY_URGENT","reason":"来电催问"})");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(f.get(officer_of_zoucheng, ticket), "ticket.urgency") == "URGENCY_URGENT");
  CHECK(f.post(officer_of_zoucheng, ticket + ":change-urgency",
               R"({"urgency":"URGENCY_NORMAL","reason":"r"})")
            .status == 403);
}

TEST_CASE("the same request under the same key has one effect and the same answer") {
  gateway_fixture f;
  const auto first = f.post(operator_of_province, "/v1/tickets", good_create, "k1");
  const std::string before = f.digest();
  const auto again = f.post(operator_of_province, "/v1/tickets", good_create, "k1");
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(*again.header("ETag") == *first.header("ETag"));
  CHECK(*again.header("Location") == *first.header("Location"));
  REQUIRE(again.header("Idempotency-Replayed") != nullptr);
  CHECK(*again.header("Idempotency-Replayed") == "true");
  CHECK(f.digest() == before);

  SUBCASE("white space and format do not make another request") {
    std::string spaced(good_create);
    spaced.insert(1, "  \n ");
    CHECK(f.post(operator_of_province, "/v1/tickets", spaced, "k1").body == first.body);
    CHECK(f.digest() == before);
  }
  SUBCASE("another body does") {
    std::string other(good_create);
    other.replace(other.find("瓦工"), 6, "木工");
    const auto refused = f.post(operator_of_province, "/v1/tickets", other, "k1");
    CHECK(refused.status == 422);
    CHECK(text_at(refused, "code") == "key_reused");
    CHECK(f.digest() == before);
  }
  SUBCASE("a body of another region does, though its ticket would be born elsewhere") {
    std::string other(good_create);
    const auto at = other.find("370883");
    REQUIRE(at != std::string::npos);
    other.replace(at, 6, "370102");
    const auto refused = f.post(operator_of_province, "/v1/tickets", other, "k1");
    CHECK(refused.status == 422);
    CHECK(text_at(refused, "code") == "key_reused");
    CHECK(f.digest() == before);
  }
  SUBCASE("another user does") {
    sender other = operator_of_province;
    other.user = "someone-else";
    const auto refused = f.post(other, "/v1/tickets", good_create, "k1");
    CHECK(refused.status == 422);
    CHECK(f.digest() == before);
  }
}

TEST_CASE("a repeated step is answered as before even when the ticket has moved on") {
  gateway_fixture f;
  const std::string ticket = "/v1/tickets/" + f.dispatch_ticket();
  const auto first = f.post(officer_of_zoucheng, ticket + ":sign", "{}", "sign-1");
  REQUIRE(first.status == 200);
  REQUIRE(f.post(officer_of_zoucheng, ticket + ":annotate", R"({"text":"备注"})").status == 200);
  const std::string before = f.digest();
  const auto again = f.post(officer_of_zoucheng, ticket + ":sign", "{}", "sign-1");
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(f.digest() == before);
}

TEST_CASE("If-Match holds a command to the version it was made for") {
  gateway_fixture f;
  const std::string ticket = "/v1/tickets/" + f.dispatch_ticket();
  const auto annotate = [&](std::string version, std::string key) {
    net::field_list headers = headers_of(officer_of_zoucheng);
    headers.emplace_back("Idempotency-Key", std::move(key));
    headers.emplace_back("Content-Type", "application/json");
    headers.emplace_back("If-Match", std::move(version));
    return f.send(net::method::post, ticket + ":annotate", headers, R"({"text":"备注"})");
  };
  const std::string before = f.digest();
  const auto stale = annotate("\"1\"", "a");
  CHECK(stale.status == 412);
  CHECK(text_at(stale, "code") == "version_mismatch");
  CHECK(f.digest() == before);
  const std::string current = *f.get(officer_of_zoucheng, ticket).header("ETag");
  CHECK(annotate(current, "b").status == 200);
}

TEST_CASE("machines may speak protobuf both ways") {
  gateway_fixture f;
  v1::CreateTicket create;
  REQUIRE(json::codec(std::array{v1::CreateTicket::descriptor()}).read(good_create, create));
  net::field_list headers = headers_of(operator_of_province);
  headers.emplace_back("Idempotency-Key", "pb");
  headers.emplace_back("Content-Type", "application/x-protobuf");
  headers.emplace_back("Accept", "application/x-protobuf");
  const auto answer = f.send(net::method::post, "/v1/tickets", headers, create.SerializeAsString());
  REQUIRE(answer.status == 201);
  CHECK(answer.content_type == "application/x-protobuf");
  v1::CommandAnswer message;
  REQUIRE(message.ParseFromString(answer.body));
  CHECK(message.state() == v1::STATE_ACCEPTED);
}

TEST_CASE("claiming takes the tickets of a queue one by one") {
  gateway_fixture f;
  const std::string first = f.dispatch_ticket();
  const std::string second = f.dispatch_ticket();
  const std::string claim = "/v1/queues/370883:claim";
  const auto one = f.post(officer_of_zoucheng, claim, {}, "c1");
  REQUIRE_MESSAGE(one.status == 200, one.body);
  CHECK(text_at(one, "state") == "STATE_HANDLING");
  const auto repeated = f.post(officer_of_zoucheng, claim, {}, "c1");
  CHECK(repeated.body == one.body);
  CHECK(*repeated.header("Idempotency-Replayed") == "true");
  const auto two = f.post(officer_of_zoucheng, claim, {}, "c2");
  REQUIRE(two.status == 200);
  CHECK(text_at(one, "ticket_no") != text_at(two, "ticket_no"));
  const auto none = f.post(officer_of_zoucheng, claim, {}, "c3");
  CHECK(none.status == 404);
  CHECK(text_at(none, "code") == "queue_empty");
}

TEST_CASE("a merge commits the child alone; its main ticket follows by itself") {
  gateway_fixture f;
  const std::string main_no = f.create_ticket();
  const std::string child_no = f.create_ticket();
  const std::string child = "/v1/tickets/" + child_no;
  const std::string words = R"({"main_no":")" + main_no + "\"}";
  const auto main_before = f.get(operator_of_province, "/v1/tickets/" + main_no).body;
  const auto merged = f.post(operator_of_province, child + ":merge", words, "m");
  REQUIRE_MESSAGE(merged.status == 200, merged.body);
  CHECK(text_at(merged, "state") == "STATE_MERGED");
  CHECK(f.get(operator_of_province, child).body.find(R"("main_no":")" + main_no) !=
        std::string::npos);
  CHECK(f.get(operator_of_province, "/v1/tickets/" + main_no).body == main_before);

  const std::string before = f.digest();
  CHECK(f.post(operator_of_province, child + ":merge", words, "m").body == merged.body);
  CHECK(f.digest() == before);
  const auto apart = f.post(operator_of_province, child + ":unmerge", R"({"reason":"不同"})", "u");
  REQUIRE_MESSAGE(apart.status == 200, apart.body);
  const std::string after = f.digest();
  CHECK(f.post(operator_of_province, child + ":unmerge", R"({"reason":"不同"})", "u").body ==
        apart.body);
  CHECK(f.digest() == after);
}

TEST_CASE("nobody merges into a ticket of another desk, though they see it") {
  gateway_fixture f;
  const std::string main_no =
      f.dispatch_ticket();  // of the province's desk, with one of its counties
  const sender of_city{"ROLE_OPERATOR", "370800", "cao"};
  REQUIRE(f.get(of_city, "/v1/tickets/" + main_no).status == 200);
  const auto own = f.post(of_city, "/v1/tickets", good_create);
  REQUIRE_MESSAGE(own.status == 201, own.body);
  const std::string before = f.digest();
  const auto refused = f.post(of_city, "/v1/tickets/" + text_at(own, "ticket_no") + ":merge",
                              R"({"main_no":")" + main_no + "\"}");
  CHECK(refused.status == 403);
  CHECK(text_at(refused, "code") == "unit_not_allowed");
  CHECK(text_at(refused, "field") == "main_no");
  CHECK(f.digest() == before);
}

TEST_CASE("a repeated merge is answered as before whatever the main ticket has become") {
  gateway_fixture f;
  const std::string main_no = f.create_ticket();
  const std::string child = "/v1/tickets/" + f.create_ticket();
  const std::string words = R"({"main_no":")" + main_no + "\"}";
  const auto merged = f.post(operator_of_province, child + ":merge", words, "m");
  REQUIRE_MESSAGE(merged.status == 200, merged.body);
  const std::string main = "/v1/tickets/" + main_no;
  const auto withdrawn =
      f.post(operator_of_province, main + ":withdraw", R"({"evidence":"录音 1"})");
  REQUIRE_MESSAGE(withdrawn.status == 200, withdrawn.body);
  REQUIRE(f.post(administrator, main + ":archive").status == 200);

  const auto again = f.post(operator_of_province, child + ":merge", words, "m");
  CHECK(again.status == 200);
  CHECK(again.body == merged.body);
  const std::string other = "/v1/tickets/" + f.create_ticket();
  const std::string before = f.digest();
  const auto refused = f.post(operator_of_province, other + ":merge", words);
  CHECK(refused.status == 409);
  CHECK(text_at(refused, "field") == "main_no");
  CHECK(f.digest() == before);
}

TEST_CASE("a ticket is not merged into itself, nor into one the actor does not see") {
  gateway_fixture f;
  const std::string no = f.create_ticket();
  const std::string before = f.digest();
  const auto looped =
      f.post(operator_of_province, "/v1/tickets/" + no + ":merge", R"({"main_no":")" + no + "\"}");
  CHECK(text_at(looped, "code") == "merge_loop");
  const auto hidden = f.post({"ROLE_OPERATOR", "370200"}, "/v1/tickets/" + no + ":merge",
                             R"({"main_no":")" + no + "\"}");
  CHECK(hidden.status == 422);
  CHECK(text_at(hidden, "code") == "ticket_unknown");
  CHECK(f.digest() == before);
}

TEST_CASE("in rehearsal every answer says so, and an administrator sets the clock forward") {
  gateway_fixture f(mode::rehearsal);
  CHECK(*f.send(net::method::get, "/healthz", {}).header("X-Hotline-Rehearsal") == "true");
  const auto set = [&](const sender& who, std::string body) {
    net::field_list headers = headers_of(who);
    headers.emplace_back("Content-Type", "application/json");
    return f.send(net::method::put, "/v1/clock", headers, std::move(body));
  };
  const auto done = set(administrator, R"({"now":"2026-11-24T08:00:00+08:00"})");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "now") == "2026-11-24T08:00:00.000+08:00");
  REQUIRE(f.shared_clocks.size() == 1);
  CHECK(f.shared_clocks[0].first == f.clock.now());
  const auto recorded = f.redis.run(f.audit().page({}, 10));
  REQUIRE(recorded.has_value());
  REQUIRE(recorded->records.size() == 1);
  CHECK(recorded->records[0].record.action() == "clock.set");
  CHECK(recorded->records[0].record.actor().user() == "admin");
  CHECK(recorded->records[0].record.detail().starts_with("now 2026-11-24T08:00:00"));

  const auto backwards = set(administrator, R"({"now":"2026-11-24T07:59:59+08:00"})");
  CHECK(backwards.status == 409);
  CHECK(text_at(backwards, "code") == "clock_backwards");
  CHECK(set(operator_of_province, R"({"now":"2026-11-25T08:00:00+08:00"})").status == 403);
  CHECK(set(administrator, R"({"rate":-1})").status == 400);
  CHECK(f.shared_clocks.size() == 1);
  CHECK(text_at(f.get(operator_of_province, "/v1/clock"), "now") ==
        "2026-11-24T08:00:00.000+08:00");
}

TEST_CASE("in real service nobody sets the clock") {
  gateway_fixture f;
  net::field_list headers = headers_of(administrator);
  headers.emplace_back("Content-Type", "application/json");
  const auto refused =
      f.send(net::method::put, "/v1/clock", headers, R"({"now":"2026-11-24T08:00:00+08:00"})");
  CHECK(refused.status == 403);
  CHECK(text_at(refused, "rule") == "clock.rehearsal");
  CHECK(f.shared_clocks.empty());
}

}  // namespace
}  // namespace hotline::gateway
