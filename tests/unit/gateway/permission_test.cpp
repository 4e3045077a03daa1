// Who gets what over HTTP: foreign is missing, lists and counts leak nothing, values are masked.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "services/gateway/cursor_seal.hpp"
#include "services/gateway/verbs.hpp"
#include "tests/unit/gateway/cast.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

/// An answer without what is its own: the request's id.
std::string anonymous(const net::response& answer) {
  std::string out = fmt::format("{} {}\n", answer.status, answer.content_type);
  for (const auto& [name, value] : answer.headers) {
    // The length of the request's id varies.
    if (name != "X-Request-Id" && name != "Date" && name != "Content-Length")
      out += name + ": " + value + "\n";
  }
  std::string body = answer.body;
  if (const auto at = body.find("\"request_id\":\""); at != std::string::npos) {
    const auto end = body.find('"', at + 14);
    body.erase(at, end - at);
  }
  return out + body;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what)) {
    text.replace(at, what.size(), with);
  }
  return text;
}

TEST_CASE("a foreign ticket answers like a missing one, byte for byte, on every endpoint") {
  gateway_fixture f;
  const std::string foreign = f.dispatch_ticket();
  const std::string missing = "3708-20261123-99999";
  const std::string before = f.digest();
  const std::vector<sender> strangers{officer_of_qingdao,
                                      lead_of_rencheng,
                                      security,
                                      {"ROLE_ADMINISTRATOR", "370883", "admin"},
                                      {"ROLE_PARTNER", "p-12345-370100", "api"},
                                      {"ROLE_OPERATOR", "370200", "he"}};
  int compared = 0;
  const auto same = [&](const net::response& there, const net::response& absent) {
    CHECK(there.status == 404);
    CHECK(anonymous(there) == replaced(anonymous(absent), missing, foreign));
    ++compared;
  };
  for (const auto& who : strangers) {
    for (const std::string tail : {"", "/history"}) {
      same(f.get(who, "/v1/tickets/" + foreign + tail),
           f.get(who, "/v1/tickets/" + missing + tail));
    }
    for (const auto& verb : ticket_verbs()) {
      if (verb.verb == "merge") continue;  // its main ticket is looked at too: below
      CAPTURE(who.role);
      CAPTURE(verb.verb);
      const std::string tail = ":" + std::string(verb.verb);
      const auto there = f.post(who, "/v1/tickets/" + foreign + tail, "{}");
      const auto absent = f.post(who, "/v1/tickets/" + missing + tail, "{}");
      same(there, absent);
      CHECK(text_at(there, "code") == "ticket_unknown");
    }
  }
  CHECK(compared == static_cast<int>(strangers.size() * (ticket_verbs().size() + 1)));
  CHECK(f.digest() == before);
}

TEST_CASE("merging tells nothing of a foreign child or a foreign main ticket") {
  gateway_fixture f;
  const std::string foreign = f.dispatch_ticket();
  const std::string missing = "3708-20261123-99999";
  const sender who{"ROLE_OPERATOR", "370200", "he"};
  const auto mine =
      f.post(who, "/v1/tickets", replaced(std::string(good_create), "370883", "370202"));
  REQUIRE_MESSAGE(mine.status == 201, mine.body);
  const std::string own = text_at(mine, "ticket_no");
  const auto merge = [&](const std::string& child, const std::string& main) {
    return anonymous(
        f.post(who, "/v1/tickets/" + child + ":merge", R"({"main_no":")" + main + "\"}"));
  };
  CHECK(merge(own, foreign) == merge(own, missing));
  CHECK(merge(foreign, own) == merge(missing, own));
  CHECK(merge(foreign, missing) == merge(missing, missing));
}

