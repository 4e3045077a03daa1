// What a citizen learns and does by a channel with the number of a ticket and their own.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <set>

#include "tests/unit/gateway/intake_kit.hpp"

namespace hotline::gateway {
namespace {

/// The body of a problem without what differs from request to request.
std::string sentence_of(const net::response& answer) {
  auto object = parse(answer).as_object();
  object.erase("request_id");
  return boost::json::serialize(object);
}

std::size_t claims_on_record(intake_fixture& f) {
  const auto page = f.redis.run(f.audit().find({{}, "intake.claim", 0}, std::nullopt, 100, 1000));
  REQUIRE(page.has_value());
  return page->records.size();
}

/// Brings a ticket to the return visit (待回访).
void bring_to_visit(gateway_fixture& f, const std::string& no, std::string_view answer) {
  const auto by = [&](const sender& who, const char* verb, const std::string& body) {
    const auto done = f.post(who, "/v1/tickets/" + no + ":" + verb, body);
    REQUIRE_MESSAGE(done.status == 200, done.body);
  };
  by(dispatcher_of_province, "dispatch", R"({"unit":"370883"})");
  by(officer_of_zoucheng, "sign", "{}");
  by(officer_of_zoucheng, "record-contact",
     R"({"number":"13805310001","contacted_at":"2026-11-23T09:00:00+08:00","reached":true,"result":"r"})");
  by(officer_of_zoucheng, "reply",
     fmt::format(
         R"({{"reply":{{"result":"RESULT_SOLVED","text":"内部说明","public_answer":"{}"}}}})",
         answer));
  by(supervisor_of_jining, "review", R"({"pass":true})");
}

TEST_CASE("progress is told to who names the number and the phone, whatever way the matter came") {
  intake_fixture f;
  const std::string by_web = f.taken(web, citizen_request());
  const std::string by_phone = f.create_ticket();
  for (const auto& no : {by_web, by_phone}) {
    for (const sender& who : {web, app, bot}) {
      const auto told = f.ask(claim_of(no, "138 0531 0001"), who);
      CHECK(told.status == 200);
      CHECK(text_at(told, "ticket_no") == no);
      CHECK(text_at(told, "stage") == "PROGRESS_STAGE_ACCEPTED");
      CHECK(text_at(told, "stage_text") == "受理中");
    }
  }
  CHECK(claims_on_record(f) == 0);
}

TEST_CASE("a wrong number, a wrong phone and what is no number are answered alike, and recorded") {
  intake_fixture f;
  const std::string no = f.taken(web, citizen_request());
  std::set<std::string> said;
  for (const std::string& claim :
       {claim_of(no, "13805310002"), claim_of("3708-20261123-09999"), claim_of("nonsense"),
        claim_of(no, "not a phone"), claim_of("3700-20000101-00001")}) {
    const auto answer = f.ask(claim);
    CHECK(answer.status == 422);
    said.insert(sentence_of(answer));
  }
  CHECK(said.size() == 1);
  CHECK(said.begin()->find("claim_not_proven") != std::string::npos);
  CHECK(claims_on_record(f) == 5);
  // Without the caller's number there is nothing to compare with.
  const auto bare = f.post(operator_of_province, "/v1/tickets",
                           R"({"draft":true,"intake":{"matter":{"content":"c"}}})");
  REQUIRE(bare.status == 201);
  CHECK(f.ask(claim_of(text_at(bare, "ticket_no"), "13805310001")).status == 422);
  for (const char* claim : {R"("claim":{"phone":"1","citizen_address":"1"})",
                            R"("claim":{"ticket_no":"1","citizen_address":"1"})",
                            R"("claim":{"ticket_no":"1","phone":"1"})"}) {
    CHECK(text_at(f.ask(claim), "code") == "field_required");
  }
}

TEST_CASE("phones are not guessed: failures end by citizen's address and by ticket") {
  intake_fixture f;
  f.settings().set_progress_failures_max(3);
  const std::string no = f.taken(web, citizen_request());
  const std::string other = f.taken(web, citizen_request({}, "13805310007"));
  for (int i = 0; i < 3; ++i) {
    CHECK(f.ask(claim_of(no, fmt::format("1390531000{}", i), "10.0.0.1")).status == 422);
  }
  // Of this address, and about this ticket from any other: the right number does not help either.
  CHECK(f.ask(claim_of(other, "13805310007", "10.0.0.1")).status == 429);
  const auto full = f.ask(claim_of(no, "13805310001", "10.0.0.2"), app);
  CHECK(full.status == 429);
  CHECK(text_at(full, "code") == "too_many_failures");
  CHECK(f.ask(claim_of(other, "13805310007", "10.0.0.2")).status == 200);
  CHECK(claims_on_record(f) == 3);
  f.pass(std::chrono::hours(1));
  CHECK(f.ask(claim_of(no, "13805310001", "10.0.0.1")).status == 200);
}

TEST_CASE("who names the right number may ask again and again") {
  intake_fixture f;
  f.settings().set_progress_failures_max(2);
  const std::string no = f.taken(web, citizen_request());
  for (int i = 0; i < 10; ++i) CHECK(f.ask(claim_of(no)).status == 200);
}

TEST_CASE("the answer is told when the matter is answered, and what is internal never") {
  intake_fixture f;
  const std::string no = f.taken(web, citizen_request());
  CHECK(text_at(f.ask(claim_of(no)), "answer").empty());
  bring_to_visit(f, no, "工资已补发");
  const auto told = f.ask(claim_of(no));
  CHECK(text_at(told, "stage_text") == "已答复");
  CHECK(text_at(told, "answer") == "工资已补发");
  CHECK(text_at(told, "handled_by") == f.land->org.find("370883")->name());
  CHECK(told.body.find("内部说明") == std::string::npos);
  CHECK(told.body.find("wang") == std::string::npos);
  CHECK(told.body.find("赵师傅") == std::string::npos);
}

TEST_CASE("a number and a ticket are found however the caller types them") {
  intake_fixture f;
  const std::string mobile = f.taken(web, citizen_request());
  const std::string bare = mobile.substr(0, 4) + mobile.substr(5, 8) + mobile.substr(14);
  for (const char* number :
       {"13805310001", "8613805310001", "008613805310001", "+86 138 0531 0001", "+86-13805310001",
        "１３８０５３１０００１", "＋８６１３８０５３１０００１", " 13805310001 ", "138-0531-0001",
        "138—0531—0001", "　13805310001　"}) {
    CAPTURE(number);
    CHECK(f.ask(claim_of(mobile, number)).status == 200);
  }
  for (const std::string& no :
       {" " + mobile, mobile + "　", "３７０８" + mobile.substr(4), bare,
        mobile.substr(0, 4) + "－" + mobile.substr(5, 8) + "—" + mobile.substr(14)}) {
    CAPTURE(no);
    CHECK(f.ask(claim_of(no)).status == 200);
  }
  // As staff wrote it down, who write no other numbers than these two ways.
  for (const char* kept : {"0531-86012351", "053186012351"}) {
    auto body = create_body("");
    body.replace(body.find(phone), phone.size(), kept);
    const std::string no = made(f, body, "");
    for (const char* typed : {"0531-86012351", "053186012351", "(0531) 8601 2351",
                              "+86 531 86012351", "００８６５３１－８６０１２３５１"}) {
      CAPTURE(typed);
      CHECK(f.ask(claim_of(no, typed)).status == 200);
    }
    CHECK(f.ask(claim_of(no, "0531-86012352")).status == 422);
  }
  CHECK(f.ask(claim_of(mobile, "8613805310002")).status == 422);
}

TEST_CASE("a citizen supplements, and a repeat adds nothing twice") {
  intake_fixture f;
  const std::string no = f.taken(web, citizen_request());
  const std::string body = "{" + claim_of(no) + R"(,"text":"又拖了一个月"})";
  const auto first = f.post(app, "/v1/intake/supplement", body, "s1");
  CHECK_MESSAGE(first.status == 200, first.body);
  CHECK(text_at(first, "stage") == "PROGRESS_STAGE_ACCEPTED");
  const auto again = f.post(app, "/v1/intake/supplement", body, "s1");
  CHECK(again.status == 200);
  CHECK(net::find_field(again.headers, "Idempotency-Replayed") != nullptr);
  const auto ticket = f.stored(no);
  CHECK(ticket.version() == 2);
  CHECK(ticket.intake().matter().content().ends_with("又拖了一个月"));
  const auto other = "{" + claim_of(no, "13805310002") + R"(,"text":"我也要说"})";
  CHECK(f.post(web, "/v1/intake/supplement", other).status == 422);
  CHECK(f.stored(no).version() == 2);
}

TEST_CASE("a matter is urged once a day, a repeat of that included") {
  intake_fixture f;
  const std::string no = f.taken(web, citizen_request());
  const std::string body = "{" + claim_of(no) + "}";
  CHECK(f.post(web, "/v1/intake/urge", body, "u1").status == 200);
  CHECK(f.post(web, "/v1/intake/urge", body, "u1").status == 200);
  const auto second = f.post(app, "/v1/intake/urge", body);
  CHECK(second.status == 429);
  CHECK(text_at(second, "code") == "urged_today");
  const auto reused =
      f.post(web, "/v1/intake/urge", "{" + claim_of(no) + R"(,"text":"另一句"})", "u1");
  CHECK(text_at(reused, "code") == "key_reused");
  CHECK(f.post(app, "/v1/intake/urge", body).status == 429);
  CHECK(f.stored(no).urges() == 1);
  f.pass(std::chrono::hours(15));
  CHECK(f.post(web, "/v1/intake/urge", body).status == 200);
  // The ladder has counted an urge of its own meanwhile.
  const auto events = f.redis.run(f.tickets().history(no, 1, 100));
  REQUIRE(events.has_value());
  CHECK(std::ranges::count(*events, v1::EVENT_KIND_URGED, &v1::Event::kind) == 2);
}

TEST_CASE(
    "a citizen withdraws; afterwards there is nothing to do, and no urge is used up by trying") {
  intake_fixture f;
  const std::string no = f.taken(web, citizen_request());
  const std::string claim = claim_of(no);
  CHECK(f.post(web, "/v1/intake/withdraw", "{" + claim + "}").status == 422);
  const auto done = f.post(web, "/v1/intake/withdraw", "{" + claim + R"(,"reason":"已自行解决"})");
  CHECK(done.status == 200);
  CHECK(text_at(done, "stage_text") == "已撤回");
  CHECK(f.stored(no).end_reason() == "caller");
  CHECK(f.post(web, "/v1/intake/urge", "{" + claim + "}").status == 409);
  CHECK(f.post(web, "/v1/intake/urge", "{" + claim + "}").status == 409);
}

TEST_CASE("a citizen rates the result once; who is not satisfied says why and is heard") {
  intake_fixture f;
  const std::string good = f.taken(web, citizen_request());
  const std::string bad = f.taken(web, citizen_request({}, "13805310008"));
  const auto rate = [&](const std::string& no, std::string_view number, std::string_view words) {
    return f.post(web, "/v1/intake/rate", fmt::format("{{{},{}}}", claim_of(no, number), words));
  };
  const std::string_view satisfied =
      R"("contacted_by_unit":true,"solved":"SOLVED_YES","satisfaction":"SATISFACTION_GOOD")";
  CHECK(rate(good, phone, satisfied).status == 409);
  bring_to_visit(f, good, "a");
  const auto done = rate(good, phone, satisfied);
  CHECK_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "stage_text") == "已办结");
  CHECK(f.stored(good).visits(0).visitor() == "web");
  CHECK(rate(good, phone, satisfied).status == 409);
  bring_to_visit(f, bad, "a");
  CHECK(rate(bad, "13805310008", R"("solved":"SOLVED_NO")").status == 422);
  CHECK(rate(bad, "13805310008", R"("solved":"SOLVED_NO","remark":"钱还没到账")").status == 200);
  CHECK(f.stored(bad).state() == v1::STATE_REWORK);
}

TEST_CASE("of a merged ticket its caller learns how the main goes, and not whose it is") {
  intake_fixture f;
  const std::string main = f.taken(web, citizen_request({}, "13805310008"));
  const std::string child = f.taken(web, citizen_request());
  REQUIRE(f.post(dispatcher_of_province, "/v1/tickets/" + child + ":merge",
                 R"({"main_no":")" + main + "\"}")
              .status == 200);
  bring_to_visit(f, main, "已向钱某支付");
  const auto told = f.ask(claim_of(child));
  CHECK(told.status == 200);
  CHECK(text_at(told, "stage_text") == "已答复");
  CHECK(told.body.find(main) == std::string::npos);
  CHECK(told.body.find("钱某") == std::string::npos);
  CHECK(f.post(web, "/v1/intake/urge", "{" + claim_of(child) + "}").status == 409);
}

}  // namespace
}  // namespace hotline::gateway
