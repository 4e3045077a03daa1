// A ticket from the call to the archive, by the real program over HTTP, weeks of virtual time.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

bool holds(const std::vector<std::string>& story, const std::string& kind) {
  return std::ranges::find(story, kind) != story.end();
}

TEST_CASE_FIXTURE(hotline_fixture, "受理、派单、签收、联系、反馈、审核、回访、办结、归档") {
  auto server = serve();
  use(server);
  const auto no = create();
  eventually_state(no, "DISPATCHED");
  CHECK(no.starts_with("3708-20261125-"));
  CHECK(get("/v1/tickets/" + no).text("accountable_unit") == "370883");

  set_clock("2026-11-25T10:00:00+08:00");
  command(no, "sign", officer);
  set_clock("2026-11-26T09:30:00+08:00");
  command(no, "record-contact", officer,
          R"({"number":"13800001234","contacted_at":"2026-11-26T09:20:00+08:00","reached":true,)"
          R"("result":"已了解情况"})");
  set_clock("2026-11-27T15:00:00+08:00");
  command(no, "reply", officer,
          R"({"reply":{"result":"RESULT_SOLVED","text":"工资已结清","amount_paid_fen":1200000}})");
  eventually_state(no, "REPLIED");
  command(no, "review", city_dispatcher, R"({"pass":true})");
  eventually_state(no, "REVIEWED");
  set_clock("2026-11-30T09:00:00+08:00");
  command(no, "record-visit", operator_of_province,
          R"({"visit":{"reached":true,"contacted_by_unit":true,"solved":"SOLVED_YES",)"
          R"("satisfaction":"SATISFACTION_VERY_GOOD"}})");
  eventually_state(no, "CLOSED");
  CHECK_FALSE(ticket(no).contains("overdue"));

  set_clock("2027-12-01T09:00:00+08:00");
  eventually_state(no, "ARCHIVED");
  const auto events = story(no);
  for (const char* kind : {"ACCEPTED", "DISPATCHED", "SIGNED", "CONTACTED", "REPLIED", "REVIEWED",
                           "VISITED", "CLOSED", "ARCHIVED"}) {
    CHECK_MESSAGE(holds(events, kind), kind);
  }
  verify();

  const auto shown = tool({"ticket", "show", no});
  CHECK(shown.code == 0);
  for (const char* word : {"受理", "派单", "签收", "邹城", "回访", "归档"}) {
    CHECK_MESSAGE(shown.output.find(word) != std::string::npos, word << " in " << shown.output);
  }
}

TEST_CASE_FIXTURE(hotline_fixture, "无人签收：催办、超期，逐级升级到市、省") {
  auto server = serve();
  use(server);
  const auto no = create();
  eventually_state(no, "DISPATCHED");

  // Nobody signs for a month: every rung is reached, in order, once.
  set_clock("2026-12-25T18:00:00+08:00");
  eventually("escalated to the province", [&] {
    const auto now = ticket(no);
    return now.contains("escalated_to") && now.at("escalated_to").as_string() == "370000";
  });
  const auto now = ticket(no);
  CHECK(now.at("overdue").as_bool());
  CHECK(get("/v1/tickets/" + no).text("accountable_unit") == "370000");
  const auto events = history(no);
  std::string last_due;
  for (const auto& event : events) {
    if (!event.contains("rung") || event.at("kind").as_string() == "EVENT_KIND_ESCALATED") continue;
    const std::string due(event.at("rung").as_object().at("scheduled_at").as_string());
    // Texts of equal length in one time zone order as their instants do.
    CHECK(due >= last_due);
    CHECK(due <= event.at("at").as_string());
    last_due = due;
  }
  CHECK(count_in_story(no, "ESCALATED") <= 2);
  CHECK(count_in_story(no, "DEADLINE_MISSED") >= 2);
  verify();
}

TEST_CASE_FIXTURE(hotline_fixture, "step by step: the county's breach comes to the city first") {
  auto server = serve();
  use(server);
  const auto no = create();
  eventually_state(no, "DISPATCHED");
  std::vector<std::string> heads;
  // Day by day at the close of office, a queue each: county, then city, then province.
  for (const char* day : {"25", "26", "27", "30"}) {
    set_clock(std::string("2026-11-") + day + "T17:59:00+08:00");
    eventually("the timers of the day have fired", [&] {
      const auto view = get("/v1/tickets/" + no);
      return view.status == 200 &&
             view.text("next_timer_at") > std::string("2026-11-") + day + "T17:59:00";
    });
    eventually("the reactions are through", [&] {
      const auto metrics = tool({"board", "370800"});
      return metrics.code == 0;
    });
    const auto unit = get("/v1/tickets/" + no).text("accountable_unit");
    if (heads.empty() || heads.back() != unit) heads.push_back(unit);
  }
  for (const char* day : {"01", "02", "03", "04"}) {
    set_clock(std::string("2026-12-") + day + "T17:59:00+08:00");
    eventually("the timers of the day have fired", [&] {
      const auto view = get("/v1/tickets/" + no);
      return view.text("next_timer_at") > std::string("2026-12-") + day + "T17:59:00";
    });
    const auto unit = get("/v1/tickets/" + no).text("accountable_unit");
    if (heads.empty() || heads.back() != unit) heads.push_back(unit);
  }
  eventually("the province has it",
             [&] { return get("/v1/tickets/" + no).text("accountable_unit") == "370000"; });
  if (heads.back() != "370000") heads.push_back("370000");
  CHECK(heads == std::vector<std::string>{"370883", "370800", "370000"});
}

TEST_CASE_FIXTURE(hotline_fixture,
                  "the rules are unsure: the ticket waits at the desk for a dispatcher") {
  auto server = serve();
  use(server);
  const auto made = post("/v1/tickets", operator_of_province,
                         R"({"intake":{"source":"SOURCE_PHONE","caller":{"phone":"13800001234"},
      "matter":{"kind":"KIND_CONSULT","category":"wages.arrears","content":"咨询工资计算"}}})");
  REQUIRE(made.status == 201);
  const auto no = made.text("ticket_no");
  // A sure one behind it is dispatched: so this one has been looked at.
  eventually_state(create(), "DISPATCHED");
  CHECK(ticket(no).at("state").as_string() == "STATE_ACCEPTED");
  command(no, "dispatch", {"pai01", "370000", "ROLE_DISPATCHER"},
          R"({"unit":"370883","advice":"请邹城办理"})");
  CHECK(ticket(no).at("state").as_string() == "STATE_DISPATCHED");
}

TEST_CASE_FIXTURE(hotline_fixture,
                  "a unit that returned a ticket does not get it again by itself") {
  auto server = serve();
  use(server);
  const auto no = create();
  eventually_state(no, "DISPATCHED");
  command(no, "return", county_lead,
          R"({"reason":"RETURN_REASON_NOT_OUR_DUTY","basis":"职责清单第三条"})");
  command(no, "decide-return", {"pai01", "370000", "ROLE_DISPATCHER"},
          R"({"uphold":true,"remark":"同意"})");
  eventually_state(create("另一件"), "DISPATCHED");
  CHECK(ticket(no).at("state").as_string() == "STATE_ACCEPTED");
  CHECK(count_in_story(no, "DISPATCHED") == 1);
}

}  // namespace
}  // namespace hotline::test
