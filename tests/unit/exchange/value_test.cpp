#include <doctest/doctest.h>

#include <random>
#include <string>

#include "common/base/rfc3339.hpp"
#include "common/exchange/date_format.hpp"
#include "common/exchange/our_field.hpp"
#include "common/exchange/wait.hpp"

namespace hotline::exchange {
namespace {

our_path ours(std::string_view path) {
  auto resolved = resolve_ours(path);
  REQUIRE(resolved.has_value());
  return *resolved;
}

/// What becomes of a text: the value read back, or "!" and the reason.
std::string through(std::string_view path, std::string_view text, const value_form& form = {}) {
  v1::PartnerEvent event;
  const auto done = set_ours(event, ours(path), 0, text, form);
  return done ? get_ours(event, ours(path), 0, {}) : "!" + done.error();
}

bool refused(const std::string& outcome) { return outcome.starts_with('!'); }

}  // namespace

TEST_CASE("amounts are exact") {
  const std::string fen = "intake.matter.amount_claimed_fen";
  const value_form yuan{.date_format = {}, .scale = 100, .end_of_day = false};
  CHECK(through(fen, "186000.50", yuan) == "18600050");
  CHECK(through(fen, "0.01", yuan) == "1");
  CHECK(through(fen, "3", yuan) == "300");
  CHECK(through(fen, "3.10", yuan) == "310");
  CHECK(through(fen, "3.1000", yuan) == "310");
  CHECK(through(fen, "92233720368547758.07", yuan) == "9223372036854775807");
  for (const char* bad :
       {"3.105", "1e3", "1,000", "", ".", "3.", ".5", "+3", "92233720368547758.08", "１", "三"}) {
    CAPTURE(bad);
    CHECK(refused(through(fen, bad, yuan)));
  }
  CHECK(refused(through("intake.matter.people", "2147483648")));
  CHECK(refused(through("intake.matter.people", "1.5")));
}

TEST_CASE("an amount written and read is the same amount") {
  std::mt19937_64 random(12351);
  const our_path fen = ours("reply.amount_paid_fen");
  for (int i = 0; i < 2000; ++i) {
    value_form form;
    for (std::uint64_t zeros = random() % 5; zeros > 0; --zeros) form.scale *= 10;
    v1::PartnerEvent event;
    const auto amount = static_cast<std::int64_t>(random() >> (random() % 50 + 1));
    event.mutable_reply()->set_amount_paid_fen(amount);
    const std::string text = get_ours(event, fen, 0, form);
    v1::PartnerEvent again;
    if (amount != 0) REQUIRE(set_ours(again, fen, 0, text, form).has_value());
    CHECK(again.reply().amount_paid_fen() == amount);
  }
}

TEST_CASE("enumerations, truth values, texts") {
  CHECK(through("intake.urgency", "URGENCY_URGENT") == "URGENCY_URGENT");
  CHECK(refused(through("intake.urgency", "URGENCY_UNSPECIFIED")));
  CHECK(refused(through("intake.urgency", "urgent")));
  CHECK(through("granted", "是") == "true");
  CHECK(through("granted", "0") == "");
  CHECK(refused(through("granted", "yes")));
  CHECK(through("text", "一行\r\n二行") == "一行\n二行");
  CHECK(refused(through("text", "a\x01z")));
  CHECK(refused(through("text", "a\xE2\x80\xAEz")));  // U+202E turns the direction of reading
}

TEST_CASE("dates and times are civil") {
  const std::string at = "occurred_at";
  const auto read = [&](std::string_view text, std::string_view format) {
    return through(at, text, {.date_format = std::string(format), .scale = 1, .end_of_day = false});
  };
  const std::string nine = "2026-11-23T09:00:00+08:00";
  CHECK(read("2026-11-23 09:00:00", "yyyy-MM-dd HH:mm:ss") == nine);
  CHECK(read("20261123090000", "yyyyMMddHHmmss") == nine);
  CHECK(read("2026年11月23日09时", "yyyy年MM月dd日HH时") == nine);
  CHECK(read("1795395600000", "unix_ms") == nine);
  CHECK(read("1795395600", "unix_s") == nine);
  CHECK(read("2026-11-23T01:00:00Z", "") == nine);
  CHECK(read("2026-11-23", "yyyy-MM-dd") == "2026-11-23T00:00:00+08:00");
  CHECK(read("2026-11-23 09:00:00.250", "yyyy-MM-dd HH:mm:ss.SSS") ==
        "2026-11-23T09:00:00.250+08:00");
  for (const char* bad : {"2026-02-29 09:00:00", "2026-11-23 24:00:00", "2026-11-23 09:00", "",
                          "2026-11-23 09:00:00x", "1999-12-31 23:59:59", "2026/11/23 09:00:00",
                          "2026-11-23 -9:00:00"}) {
    CAPTURE(bad);
    CHECK(refused(read(bad, "yyyy-MM-dd HH:mm:ss")));
  }
  CHECK(refused(read("99999999999999", "unix_ms")));
  CHECK(through("due_at", "2026-12-04",
                {.date_format = "yyyy-MM-dd", .scale = 1, .end_of_day = true}) ==
        "2026-12-04T23:59:59.999+08:00");
  CHECK(through("intake.matter.occurred_date", "2026-08-20") == "2026-08-20");
  CHECK(through("intake.matter.occurred_date", "20/08/2026",
                {.date_format = "dd/MM/yyyy", .scale = 1, .end_of_day = false}) == "2026-08-20");
  CHECK(refused(through("intake.matter.occurred_date", "2026-8-20")));
}

TEST_CASE("a time written and read is the same time") {
  std::mt19937_64 random(12345);
  for (const char* format : {"", "unix_ms", "yyyy-MM-dd HH:mm:ss.SSS", "ddMMyyyyHHmmssSSS"}) {
    CAPTURE(format);
    for (int i = 0; i < 500; ++i) {
      const auto span = static_cast<std::uint64_t>((wire_instant_end - wire_instant_begin).count());
      const instant t =
          wire_instant_begin + milliseconds(static_cast<std::int64_t>(random() % span));
      CHECK(read_date(write_date(t, format), format) == t);
    }
  }
  CHECK(is_date_format("yyyyMMdd"));
  CHECK(!is_date_format("HH:mm"));
  CHECK(!is_date_format("yy-MM-dd"));
}

TEST_CASE("our paths") {
  CHECK(ours("attachments[].reference").list == 0);
  CHECK(ours("intake.matter.evidence[]").list == 2);
  for (const char* bad : {"", "x", "intake", "intake.x", "attachments.reference", "text[]",
                          "text.x", "attachments[]", "intake.matter.evidence"}) {
    CAPTURE(bad);
    CHECK(!resolve_ours(bad).has_value());
  }
}

TEST_CASE("waits") {
  CHECK(parse_wait("30s") == milliseconds(30'000));
  CHECK(parse_wait("5min") == milliseconds(300'000));
  CHECK(parse_wait("2h") == milliseconds(7'200'000));
  for (const char* bad : {"", "5", "min", "0s", "-1s", "05min", "1d", "1.5h", "100001s"})
    CHECK(!parse_wait(bad).has_value());
}

}  // namespace hotline::exchange
