// What partners could not be told: shown masked, sent again with a reason, never without a record.
#include <doctest/doctest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_queue.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

constexpr const char* jining_unit = "p-12345-370800";
constexpr const char* letters_of_jining = "/v1/partners/jining-12345/dead-letters";
const sender auditor{"ROLE_AUDITOR", "370000", "audit"};

struct letters_fixture : gateway_fixture {
  letters_fixture() {
    REQUIRE(redis.run(feed.adopt()));
    auto with_letters = parts(mode::live);
    with_letters.letters.push_back({"jining-12345", jining_unit, queue});
    door = std::make_unique<gateway>(std::move(with_letters));
    ticket_no = create_ticket();
    id = {ticket_no, 3};
    give_up();
  }

  /// A message with the caller of the ticket, given up after one try.
  void give_up() {
    const auto ticket = **redis.run(tickets().load(ticket_no));
    v1::OutMessage message;
    auto& event = *message.mutable_event();
    event.set_kind(v1::PARTNER_EVENT_KIND_CREATE);
    event.set_ticket_no(ticket_no);
    event.set_text("请回电 13805310001");
    *event.mutable_intake() = ticket.intake();
    REQUIRE(*redis.run(queue.put(id, message, clock.now())));
    v1::SendFailure failure;
    failure.set_http_status(400);
    failure.set_code("01");
    failure.set_text("号码 13805310001 不合规");
    REQUIRE(*redis.run(queue.fail_try(id, std::nullopt, failure, clock.now())));
  }

  std::string url_of_letter() const { return letters_of_jining + ("/" + ticket_no) + ".3:resend"; }
  std::vector<std::string> records() {
    std::vector<std::string> found;
    const auto body = parse(get(auditor, "/v1/audit"));
    if (const auto* all = body.as_object().if_contains("records"))
      for (const auto& one : all->as_array())
        found.emplace_back(one.as_object().at("action").as_string().c_str());
    return found;
  }
  v1::OutMessage waiting() {
    const auto taken = redis.run(queue.take(clock.now(), milliseconds(1), 10));
    REQUIRE(taken->size() == 1);
    return taken->front().message;
  }

  store::exchange_vault vault{test::keys_for_tests()};
  store::exchange_feed feed{*redis.client, vault, "jining-12345", data_set()};
  store::exchange_queue queue{*redis.client, vault, "jining-12345", data_set()};
  std::string ticket_no;
  store::message_id id;
};

TEST_CASE("a dead letter is shown with its reason and masked; the look is on record") {
  letters_fixture f;
  const auto answer = f.get(administrator, letters_of_jining);
  REQUIRE(answer.status == 200);
  CHECK(answer.body.find("13805310001") == std::string::npos);
  CHECK(answer.body.find("赵师傅") == std::string::npos);
  CHECK(answer.body.find('~') == std::string::npos);
  const auto body = parse(answer);
  CHECK(number_at(answer, "total") == 1);
  const auto& letter = body.at("letters").as_array().at(0).as_object();
  CHECK(letter.at("id").as_string() == f.ticket_no + ".3");
  CHECK(letter.at("failure").as_object().at("http_status").as_int64() == 400);
  CHECK(letter.at("event").at("intake").at("caller").at("phone").as_string() == "138****0001");
  CHECK(*answer.header("Cache-Control") == "no-store");
  CHECK(f.records() == std::vector<std::string>{"letter.read"});
}

TEST_CASE("only the administrator of the partner's part of the tree") {
  letters_fixture f;
  for (const char* role : {"ROLE_OPERATOR", "ROLE_DISPATCHER", "ROLE_OFFICER", "ROLE_LEAD",
                           "ROLE_SUPERVISOR", "ROLE_AUDITOR", "ROLE_SECURITY_ADMINISTRATOR"}) {
    CAPTURE(role);
    CHECK(f.get({role, "370000"}, letters_of_jining).status == 403);
    CHECK(f.post({role, "370000"}, f.url_of_letter(), R"({"reason":"重发"})").status == 403);
  }
  CHECK(f.get({"ROLE_ADMINISTRATOR", "370100"}, letters_of_jining).status == 403);
  CHECK(f.get({"ROLE_ADMINISTRATOR", "370800"}, letters_of_jining).status == 200);
  CHECK(f.get(administrator, "/v1/partners/nobody/dead-letters").status == 404);
}

