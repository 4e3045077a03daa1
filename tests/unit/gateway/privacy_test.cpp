// Who called, and what tells of it: in words, in answers to commands, in what is kept of a request.
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "common/json/codec.hpp"
#include "common/store/records.hpp"
#include "tests/support/test_keys.hpp"
#include "tests/unit/gateway/cast.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

TEST_CASE("the accused do not learn the caller from words, from lists or by another post") {
  gateway_fixture f;
  const std::string body =
      R"({"intake":{"source":"SOURCE_PHONE","title":"赵大明反映克扣","external_no":"信访-77",
      "caller":{"name":"赵大明","phone":"13805310001","address":"邹城市钢山街道8号","union_member":true},
      "employer":{"name":"济宁某置业公司","contact":"钱经理"},
      "matter":{"kind":"KIND_COMPLAINT","category":"wages.arrears","region":"370883",
                "content":"赵大明住钢山街道8号，电话 13805310001","complained_unit":"370883"}}})";
  const std::string no = made(f, body, "370800");
  const std::string ticket = "/v1/tickets/" + no;
  REQUIRE(f.post({"ROLE_OFFICER", "370800", "ren"}, ticket + ":sign").status == 200);
  REQUIRE(
      f.post({"ROLE_OFFICER", "370800", "ren"}, ticket + ":annotate", R"({"text":"赵大明来电"})")
          .status == 200);
  // At the city, but at home in the county complained about.
  const sender moved{"ROLE_SUPERVISOR", "370800", "wu", "370883"};
  const auto asked = [&](const sender& who) {
    std::string all;
    for (const std::string& target : {ticket, ticket + "/history", std::string("/v1/tickets"),
                                      std::string("/v1/queues/370800")}) {
      const auto answer = f.get(who, target);
      REQUIRE(answer.status == 200);
      all += answer.body;
    }
    return all;
  };
  const auto read = asked(moved);
  for (const char* told : {"赵", "钢山", "138", "信访-77", "钱", "union_member"}) {
    CHECK_MESSAGE(read.find(told) == std::string::npos, told);
  }
  CHECK(read.find("〔隐去〕来电") != std::string::npos);
  CHECK(f.post(moved, ticket + ":reveal", R"({"fields":["employer.contact"],"reason":"核实"})")
            .status != 200);
  CHECK(asked(supervisor_of_jining).find("赵大明来电") != std::string::npos);
  // Nobody's record says where else they belong.
  CHECK(f.post(moved, ticket + ":annotate", R"({"text":"备注"})").status == 200);
  CHECK(asked(moved).find("other_units") == std::string::npos);
  CHECK(f.post(moved, ticket + ":annotate", R"({"text":"备注","other_units":["370800"]})").status ==
        400);
}

TEST_CASE("a partner is told nothing of how the unions work by the answers to its commands") {
  gateway_fixture f;
  const sender partner{"ROLE_PARTNER", "p-12345-370800", "api"};
  const auto created = f.post(partner, "/v1/tickets", good_create, "c1");
  REQUIRE_MESSAGE(created.status == 201, created.body);
  CHECK(text_at(created, "unit").empty());
  CHECK(text_at(created, "due_at").empty());
  CHECK(text_at(created, "state") == "STATE_ACCEPTED");
  const auto again = f.post(partner, "/v1/tickets", good_create, "c1");
  CHECK(again.body == created.body);
  CHECK_FALSE(text_at(f.post(operator_of_province, "/v1/tickets", good_create), "unit").empty());
}

TEST_CASE("whoever cannot see what they created is told its number again, and no more") {
  gateway_fixture f;
  const std::string body = create_body("", "", R"(,"complained_unit":"370883")");
  const auto created = f.post(officer_of_zoucheng, "/v1/tickets", body, "c1");
  REQUIRE_MESSAGE(created.status == 201, created.body);
  const std::string no = text_at(created, "ticket_no");
  CHECK(f.get(officer_of_zoucheng, "/v1/tickets/" + no).status == 404);
  CHECK(text_at(created, "unit").empty());
  const auto again = f.post(officer_of_zoucheng, "/v1/tickets", body, "c1");
  CHECK(again.status == 201);
  CHECK(text_at(again, "ticket_no") == no);
  CHECK(text_at(again, "unit").empty());
}

TEST_CASE("a claim repeated is not answered to who has lost sight of the ticket") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  const std::string claim = "/v1/queues/370883:claim";
  REQUIRE(f.post(lead_of_zoucheng, claim, "{}", "k").status == 200);
  CHECK(text_at(f.post(lead_of_zoucheng, claim, "{}", "k"), "ticket_no") == no);
  // It turns out to be about them, and goes to another county.
  REQUIRE(
      f.post(
           operator_of_province, "/v1/tickets/" + no + ":supplement",
           R"({"intake":{"sensitivity":"SENSITIVITY_SENSITIVE","matter":{"complained_unit":"370883"}}})")
          .status == 200);
  REQUIRE(f.post(supervisor_of_jining, "/v1/tickets/" + no + ":redispatch",
                 R"({"unit":"370811","reason":"回避"})")
              .status == 200);
  REQUIRE(f.get(lead_of_zoucheng, "/v1/tickets/" + no).status == 404);
  const auto again = f.post(lead_of_zoucheng, claim, "{}", "k");
  CHECK(again.status == 404);
  CHECK(again.body.find(no) == std::string::npos);
}

TEST_CASE("masked words cannot be written back") {
  gateway_fixture f;
  const std::string ticket = "/v1/tickets/" + made(f, create_body(""));
  const auto before = f.digest();
  const auto refused = f.post(operator_of_province, ticket + ":supplement",
                              R"({"intake":{"matter":{"content":"瓦工，电话 138****0001"}}})");
  CHECK(refused.status == 422);
  CHECK(text_at(refused, "rule") == "form.masked");
  CHECK(f.digest() == before);
}

TEST_CASE("what Redis keeps of a request does not tell a number by trying") {
  gateway_fixture f;
  REQUIRE(f.post(operator_of_province, "/v1/tickets", good_create, "c1").status == 201);
  const auto kept = f.redis.exec("HGET", "{0000}:idem:20261123", "c1");
  REQUIRE(kept.has_value());
  const std::string print(kept->string().substr(0, 16));
  // The same request, hashed by somebody who knows everything but the key.
  v1::CreateTicket guess;
  const std::array roots{v1::CreateTicket::descriptor()};
  REQUIRE(json::codec(roots).read(good_create, guess).has_value());
  const std::string plain = "370000\nli\nPOST\n/v1/tickets\n" + guess.SerializeAsString();
  CHECK(print != store::shorten_fingerprint(plain));
  store::personal_vault vault(test::keys_for_tests());
  CHECK(print == store::shorten_fingerprint(vault.fingerprint(plain)));
}

}  // namespace
}  // namespace hotline::gateway