TEST_CASE("If-Match and a used key do not tell a foreign ticket either") {
  gateway_fixture f;
  const std::string foreign = f.dispatch_ticket();
  const auto with_match = [&](const std::string& no) {
    net::field_list headers = headers_of(officer_of_qingdao);
    headers.emplace_back("Idempotency-Key", "any");
    headers.emplace_back("If-Match", "\"1\"");
    return anonymous(f.send(net::method::post, "/v1/tickets/" + no + ":sign", headers));
  };
  CHECK(with_match(foreign) == with_match("3708-20261123-99999"));
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + foreign + ":sign", "{}", "k").status == 200);
  CHECK(anonymous(f.post(officer_of_qingdao, "/v1/tickets/" + foreign + ":sign", "{}", "k")) ==
        anonymous(f.post(officer_of_qingdao, "/v1/tickets/3708-20261123-99999:sign", "{}", "k")));
}

/// The commands Redis carries out for a request: name and count, without those of the test.
std::string commands_of(gateway_fixture& f, const std::function<void()>& request) {
  REQUIRE(f.redis.exec("CONFIG", "RESETSTAT").has_value());
  request();
  const auto stats = f.redis.exec("INFO", "commandstats");
  REQUIRE(stats.has_value());
  std::string out;
  std::istringstream lines{std::string(stats->string())};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("cmdstat_") || line.find("config") != std::string::npos) continue;
    out += line.substr(0, line.find(',')) + "\n";
  }
  return out;
}

TEST_CASE("a foreign ticket costs Redis exactly what a missing one costs") {
  gateway_fixture f;
  const std::string foreign = f.dispatch_ticket();
  const std::string child = f.create_ticket();
  REQUIRE(f.post(operator_of_province, "/v1/tickets/" + child + ":merge",
                 R"({"main_no":")" + foreign + "\"}")
              .status == 200);
  const std::string missing = "3708-20261123-99999";
  for (const auto& who : {officer_of_qingdao, lead_of_rencheng, security}) {
    for (const std::string tail : {"", "/history"}) {
      const auto there = commands_of(f, [&] { f.get(who, "/v1/tickets/" + foreign + tail); });
      CHECK_FALSE(there.empty());
      CHECK(there == commands_of(f, [&] { f.get(who, "/v1/tickets/" + missing + tail); }));
    }
    for (const auto& verb : ticket_verbs()) {
      if (verb.verb == "merge") continue;
      CAPTURE(verb.verb);
      const std::string tail = ":" + std::string(verb.verb);
      const auto there = commands_of(f, [&] { f.post(who, "/v1/tickets/" + child + tail, "{}"); });
      CHECK(there == commands_of(f, [&] { f.post(who, "/v1/tickets/" + missing + tail, "{}"); }));
    }
  }
}

TEST_CASE("a repeated request is not answered again to who has lost sight of the ticket") {
  gateway_fixture f;
  const std::string ticket = "/v1/tickets/" + f.dispatch_ticket();
  const sender clerk{"ROLE_DISPATCHER", "370883", "sun"};
  const sender as_operator{"ROLE_OPERATOR", "370883", "sun"};
  REQUIRE(f.post(clerk, ticket + ":annotate", R"({"text":"备注"})", "n").status == 200);
  CHECK(f.post(clerk, ticket + ":annotate", R"({"text":"备注"})", "n").status == 200);
  // The same user at the same unit, under a post that does not read sensitive matters.
  REQUIRE(f.post(operator_of_province, ticket + ":supplement",
                 R"({"intake":{"sensitivity":"SENSITIVITY_SENSITIVE"}})")
              .status == 200);
  const auto again = f.post(as_operator, ticket + ":annotate", R"({"text":"备注"})", "n");
  CHECK(again.status == 404);
  CHECK(text_at(again, "code") == "ticket_unknown");
  CHECK(f.post(clerk, ticket + ":annotate", R"({"text":"备注"})", "n").status == 200);
}

