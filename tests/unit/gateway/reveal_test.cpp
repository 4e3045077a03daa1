#include <doctest/doctest.h>

#include "tests/unit/gateway/gateway_fixture.hpp"

using namespace hotline;
using namespace hotline::gateway;

namespace {

constexpr std::string_view ask_for_phone =
    R"({"fields":["caller.phone","caller.name"],"reason":"回拨核实"})";

}  // namespace

TEST_CASE("a reveal shows values in full, and the record says who, what and why") {
  gateway_fixture f;
  const std::string ticket = "/v1/tickets/" + f.create_ticket();
  const auto masked = f.get(operator_of_province, ticket);
  CHECK(masked.body.find("13805310001") == std::string::npos);
  CHECK(masked.body.find("138****0001") != std::string::npos);
  CHECK(masked.body.find('~') == std::string::npos);

  const auto shown = f.post(operator_of_province, ticket + ":reveal", ask_for_phone, "r1");
  REQUIRE(shown.status == 200);
  CHECK(shown.body.find("13805310001") != std::string::npos);
  CHECK(shown.body.find("赵师傅") != std::string::npos);
  CHECK(*shown.header("Cache-Control") == "no-store");

  const auto history = f.get(operator_of_province, ticket + "/history");
  CHECK(history.body.find("EVENT_KIND_REVEALED") != std::string::npos);
  CHECK(history.body.find("回拨核实") != std::string::npos);
  CHECK(history.body.find("13805310001") == std::string::npos);
}

TEST_CASE("a reveal repeated under its key is on record once") {
  gateway_fixture f;
  const std::string ticket = "/v1/tickets/" + f.create_ticket();
  const auto first = f.post(operator_of_province, ticket + ":reveal", ask_for_phone, "r1");
  const auto before = f.digest();
  const auto again = f.post(operator_of_province, ticket + ":reveal", ask_for_phone, "r1");
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(f.digest() == before);
}

TEST_CASE("a reveal repeated shows what its record stands for, not what was written since") {
  gateway_fixture f;
  const std::string ticket = "/v1/tickets/" + f.create_ticket();
  const auto first = f.post(operator_of_province, ticket + ":reveal", ask_for_phone, "r1");
  const auto changed =
      f.post(operator_of_province, ticket + ":supplement",
             R"({"intake":{"caller":{"phone":"13805310777"}},"reason":"更正号码"})");
  REQUIRE_MESSAGE(changed.status == 200, changed.body);
  const auto again = f.post(operator_of_province, ticket + ":reveal", ask_for_phone, "r1");
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  const auto anew = f.post(operator_of_province, ticket + ":reveal", ask_for_phone, "r2");
  CHECK(anew.body.find("13805310777") != std::string::npos);
}

TEST_CASE("a reveal without reason, of no personal field, or of a foreign ticket shows nothing") {
  gateway_fixture f;
  const std::string ticket = "/v1/tickets/" + f.create_ticket();
  const auto before = f.digest();
  struct row {
    sender who;
    std::string_view body;
    int status;
  };
  for (const auto& [who, body, status] :
       {row{operator_of_province, R"({"fields":["caller.phone"]})", 422},
        row{operator_of_province, R"({"fields":[],"reason":"r"})", 422},
        row{operator_of_province, R"({"fields":["matter.content"],"reason":"r"})", 422},
        row{officer_of_zoucheng, ask_for_phone, 404}}) {
    CAPTURE(body);
    const auto refused = f.post(who, ticket + ":reveal", body);
    CHECK(refused.status == status);
    CHECK(refused.body.find("13805310001") == std::string::npos);
    CHECK(f.digest() == before);
  }
}

TEST_CASE("a caller is found by number, the number itself is nowhere in the answer") {
  gateway_fixture f;
  const std::string no = f.create_ticket();
  const auto found = f.get(operator_of_province, "/v1/callers/13805310001");
  REQUIRE(found.status == 200);
  CHECK(found.body.find(no) != std::string::npos);
  CHECK(found.body.find("13805310001") == std::string::npos);
  CHECK(f.get(operator_of_province, "/v1/callers/13805310002").body.find(no) == std::string::npos);
}