TEST_CASE("it is sent again as it was, for a reason") {
  letters_fixture f;
  CHECK(f.post(administrator, f.url_of_letter(), "{}").status == 422);
  const auto sent = f.post(administrator, f.url_of_letter(), R"({"reason":"对方已修复"})");
  REQUIRE(sent.status == 200);
  CHECK(sent.body.find("13805310001") == std::string::npos);
  CHECK(f.waiting().event().text() == "请回电 13805310001");
  CHECK(f.records() == std::vector<std::string>{"letter.resend"});
  CHECK(f.post(administrator, f.url_of_letter(), R"({"reason":"再一次"})").status == 404);
  CHECK(f.get(administrator, letters_of_jining).body.find(f.ticket_no) == std::string::npos);
}

TEST_CASE("its words may be mended, all else stays; what was masked does not come back") {
  letters_fixture f;
  const auto masked =
      f.post(administrator, f.url_of_letter(), R"({"reason":"r","text":"请回电 138****0001"})");
  CHECK(masked.status == 422);
  CHECK(text_at(masked, "rule") == "form.masked");
  CHECK(text_at(masked, "field") == "text");
  REQUIRE(
      f.post(administrator, f.url_of_letter(), R"({"reason":"r","text":"请尽快回电"})").status ==
      200);
  const auto message = f.waiting();
  CHECK(message.event().text() == "请尽快回电");
  CHECK_FALSE(message.event().has_reply());
  CHECK(message.event().intake().caller().phone().starts_with("~"));
}

TEST_CASE("what was changed is on record, before and after, without the numbers") {
  letters_fixture f;
  REQUIRE(
      f.post(administrator, f.url_of_letter(), R"({"reason":"r","text":"请尽快回电"})").status ==
      200);
  const auto records = parse(f.get(auditor, "/v1/audit")).as_object().at("records");
  const auto& detail = records.as_array().at(0).as_object().at("detail").as_string();
  CHECK(detail == "text：“请回电 138****0001” → “请尽快回电”");
}

TEST_CASE(
    "a letter the partner will never take is given up, for a reason: what is behind it goes on") {
  letters_fixture f;
  const auto url = letters_of_jining + ("/" + f.ticket_no) + ".3:dismiss";
  v1::OutMessage later;
  later.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_FINISH);
  REQUIRE(*f.redis.run(f.queue.put({f.ticket_no, 4}, later, f.clock.now())));
  CHECK(f.redis.run(f.queue.take(f.clock.now(), milliseconds(1), 10))->empty());
  CHECK(f.post(administrator, url, "{}").status == 422);
  CHECK(f.post({"ROLE_SUPERVISOR", "370000"}, url, R"({"reason":"r"})").status == 403);
  const auto done = f.post(administrator, url, R"({"reason":"已电话告知"})");
  REQUIRE(done.status == 200);
  CHECK(done.body.find("13805310001") == std::string::npos);
  CHECK(f.waiting().event().kind() == v1::PARTNER_EVENT_KIND_FINISH);
  CHECK(f.records() == std::vector<std::string>{"letter.dismiss"});
  CHECK(f.post(administrator, url, R"({"reason":"再一次"})").status == 404);
  CHECK(number_at(f.get(administrator, letters_of_jining), "total") == 0);
  // It is not told by the event log again either.
  CHECK_FALSE(*f.redis.run(f.queue.put(f.id, later, f.clock.now())));
}

TEST_CASE("an id that is none leads nowhere") {
  letters_fixture f;
  for (const char* id : {"x", "3708-20261123-00001", "3708-20261123-00001.9", ".3", "1.2.3"}) {
    CAPTURE(id);
    const auto target = letters_of_jining + std::string("/") + id + ":resend";
    CHECK(f.post(administrator, target, R"({"reason":"r"})").status == 404);
  }
  CHECK(f.records().empty());
}

}  // namespace
}  // namespace hotline::gateway