TEST_CASE("the ticket, its history and lists show no number in full to anybody") {
  gateway_fixture f;
  const std::string no = made(f, create_body(R"(,"title":"来电 13805310001")"));
  for (const auto& who : {officer_of_zoucheng, operator_of_province, supervisor_of_jining}) {
    const auto ticket = f.get(who, "/v1/tickets/" + no);
    REQUIRE(ticket.status == 200);
    CHECK(text_at(ticket, "ticket.intake.caller.phone") == "138****0001");
    CHECK(text_at(ticket, "ticket.intake.caller.name") == "赵*");
    CHECK(text_at(ticket, "ticket.intake.employer.contact") == "钱*");
    CHECK(text_at(ticket, "ticket.intake.employer.contact_phone") == "139****0009");
    CHECK(ticket.body.find("13905310009") == std::string::npos);
    const auto history = f.get(who, "/v1/tickets/" + no + "/history");
    CHECK(history.body.find("\"phone\":\"138****0001\"") != std::string::npos);
    CHECK(history.body.find("\"phone\":\"13805310001\"") == std::string::npos);
    CHECK(f.get(who, "/v1/tickets").body.find(phone) == std::string::npos);
  }
  const auto signed_now = f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign");
  REQUIRE(signed_now.status == 200);
  const auto contact = f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":record-contact",
                              R"({"number":"13805310001","contacted_at":"2026-11-23T09:00:00+08:00",
                 "reached":true,"result":"已联系"})");
  REQUIRE_MESSAGE(contact.status == 200, contact.body);
  const auto history = f.get(officer_of_zoucheng, "/v1/tickets/" + no + "/history");
  CHECK(history.body.find("\"number\":\"13805310001\"") == std::string::npos);
  CHECK(f.get(officer_of_zoucheng, "/v1/tickets/" + no).body.find("138****0001") !=
        std::string::npos);
}

TEST_CASE("a confidential caller is known to who took the call and to who signed") {
  gateway_fixture f;
  const std::string no = made(f, create_body("", R"(,"confidential":true)"));
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign").status == 200);
  const auto shown_to = [&](const sender& who) {
    const auto answer = f.get(who, "/v1/tickets/" + no);
    REQUIRE(answer.status == 200);
    return text_at(answer, "ticket.intake.caller.phone");
  };
  CHECK(shown_to(officer_of_zoucheng) == "138****0001");
  CHECK(shown_to(operator_of_province) == "138****0001");
  CHECK(shown_to(lead_of_zoucheng).empty());
  CHECK(shown_to(supervisor_of_jining).empty());
  CHECK(shown_to(dispatcher_of_province) == "138****0001");  // the same user took the call
  CHECK(shown_to({"ROLE_DISPATCHER", "370000", "feng"}).empty());
  CHECK(f.get(supervisor_of_jining, "/v1/callers/13805310001").body == "{}");
  CHECK(f.get(officer_of_zoucheng, "/v1/callers/13805310001").body.find(no) != std::string::npos);
}

TEST_CASE("those complained about see neither the caller nor a ticket they have no part in") {
  gateway_fixture f;
  const std::string about_them = create_body("", "", R"(,"complained_unit":"370883")");
  const std::string elsewhere = made(f, about_them, "370800");
  CHECK(f.get(lead_of_zoucheng, "/v1/tickets/" + elsewhere).status == 404);
  CHECK(f.get(lead_of_zoucheng, "/v1/tickets").body == "{}");
  CHECK(f.get(lead_of_zoucheng, "/v1/callers/13805310001").body == "{}");
  // They handle it when it turns out to be about them: the matter they still see, not who called.
  const std::string theirs = f.dispatch_ticket();
  const auto told = f.post(operator_of_province, "/v1/tickets/" + theirs + ":supplement",
                           R"({"intake":{"matter":{"complained_unit":"370883"}}})");
  REQUIRE_MESSAGE(told.status == 200, told.body);
  const auto seen = f.get(lead_of_zoucheng, "/v1/tickets/" + theirs);
  REQUIRE(seen.status == 200);
  CHECK(seen.body.find("赵") == std::string::npos);
  CHECK(seen.body.find("138") == std::string::npos);
  const auto history = f.get(lead_of_zoucheng, "/v1/tickets/" + theirs + "/history");
  REQUIRE(history.status == 200);
  CHECK(history.body.find("赵") == std::string::npos);
  CHECK(history.body.find(phone) == std::string::npos);
}

