// Every bad request gets an answer that names what is wrong, and changes nothing.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

/// good_create with a piece replaced.
std::string altered(std::string_view from, std::string_view to) {
  std::string text(good_create);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// good_create with a field put before the content of the matter.
std::string with_matter(std::string_view field) {
  return altered(R"("content":)", std::string(field) + R"(,"content":)");
}

struct bad_create {
  std::string body;
  int status;
  std::string code;
  std::string field;
};

TEST_CASE("a create that breaks a rule of form or content is refused by field") {
  gateway_fixture f;
  f.create_ticket();
  const std::string before = f.digest();
  const std::vector<bad_create> table{
      {"{", 400, "body_malformed", ""},
      {"[]", 400, "body_malformed", ""},
      {"{\"intake\":{\"title\":\"\xFF\"}}", 400, "field_malformed", "intake.title"},
      {altered("赵师傅", R"(赵\u0000)"), 400, "field_malformed", "intake.caller.name"},
      {altered("赵师傅", R"(赵\u202e)"), 400, "field_malformed", "intake.caller.name"},
      {altered("\"SOURCE_PHONE\"", "1"), 400, "field_malformed", "intake.source"},
      {altered("SOURCE_PHONE", "SOURCE_PIGEON"), 400, "field_malformed", "intake.source"},
      {altered("\"intake\"", "\"intake2\""), 400, "field_malformed", "intake2"},
      {altered("\"source\"", "\"source\":\"SOURCE_WEB\",\"source\""), 400, "field_malformed",
       "intake.source"},
      {with_matter(R"("people":"3")"), 400, "field_malformed", "intake.matter.people"},
      {with_matter(R"("people":99999999999)"), 400, "field_malformed", "intake.matter.people"},
      {with_matter(R"("amount_claimed_fen":1.5)"), 400, "field_malformed",
       "intake.matter.amount_claimed_fen"},
      {altered("\"source\"", R"("partner_due_at":"1969-01-01T00:00:00Z","source")"), 400,
       "field_malformed", "intake.partner_due_at"},
      {with_matter(R"("people":-1)"), 422, "field_invalid", "intake.matter.people"},
      {with_matter(R"("amount_claimed_fen":-5)"), 422, "field_invalid",
       "intake.matter.amount_claimed_fen"},
      {with_matter(R"("occurred_date":"2026-02-30")"), 422, "field_invalid",
       "intake.matter.occurred_date"},
      {with_matter(R"("occurred_date":"0001-01-01")"), 422, "field_invalid",
       "intake.matter.occurred_date"},
      {altered("370883", "110101"), 422, "region_unknown", "intake.matter.region"},
      {altered("13805310001", "12"), 422, "field_invalid", "intake.caller.phone"},
      {altered("wages.arrears", "no.such"), 422, "field_invalid", "intake.matter.category"},
      {altered("赵师傅", std::string(5'000, 'x')), 422, "field_too_long", "intake.caller.name"},
  };
  for (const bad_create& row : table) {
    CAPTURE(row.body);
    const auto answer = f.post(operator_of_province, "/v1/tickets", row.body);
    CHECK_MESSAGE(answer.status == row.status, answer.body);
    CHECK(answer.content_type == "application/problem+json");
    CHECK_MESSAGE(text_at(answer, "code") == row.code, answer.body);
    CHECK(text_at(answer, "field") == row.field);
    CHECK_FALSE(text_at(answer, "title").empty());
    CHECK_FALSE(text_at(answer, "title_en").empty());
  }
  CHECK(f.digest() == before);
}

struct bad_step {
  sender who;
  std::string target;
  std::string body;
  int status;
  std::string code;
};

TEST_CASE("steps that role, unit, state or limits do not allow are refused") {
  gateway_fixture f;
  const std::string accepted = "/v1/tickets/" + f.create_ticket();
  const std::string sent = "/v1/tickets/" + f.dispatch_ticket();
  const std::string before = f.digest();
  const sender officer_of_qingdao{"ROLE_OFFICER", "370200"};
  const std::vector<bad_step> table{
      {officer_of_zoucheng, sent + ":dispatch", R"({"unit":"370883"})", 403, "role_not_allowed"},
      {officer_of_zoucheng, accepted + ":dispatch", R"({"unit":"370883"})", 404, "ticket_unknown"},
      {officer_of_qingdao, sent + ":sign", "", 404, "ticket_unknown"},
      {{"ROLE_OFFICER", "370800"}, sent + ":sign", "", 403, "unit_not_allowed"},
      {{"ROLE_OFFICER", "no-such-unit"}, sent + ":sign", "", 403, "actor_unknown"},
      {dispatcher_of_province, sent + ":dispatch", R"({"unit":"370883"})", 409,
       "state_not_allowed"},
      {dispatcher_of_province, accepted + ":dispatch", R"({"unit":"999999"})", 422, "unit_unknown"},
      {dispatcher_of_province, accepted + ":dispatch", R"({"unit":"370883","limit":"1d"})", 400,
       "field_malformed"},
      {dispatcher_of_province, accepted + ":dispatch", "", 422, "field_required"},
      {officer_of_zoucheng, "/v1/tickets/3708-20261123-99999:sign", "", 404, "ticket_unknown"},
      {officer_of_zoucheng, "/v1/tickets/3708-20261123-1:sign", "", 404, "not_found"},
      {operator_of_province, accepted + ":merge", R"({"main_no":"3708-20261123-99999"})", 422,
       "ticket_unknown"},
      {operator_of_province, accepted + ":merge", R"({"main_no":"x"})", 422, "field_invalid"},
      {operator_of_province, accepted + ":tick", "", 404, "not_found"},
      {operator_of_province, accepted + ":add-merged", "", 404, "not_found"},
      {operator_of_province, accepted + ":add_co_handler", "", 404, "not_found"},
      {operator_of_province, accepted + ":escalate", R"({"rung":"RUNG_ESCALATE"})", 403,
       "role_not_allowed"},
      {{"ROLE_SYSTEM", "370000"}, sent + ":escalate", "", 403, "not_allowed"},
  };
  for (const bad_step& row : table) {
    CAPTURE(row.target);
    CAPTURE(row.body);
    const auto answer = f.post(row.who, row.target, row.body);
    CHECK_MESSAGE(answer.status == row.status, answer.body);
    CHECK_MESSAGE(text_at(answer, "code") == row.code, answer.body);
  }
  CHECK(f.digest() == before);
}

TEST_CASE("a request lacking what its operation needs is refused before anything is done") {
  gateway_fixture f;
  f.create_ticket();
  const std::string before = f.digest();
  const auto good_headers = [] {
    net::field_list headers = headers_of(operator_of_province);
    headers.emplace_back("Idempotency-Key", "k");
    headers.emplace_back("Content-Type", "application/json");
    return headers;
  };
  const auto without = [&](std::string_view name) {
    net::field_list headers = good_headers();
    std::erase_if(headers, [&](const auto& h) { return h.first == name; });
    return f.send(net::method::post, "/v1/tickets", headers, std::string(good_create));
  };
  CHECK(text_at(without("Idempotency-Key"), "code") == "idempotency_key_required");
  CHECK(without("Idempotency-Key").status == 400);
  CHECK(without("X-Hotline-User").status == 401);
  CHECK(without("X-Hotline-Unit").status == 401);
  CHECK(without("X-Hotline-Role").status == 401);
  CHECK(without("Content-Type").status == 415);

  net::field_list picky = good_headers();
  picky.emplace_back("Accept", "text/html");
  CHECK(f.send(net::method::post, "/v1/tickets", picky, std::string(good_create)).status == 406);
  CHECK(f.send(net::method::post, "/v1/tickets?dry_run=1", good_headers(), std::string(good_create))
            .status == 400);
  CHECK(f.send(net::method::put, "/v1/tickets", good_headers(), std::string(good_create)).status ==
        405);
  CHECK(f.send(net::method::post, "/v1/tickets", good_headers(), std::string(70'000, ' ')).status ==
        413);
  CHECK(f.digest() == before);
}

TEST_CASE("bad parameters of reads are named") {
  gateway_fixture f;
  struct row {
    const char* target;
    int status;
    const char* field;
  };
  for (const row& r : {
           row{"/v1/tickets?limit=0", 400, "limit"},
           row{"/v1/tickets?cursor=zzz", 400, "cursor"},
           row{"/v1/tickets?state=CLOSED", 400, "state"},
           row{"/v1/tickets?unit=nowhere", 400, "unit"},
           row{"/v1/tickets?nonsense=1", 400, "nonsense"},
           row{"/v1/tickets?limit=1&limit=2", 400, "limit"},
           row{"/v1/queues/370883?cursor=%27", 400, "cursor"},
           row{"/v1/regions", 400, "text"},
           row{"/v1/callers/x", 400, "phone"},
       }) {
    CAPTURE(r.target);
    const auto answer = f.get(operator_of_province, r.target);
    CHECK(answer.status == r.status);
    CHECK(text_at(answer, "field") == r.field);
  }
  CHECK(f.get(operator_of_province, "/v1/nothing").status == 404);
}

}  // namespace
}  // namespace hotline::gateway
