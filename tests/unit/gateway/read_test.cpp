// Reading over HTTP: tickets, histories, lists, queues, boards, the directory.
#include <doctest/doctest.h>

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

const sender officer_of_qingdao{"ROLE_OFFICER", "370200"};

TEST_CASE("a ticket is shown with version, accountable unit and next timer") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  const auto answer = f.get(officer_of_zoucheng, "/v1/tickets/" + no);
  REQUIRE(answer.status == 200);
  CHECK(text_at(answer, "ticket.no") == no);
  CHECK(text_at(answer, "ticket.state") == "STATE_DISPATCHED");
  CHECK(text_at(answer, "ticket.created_at") == "2026-11-23T09:00:00.000+08:00");
  CHECK(text_at(answer, "accountable_unit") == "370883");
  CHECK_FALSE(text_at(answer, "next_timer_at").empty());
  CHECK(*answer.header("ETag") == fmt::format("\"{}\"", number_at(answer, "ticket.version")));
}

TEST_CASE("a ticket of somebody else is as unknown as one that does not exist") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  const auto hidden = f.get(officer_of_qingdao, "/v1/tickets/" + no);
  const auto absent = f.get(officer_of_qingdao, "/v1/tickets/3708-20261123-99999");
  CHECK(hidden.status == 404);
  CHECK(absent.status == 404);
  CHECK(text_at(hidden, "code") == text_at(absent, "code"));
  CHECK(f.get(officer_of_qingdao, "/v1/tickets/" + no + "/history").status == 404);
  CHECK(f.get(officer_of_zoucheng, "/v1/tickets/nonsense").status == 404);
}

/// A complaint from nowhere in particular, with words that make it critical.
constexpr std::string_view create_without_place = R"({"intake":{"source":"SOURCE_PHONE",
  "caller":{"phone":"13805310001"},"employer":{"name":"某公司"},
  "matter":{"kind":"KIND_COMPLAINT","category":"wages.arrears",
            "content":"工友说要跳楼，他的电话 13805319999"}}})";

TEST_CASE("what the rules propose is shown, sure or not, to those who see the ticket") {
  gateway_fixture f;
  const auto made = f.post(operator_of_province, "/v1/tickets", create_without_place);
  REQUIRE_MESSAGE(made.status == 201, made.body);
  const std::string path = "/v1/tickets/" + text_at(made, "ticket_no") + "/proposal";
  const auto answer = f.get(dispatcher_of_province, path);
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  CHECK(text_at(answer, "unit") == "370000");
  CHECK(text_at(answer, "urgency") == "URGENCY_CRITICAL");
  CHECK(answer.body.find("跳楼") != std::string::npos);
  CHECK_FALSE(parse(answer).as_object().contains("sure"));  // false
  CHECK(answer.header("ETag") != nullptr);
  const std::string sure = "/v1/tickets/" + f.create_ticket() + "/proposal";
  const auto clear = f.get(dispatcher_of_province, sure);
  REQUIRE(clear.status == 200);
  CHECK(parse(clear).at("sure").as_bool());
  CHECK(text_at(clear, "unit") == "370883");
  CHECK(text_at(clear, "routing_rule") == "wages");
}

TEST_CASE("the proposal for a foreign ticket is as unknown as the ticket") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  const auto foreign = f.get(officer_of_qingdao, "/v1/tickets/" + no + "/proposal");
  const auto absent = f.get(officer_of_qingdao, "/v1/tickets/3708-20261123-99999/proposal");
  CHECK(foreign.status == 404);
  CHECK(text_at(foreign, "code") == text_at(absent, "code"));
  CHECK(f.get(administrator, "/v1/tickets/" + no + "/proposal").status ==
        f.get(administrator, "/v1/tickets/" + no).status);
  CHECK(f.get(officer_of_zoucheng, "/v1/tickets/" + no + "/proposal").status == 200);
}

TEST_CASE("the history tells every event, page by page") {
  gateway_fixture f;
  const std::string path = "/v1/tickets/" + f.dispatch_ticket() + "/history";
  const auto whole = f.get(officer_of_zoucheng, path);
  REQUIRE(whole.status == 200);
  const auto events = parse(whole).at("events").as_array();
  REQUIRE(events.size() >= 2);
  CHECK(events[0].at("kind").as_string() == "EVENT_KIND_ACCEPTED");
  CHECK(text_at(whole, "next_cursor").empty());
  const auto first = f.get(officer_of_zoucheng, path + "?limit=1");
  CHECK(parse(first).at("events").as_array().size() == 1);
  REQUIRE(text_at(first, "next_cursor") == "1");
  const auto rest = f.get(officer_of_zoucheng, path + "?cursor=1");
  CHECK(parse(rest).at("events").as_array().size() == events.size() - 1);
}