TEST_CASE("a sensitive ticket is read by few of those who see its queue") {
  gateway_fixture f;
  const std::string no = made(f, create_body(R"(,"sensitivity":"SENSITIVITY_SENSITIVE")"));
  const std::string ticket = "/v1/tickets/" + no;
  CHECK(f.get(officer_of_zoucheng, ticket).status == 200);  // nobody has signed yet
  REQUIRE(f.post(officer_of_zoucheng, ticket + ":sign").status == 200);
  const sender colleague{"ROLE_OFFICER", "370883", "zhao"};
  CHECK(f.get(officer_of_zoucheng, ticket).status == 200);
  CHECK(f.get(lead_of_zoucheng, ticket).status == 200);
  CHECK(f.get(supervisor_of_jining, ticket).status == 200);
  CHECK(f.get(operator_of_province, ticket).status == 200);  // took the call
  CHECK(f.get({"ROLE_OPERATOR", "370000", "he"}, ticket).status == 404);
  CHECK(f.get(colleague, ticket).status == 404);
  CHECK(f.get(colleague, "/v1/queues/370883").body.find(no) == std::string::npos);
  CHECK(f.get(colleague, "/v1/tickets?unit=370883").body.find(no) == std::string::npos);
  CHECK(f.get(lead_of_zoucheng, "/v1/queues/370883").body.find(no) != std::string::npos);
}

