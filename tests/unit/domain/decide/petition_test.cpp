// 信访事项: the limits a law sets run from the receipt and the acceptance, whoever handles the
// matter and however often it changes hands (信访工作条例 Art. 23, 34).
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "story.hpp"

using hotline::test::story;
namespace v1 = hotline::v1;

namespace {

constexpr auto sixty_days = "2027-01-23 00:00";    // 24:00 of 22 January, a Friday
constexpr auto fifteen_days = "2026-12-09 00:00";  // 24:00 of 8 December

/// A letter accepted on Monday 23 November 2026 at 9:00 and dispatched to 370883.
story letter(const std::string& more = "") {
  story s;
  s.accepted("source: SOURCE_PETITION external_no: 'XF-2026-0117' " + more).dispatched();
  return s;
}

bool has_live(const story& s, v1::ClockKind kind) {
  return std::ranges::any_of(s.ticket().clocks(), [&](const v1::Clock& c) {
    return c.kind() == kind &&
           (c.state() == v1::CLOCK_STATE_RUNNING || c.state() == v1::CLOCK_STATE_PAUSED);
  });
}

void check_unmoved(const story& s) {
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == sixty_days);
  CHECK(s.due(v1::CLOCK_KIND_FIRST_REPORT) == fifteen_days);
}

}  // namespace

TEST_CASE("a petition's legal time does not begin again with another unit") {
  story returned = letter();
  check_unmoved(returned);
  returned.play(R"(
    2026-11-30 17:00 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> DISPATCHED
    2026-12-01 09:00 DISPATCHER@370000 decide_return uphold: true unit: '370881' -> DISPATCHED)");
  check_unmoved(returned);

  story desk = letter();
  desk.play(R"(
    2026-11-30 17:00 LEAD@370883 return_ticket reason: RETURN_REASON_NOT_OUR_DUTY basis: 'b' -> DISPATCHED
    2026-12-01 09:00 DISPATCHER@370000 decide_return uphold: true -> ACCEPTED
    +1h DISPATCHER@370000 dispatch unit: '370881' -> DISPATCHED)");
  check_unmoved(desk);

  story moved = letter();
  moved.play(
      "2026-12-01 09:00 DISPATCHER@370000 redispatch unit: '370881' reason: 'r' -> DISPATCHED");
  check_unmoved(moved);
  moved.play("2026-12-02 09:00 ADMINISTRATOR@370000 recalculate reason: 'r' -> =");
}

TEST_CASE("the petitioner is told once: a unit that comes later need not tell again") {
  story s = letter();
  s.play(R"(
    +1h OFFICER@370883 sign -> HANDLING
    +1h OFFICER@370883 record_contact number: '13805310001' contacted_at: 1795402800000 reached: true result: 'r' -> HANDLING
    +1h OFFICER@370883 report_progress text: '已受理' -> HANDLING
    +1d DISPATCHER@370000 redispatch unit: '370881' reason: 'r' -> DISPATCHED)");
  CHECK_FALSE(has_live(s, v1::CLOCK_KIND_FIRST_REPORT));
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == sixty_days);
}

TEST_CASE("what was extended stays extended with another unit, and is not extended twice") {
  story s = letter();
  s.play(R"(
    +30min OFFICER@370883 sign -> HANDLING
    +0 OFFICER@370883 request_extension days: 30 reason: 'r' caller_told: true -> HANDLING
    +0 LEAD@370800 decide_extension grant: true -> HANDLING)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2027-02-22 17:30");
  s.play(R"(
    +1d DISPATCHER@370000 redispatch unit: '370881' reason: 'r' -> DISPATCHED
    +30min OFFICER@370881 sign -> HANDLING)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2027-02-22 17:30");
  s.play(
      "+0 OFFICER@370881 request_extension days: 1 reason: 'r' caller_told: true -> "
      "!extension_too_many");
}

TEST_CASE("the fifteen days count from the receipt of the letter, not from its dispatch") {
  // Received on Thursday 19 November (1795053600000), registered on Monday the 23rd.
  story s = letter("call { called_at: 1795053600000 }");
  CHECK(s.due(v1::CLOCK_KIND_FIRST_REPORT) == "2026-12-05 00:00");  // 24:00 of Friday 4 December
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == sixty_days);                // from the acceptance
}

TEST_CASE("a legal limit is not suspended") {
  story s = letter();
  s.play(R"(
    +30min OFFICER@370883 sign -> HANDLING
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-12-01' -> !suspension_not_allowed)");
  story asked;
  asked.accepted().dispatched().handling();
  asked.play(R"(
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-12-01' -> HANDLING
    +0 OPERATOR@370000 supplement intake { matter { kind: KIND_PETITION } } -> HANDLING
    +0 LEAD@370800 decide_suspension grant: true -> !suspension_not_allowed
    +0 LEAD@370800 decide_suspension grant: false -> HANDLING)");
}

TEST_CASE("what turns out to be a petition has the law's limits from then on") {
  story s;
  s.accepted().dispatched().handling();
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-30 17:30");
  s.play("+1d OPERATOR@370000 supplement intake { matter { kind: KIND_PETITION } } -> HANDLING");
  check_unmoved(s);
  s.play(R"(
    +0 OFFICER@370883 request_extension days: 30 reason: 'r' caller_told: true -> HANDLING
    +0 LEAD@370800 decide_extension grant: true -> HANDLING)");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2027-02-22 17:30");

  story paused;
  paused.accepted().dispatched().handling();
  paused.play(R"(
    +0 OFFICER@370883 request_suspension reason: SUSPENSION_REASON_AWAITS_PAYMENT evidence: 'e' review_date: '2026-12-01' -> HANDLING
    +0 LEAD@370800 decide_suspension grant: true -> SUSPENDED
    +1d OPERATOR@370000 supplement intake { matter { kind: KIND_PETITION } } -> HANDLING)");
  check_unmoved(paused);
}

TEST_CASE("what turns out to be no petition has the hotline's limits again") {
  story s;
  s.accepted("matter { kind: KIND_PETITION }").dispatched();
  check_unmoved(s);
  s.play("+1h OPERATOR@370000 supplement intake { matter { kind: KIND_COMPLAINT } } -> DISPATCHED");
  CHECK(s.due(v1::CLOCK_KIND_HANDLE) == "2026-11-30 17:30");
  CHECK_FALSE(has_live(s, v1::CLOCK_KIND_FIRST_REPORT));
}