TEST_CASE("lists are filtered by unit and state, and by what the reader may see") {
  gateway_fixture f;
  const std::string waiting = f.create_ticket();
  const std::string sent = f.dispatch_ticket();
  const auto numbers = [&](const sender& who, std::string query) {
    const auto answer = f.get(who, "/v1/tickets" + query);
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    std::vector<std::string> out;
    const auto page = parse(answer);
    const auto* lines = page.as_object().if_contains("tickets");
    if (lines == nullptr) return out;
    for (const auto& line : lines->as_array()) out.emplace_back(line.at("no").as_string());
    std::ranges::sort(out);
    return out;
  };
  std::vector<std::string> both{waiting, sent};
  std::ranges::sort(both);
  CHECK(numbers(operator_of_province, "") == both);
  CHECK(numbers(operator_of_province, "?state=STATE_ACCEPTED") == std::vector{waiting});
  CHECK(numbers(officer_of_zoucheng, "") == std::vector{sent});
  CHECK(numbers(operator_of_province, "?unit=370883") == std::vector{sent});
  CHECK(numbers(operator_of_province, "?unit=370883&state=STATE_CLOSED").empty());
  CHECK(numbers(officer_of_qingdao, "").empty());
  CHECK(f.get(officer_of_zoucheng, "/v1/tickets?unit=370200").status == 403);
}

TEST_CASE("lists are filtered by what the matter is and by when it came") {
  gateway_fixture f;
  const auto made = [&](std::string_view more, std::string_view category, std::string_view region) {
    const auto answer = f.post(
        operator_of_province, "/v1/tickets",
        fmt::format(R"({{"intake":{{"source":"SOURCE_PHONE"{},"caller":{{"phone":"13805310001"}},
                       "matter":{{"kind":"KIND_COMPLAINT","category":"{}","region":"{}",
                       "content":"c"}}}}}})",
                    more, category, region));
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    f.clock.set(f.clock.now() + std::chrono::minutes(1), 0);
    return text_at(answer, "ticket_no");
  };
  const auto first = made("", "wages.arrears", "370883");
  const auto urgent = made(R"(,"urgency":"URGENCY_URGENT")", "wages.arrears", "370202");
  const auto last = made("", "injury", "370800");
  const auto asked = [&](const sender& who, const std::string& query) {
    std::string found;
    std::string cursor;
    do {
      const auto answer =
          f.get(who, "/v1/tickets?limit=1&" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
      REQUIRE_MESSAGE(answer.status == 200, answer.body);
      const auto page = parse(answer);
      if (const auto* lines = page.as_object().if_contains("tickets")) {
        for (const auto& line : lines->as_array()) {
          found += std::string(line.at("no").as_string()) + " ";
        }
      }
      cursor = text_at(answer, "next_cursor");
    } while (!cursor.empty());
    return found;
  };
  const auto all = [](const auto&... numbers) { return ((numbers + " ") + ...); };
  CHECK(asked(operator_of_province, "category=wages") == all(urgent, first));
  CHECK(asked(operator_of_province, "category=wage").empty());
  CHECK(asked(operator_of_province, "region=370800") == all(last, first));
  CHECK(asked(operator_of_province, "urgency=URGENCY_URGENT") == all(urgent));
  CHECK(asked(operator_of_province, "source=SOURCE_WEB").empty());
  CHECK(asked(operator_of_province, "overdue=false&region=370883") == all(first));
  CHECK(asked(operator_of_province, "light=LIGHT_RED").empty());
  const std::string second_minute = "2026-11-23T09:01:00%2B08:00";
  CHECK(asked(operator_of_province, "created_from=" + second_minute) == all(last, urgent));
  CHECK(asked(operator_of_province, "created_to=" + second_minute) == all(first));
  CHECK(asked({"ROLE_OPERATOR", "370200", "he"}, "category=wages").empty());
  for (const std::string bad : {"category=W*", "region=1", "urgency=URGENT", "light=1", "source=x",
                                "overdue=yes", "created_from=yesterday"}) {
    CHECK_MESSAGE(f.get(operator_of_province, "/v1/tickets?" + bad).status == 400, bad);
  }
}