TEST_CASE("a unit that lost a ticket reads it as it stood, and nothing later") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  const std::string ticket = "/v1/tickets/" + no;
  REQUIRE(f.post(officer_of_zoucheng, ticket + ":sign").status == 200);
  f.clock.set(f.clock.now() + milliseconds(60'000), 0);
  const auto moved = f.post(supervisor_of_jining, ticket + ":redispatch",
                            R"({"unit":"370811","reason":"属地不符"})");
  REQUIRE_MESSAGE(moved.status == 200, moved.body);
  f.clock.set(f.clock.now() + milliseconds(60'000), 0);
  const sender officer_of_rencheng{"ROLE_OFFICER", "370811", "qian"};
  REQUIRE(f.post(officer_of_rencheng, ticket + ":sign").status == 200);
  REQUIRE(f.post(officer_of_rencheng, ticket + ":annotate", R"({"text":"后来的事"})").status ==
          200);

  const auto past = f.get(officer_of_zoucheng, ticket);
  REQUIRE_MESSAGE(past.status == 200, past.body);
  CHECK(past.body.find("qian") == std::string::npos);
  CHECK(text_at(past, "accountable_unit").empty());
  const auto present = f.get(officer_of_rencheng, ticket);
  CHECK(number_at(past, "ticket.version") < number_at(present, "ticket.version"));
  const auto history = f.get(officer_of_zoucheng, ticket + "/history");
  REQUIRE(history.status == 200);
  CHECK(history.body.find("后来的事") == std::string::npos);
  CHECK(text_at(history, "next_cursor").empty());
  // Page by page it ends in the same place.
  std::string target = ticket + "/history?limit=1";
  int events = 0;
  for (; !target.empty() && events < 50; ++events) {
    const auto page = f.get(officer_of_zoucheng, target);
    const auto cursor = text_at(page, "next_cursor");
    target = cursor.empty() ? "" : ticket + "/history?limit=1&cursor=" + cursor;
  }
  CHECK(events == static_cast<int>(parse(history).at("events").as_array().size()));
  // In lists it is there, without what it has become; and nothing can be done to it.
  const auto list = f.get(officer_of_zoucheng, "/v1/tickets");
  CHECK(list.body.find(no) != std::string::npos);
  CHECK(list.body.find("370811") == std::string::npos);
  CHECK(list.body.find("STATE_") == std::string::npos);
  CHECK(f.get(officer_of_zoucheng, "/v1/tickets?state=STATE_HANDLING").body == "{}");
  const auto refused = f.post(officer_of_zoucheng, ticket + ":annotate", R"({"text":"x"})");
  CHECK(refused.status == 403);
  CHECK(text_at(refused, "code") == "unit_not_allowed");
}

TEST_CASE("the three administrators see no ticket; the auditor reads histories") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  const std::string before = f.digest();
  for (const auto& who : {administrator, security}) {
    CHECK(f.get(who, "/v1/tickets/" + no).status == 404);
    CHECK(f.get(who, "/v1/tickets/" + no + "/history").status == 404);
    CHECK(f.get(who, "/v1/tickets").status == 403);
    CHECK(f.get(who, "/v1/queues/370883").status == 403);
    CHECK(f.get(who, "/v1/board?unit=370000").status == 403);
    CHECK(f.get(who, "/v1/callers/13805310001").status == 403);
    CHECK(f.get(who, "/v1/units/370883").status == 200);
  }
  CHECK(f.get(auditor, "/v1/tickets/" + no).status == 403);
  CHECK(f.get(auditor, "/v1/tickets").status == 403);
  const auto history = f.get(auditor, "/v1/tickets/" + no + "/history");
  REQUIRE(history.status == 200);
  CHECK(history.body.find(phone) == std::string::npos);
  CHECK(f.post(auditor, "/v1/tickets/" + no + ":annotate", R"({"text":"x"})").status == 403);
  CHECK(f.digest() == before);
}

TEST_CASE(
    "queues, boards and lists of other units are refused, and a page tells no foreign number") {
  gateway_fixture f;
  for (int i = 0; i < 3; ++i) f.dispatch_ticket();
  CHECK(f.get(lead_of_rencheng, "/v1/queues/370883").status == 403);
  CHECK(f.get(lead_of_rencheng, "/v1/board?unit=370883").status == 403);
  CHECK(f.get(lead_of_rencheng, "/v1/tickets?unit=370883").status == 403);
  CHECK(f.post(lead_of_rencheng, "/v1/queues/370883:claim").status == 403);
  CHECK(f.post(supervisor_of_jining, "/v1/queues/370883:claim").status == 403);
  const auto board = f.get(supervisor_of_jining, "/v1/board?unit=370800");
  for (const auto& row : parse(board).at("rows").as_array()) {
    CHECK(f.land->org.is_in_subtree(row.at("unit").as_string().c_str(), "370800"));
  }
  const auto list = f.get(operator_of_province, "/v1/tickets?limit=1");
  const auto cursor = text_at(list, "next_cursor");
  CHECK_FALSE(cursor.empty());
  CHECK(cursor.find("3708") == std::string::npos);
  CHECK(f.get(operator_of_province, "/v1/tickets?limit=1&cursor=" + cursor).status == 200);
  // What used to be a cursor, a cursor of another gateway's secret, one with a bit turned.
  auto forged = cursor;
  forged.back() = forged.back() == '0' ? '1' : '0';
  for (const auto& bad :
       {std::string("1795395600000~3708-20261123-00001"), forged, cursor.substr(2),
        cursor_seal("another").seal({1, "3708-20261123-00001"}), std::string("00")}) {
    CHECK(f.get(operator_of_province, "/v1/tickets?cursor=" + bad).status == 400);
  }
}

TEST_CASE("sealed cursors of one secret open everywhere") {
  const store::index_cursor place{1795395600000.0, "3708-20261123-00001"};
  const cursor_seal one("secret");
  const cursor_seal again("secret");
  CHECK(*again.open(one.seal(place)) == place);
  CHECK(one.seal(place) != one.seal(place));
  CHECK_FALSE(cursor_seal().open(one.seal(place)));
}

}  // namespace
}  // namespace hotline::gateway
