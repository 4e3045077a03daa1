// What is computed from a ticket: queue bands and indexes; and clocks computed again after a
// change.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "common/domain/calendar_config.hpp"
#include "common/domain/derive.hpp"
#include "common/runtime/config_loader.hpp"
#include "story.hpp"

using namespace hotline;
using hotline::test::story;

namespace {

int band(const story& s) {
  return static_cast<int>(std::floor(domain::queue_score(s.ticket()) / domain::score_band));
}

bool has_key(const story& s, std::string_view key) {
  return std::ranges::any_of(domain::derive(s.ticket()),
                             [&](const auto& e) { return e.key == key; });
}

/// The shipped province, but with Tuesday 24 November 2026 as a holiday.
domain::province with_one_more_holiday() {
  auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
  REQUIRE(config.has_value());
  for (auto& year : *config->mutable_calendar()->mutable_years()) {
    if (year.year() != 2026) continue;
    auto& day = *year.add_days();
    day = year.days(0);
    day.set_date("2026-11-24");
  }
  auto built = domain::build_province(*config);
  REQUIRE_MESSAGE(built.has_value(), built.error().detail);
  return std::move(*built);
}

}  // namespace

TEST_CASE("a queue is ordered by urgency and priority, then by what is being done") {
  story critical, urgent, priority, normal;
  critical.accepted("urgency: URGENCY_CRITICAL").dispatched();
  urgent.accepted("urgency: URGENCY_URGENT").dispatched();
  priority.accepted("caller { platform_work: PLATFORM_WORK_COURIER }").dispatched();
  normal.accepted().dispatched();
  CHECK(band(critical) == 0);
  CHECK(band(urgent) == 1);
  CHECK(band(priority) == 2);
  CHECK(band(normal) == 3);
  CHECK(domain::is_claimable(domain::queue_score(normal.ticket())));
  normal.handling();
  CHECK(band(normal) == 8);
  CHECK_FALSE(domain::is_claimable(domain::queue_score(normal.ticket())));
  normal.replied();
  CHECK(band(normal) == 7);
}

TEST_CASE("an open ticket is indexed where it waits, where it is due and by its caller") {
  story s;
  s.accepted().dispatched();
  CHECK(has_key(s, "queue:370883"));
  CHECK(has_key(s, "open:370883"));
  CHECK(has_key(s, "timers"));
  CHECK(has_key(s, "all"));
  s.play("+0 OPERATOR@370000 withdraw evidence: 'e' -> WITHDRAWN");
  CHECK_FALSE(has_key(s, "queue:370883"));
  CHECK_FALSE(has_key(s, "open:370883"));
  CHECK(has_key(s, "timers"));  // it will be archived
}

TEST_CASE("a holiday loaded later moves open clocks by a recorded event, and only once") {
  const auto before = domain::build_province(*runtime::load_config(HOTLINE_CONFIG_DIR));
  REQUIRE(before.has_value());
  const auto after = with_one_more_holiday();
  story s(*before);
  s.accepted().dispatched();
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-30 17:30");
  v1::Command command;
  command.set_ticket_no(s.ticket().no());
  command.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  command.mutable_recalculate()->set_reason("calendar");
  const auto moved = domain::decide(&s.ticket(), command, after, s.now());
  REQUIRE(moved.has_value());
  REQUIRE(moved->events.size() == 1);
  CHECK(moved->events[0].kind() == v1::EVENT_KIND_RECALCULATED);
  CHECK(domain::leading_clock(moved->ticket)->due_at() == 1796117400000);  // 1 December 17:30
  const auto again = domain::decide(&moved->ticket, command, after, s.now());
  REQUIRE(again.has_value());
  CHECK(again->events.empty());
}

TEST_CASE("a caller is indexed by the blind index of the phone, never by the phone") {
  story s;
  s.accepted();
  auto ticket = s.ticket();
  const auto keys = [&] {
    std::string all;
    for (const auto& entry : domain::derive(ticket)) all += entry.key + ' ';
    return all;
  };
  CHECK(keys().find("caller:") == std::string::npos);
  ticket.mutable_intake()->mutable_caller()->set_phone_index("QmxpbmQ");
  CHECK(keys().find("caller:QmxpbmQ ") != std::string::npos);
  CHECK(keys().find("13805310001") == std::string::npos);
}