TEST_CASE("paging through a list shows every ticket once") {
  gateway_fixture f;
  for (int i = 0; i < 5; ++i) f.create_ticket();
  std::vector<std::string> seen;
  std::string target = "/v1/tickets?limit=2";
  for (int page = 0; page < 5 && !target.empty(); ++page) {
    const auto answer = f.get(operator_of_province, target);
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    const auto value = parse(answer);
    if (const auto* lines = value.as_object().if_contains("tickets")) {
      for (const auto& line : lines->as_array()) seen.emplace_back(line.at("no").as_string());
    }
    const std::string cursor = text_at(answer, "next_cursor");
    target = cursor.empty() ? "" : "/v1/tickets?limit=2&cursor=" + cursor;
  }
  std::ranges::sort(seen);
  CHECK(seen.size() == 5);
  CHECK(std::ranges::adjacent_find(seen) == seen.end());
}

TEST_CASE("a queue shows what waits there") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  const auto queue = f.get(officer_of_zoucheng, "/v1/queues/370883");
  REQUIRE(queue.status == 200);
  CHECK(text_at(queue, "unit") == "370883");
  CHECK(number_at(queue, "total") == 1);
  const auto line = parse(queue).at("tickets").as_array().at(0);
  CHECK(line.at("no").as_string() == no);
  CHECK(line.at("claimable").as_bool());
  CHECK(f.get(officer_of_zoucheng, "/v1/queues/370200").status == 403);
  CHECK(f.get(officer_of_zoucheng, "/v1/queues/nowhere").status == 404);
}

TEST_CASE("the board counts for a unit and those directly below") {
  gateway_fixture f;
  f.dispatch_ticket();
  const std::string second = f.dispatch_ticket();
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + second + ":sign").status == 200);
  const auto board = f.get({"ROLE_SUPERVISOR", "370800"}, "/v1/board?unit=370800");
  REQUIRE_MESSAGE(board.status == 200, board.body);
  const auto rows = parse(board).at("rows").as_array();
  CHECK(rows.at(0).at("unit").as_string() == "370800");
  bool found = false;
  for (const auto& row : rows) {
    if (row.at("unit").as_string() != "370883") continue;
    found = true;
    CHECK(row.at("waiting").as_int64() == 1);
    CHECK(row.at("handling").as_int64() == 1);
    CHECK(row.at("open").as_int64() == 2);
  }
  CHECK(found);
  CHECK(f.get(officer_of_zoucheng, "/v1/board?unit=370800").status == 403);
  CHECK(f.get(officer_of_zoucheng, "/v1/board").status == 400);
}

TEST_CASE("a caller's earlier tickets are found by the number") {
  gateway_fixture f;
  const std::string no = f.create_ticket();
  const auto known = f.get(operator_of_province, "/v1/callers/13805310001");
  REQUIRE_MESSAGE(known.status == 200, known.body);
  CHECK(parse(known).at("tickets").as_array().at(0).at("no").as_string() == no);
  CHECK(f.get(operator_of_province, "/v1/callers/13900000000").body == "{}");
  CHECK(f.get(officer_of_qingdao, "/v1/callers/13805310001").body == "{}");
  CHECK(f.get(operator_of_province, "/v1/callers/12ab").status == 400);
}

TEST_CASE("the directory knows units and guesses regions") {
  gateway_fixture f;
  const auto unit = f.get(operator_of_province, "/v1/units/370883");
  CHECK(text_at(unit, "name") == "邹城市");
  CHECK(text_at(unit, "level") == "COUNTY");
  CHECK(text_at(unit, "parent") == "370800");
  CHECK(f.get(operator_of_province, "/v1/units/nowhere").status == 404);
  const auto all = f.get(operator_of_province, "/v1/units");
  CHECK(parse(all).at("units").as_array().size() > 100);
  CHECK(all.body.find("duty_phone") == std::string::npos);
  const auto guess =
      f.get(operator_of_province, "/v1/regions?text=%E6%B5%8E%E5%AE%81%E9%82%B9%E5%9F%8E");
  CHECK(text_at(guess, "code") == "370883");
}

TEST_CASE("machines ask for health, readiness and metrics without saying who they are") {
  gateway_fixture f;
  f.create_ticket();
  CHECK(f.send(net::method::get, "/healthz", {}).status == 200);
  CHECK(f.send(net::method::get, "/readyz", {}).status == 200);
  f.ready = false;
  CHECK(f.send(net::method::get, "/readyz", {}).status == 503);
  const auto metrics = f.send(net::method::get, "/metrics", {});
  CHECK(metrics.content_type.starts_with("text/plain"));
  CHECK(metrics.body.find("hotline_requests_total{operation=\"create_ticket\",status=\"2xx\"} 1") !=
        std::string::npos);
  CHECK(metrics.body.find("13805310001") == std::string::npos);
}

}  // namespace
}  // namespace hotline::gateway
