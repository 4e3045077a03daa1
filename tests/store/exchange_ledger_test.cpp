// How the exchange with a partner goes, which tickets it is about, and who compares both sides.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "tests/store/exchange_kit.hpp"

namespace hotline::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* first_no = "3708-20261123-00001";
constexpr const char* second_no = "3708-20261123-00002";
constexpr std::chrono::year_month_day day{std::chrono::year(2026), std::chrono::month(11),
                                          std::chrono::day(23)};

v1::PartnerHealth health_of(exchange_kit& f) {
  auto health = f.run(f.ledger.health());
  REQUIRE(health);
  return *std::move(health);
}

TEST_CASE("a partner nothing was exchanged with is in good health") {
  exchange_kit f;
  CHECK(health_of(f).SerializeAsString().empty());
}

TEST_CASE("what waits is counted, and since when; what is done is remembered") {
  exchange_kit f;
  f.receive("A1", "1", first_no, monday);
  f.receive("A1", "2", {}, monday + 1min);
  f.receive("A2", "1", second_no, monday + 2min);
  f.receive_nonsense("{", monday + 3min);
  v1::FetchOrder order;
  order.set_ticket_no(first_no);
  REQUIRE(*f.run(f.fetches.put(order, monday + 3min)));
  f.tell(first_no, 1, monday + 4min);
  f.tell(first_no, 2, monday + 5min);
  f.tell(second_no, 1, monday + 6min);
  auto health = health_of(f);
  CHECK(health.last_received_at() == to_unix_ms(monday + 3min));
  CHECK(health.last_applied_at() == 0);
  CHECK(health.last_sent_at() == 0);
  CHECK(health.unsettled() == 2);
  CHECK(health.unsettled_since_at() == to_unix_ms(monday));
  CHECK(health.fetches() == 1);
  CHECK(health.fetches_since_at() == to_unix_ms(monday + 3min));
  CHECK(health.reviews() == 1);
  CHECK(health.unsent() == 3);
  CHECK(health.unsent_since_at() == to_unix_ms(monday + 4min));

  // Tried and put off, it still waits since then.
  const auto fetch = f.run(f.fetches.take(monday + 4min, 1h, 1))->at(0);
  REQUIRE(*f.run(f.fetches.fail_try(fetch.id, monday + 6h)));
  CHECK(health_of(f).fetches_since_at() == to_unix_ms(monday + 3min));
  REQUIRE(*f.run(f.fetches.settle(fetch.id, std::nullopt, monday + 5min)));
  f.settle("A1", false, monday + 7min);
  f.settle("A1", true, monday + 8min);  // looked at by a person: not applied
  f.hear(first_no, 1, {}, monday + 9min);
  REQUIRE(f.run(f.queue.fail_try({first_no, 2}, std::nullopt, {}, monday + 10min)).value());
  health = health_of(f);
  CHECK(health.last_applied_at() == to_unix_ms(monday + 7min));
  CHECK(health.last_sent_at() == to_unix_ms(monday + 9min));
  CHECK(health.unsettled() == 1);
  CHECK(health.unsettled_since_at() == to_unix_ms(monday + 2min));
  CHECK(health.fetches() == 0);
  CHECK(health.reviews() == 2);
  CHECK(health.dead_letters() == 1);
  CHECK(health.unsent() == 2);
  CHECK(health.unsent_since_at() == to_unix_ms(monday + 5min));
}

TEST_CASE("what only the exchanging process knows is kept") {
  exchange_kit f;
  REQUIRE(f.run(f.ledger.put_signs({.last_failure_at = to_unix_ms(monday),
                                    .last_failure = "HTTP 500",
                                    .failures_in_row = 7,
                                    .breaker_until_at = to_unix_ms(monday + 1h)})));
  const auto health = health_of(f);
  CHECK(health.last_failure_at() == to_unix_ms(monday));
  CHECK(health.last_failure() == "HTTP 500");
  CHECK(health.failures_in_row() == 7);
  CHECK(health.breaker_until_at() == to_unix_ms(monday + 1h));
  store::exchange_signs pulled;
  pulled.pulled_at = to_unix_ms(monday);
  pulled.pull_failures = 3;
  pulled.pull_failure = "不是合法的 XML";
  REQUIRE(f.run(f.ledger.put_signs(pulled)));
  const auto pulling = health_of(f);
  CHECK(pulling.last_pulled_at() == to_unix_ms(monday));
  CHECK(pulling.pull_failures() == 3);
  CHECK(pulling.pull_failure() == "不是合法的 XML");
  f.exec("HSET", f.key("head"), "dataset", std::string(32, 'b'));
  const auto refused = f.run(f.ledger.put_signs({}));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::wrong_data_set);
}

TEST_CASE("a ticket is of the day it was first exchanged, whichever side began") {
  exchange_kit f;
  f.receive("A1", "1", first_no, monday);
  f.receive("A1", "2", {}, monday + 24h);
  f.tell(second_no, 1, monday);
  f.hear(second_no, 1, "B7", monday + 1h);
  for (int i = 0; i < 5; ++i) f.receive(fmt::format("C{}", i), "1", {}, monday + 48h);
  const auto seen = [&](instant from, instant until, std::size_t skip = 0, std::size_t most = 100) {
    return f.run(f.ledger.first_exchanged(from, until, skip, most)).value();
  };
  CHECK(seen(monday, monday + 24h) == std::vector<std::string>{"A1", "B7"});
  CHECK(seen(monday, monday + 1h) == std::vector<std::string>{"A1"});
  CHECK(seen(monday + 24h, monday + 48h).empty());
  CHECK(seen(monday + 48h, monday + 72h, 2, 2) == std::vector<std::string>{"C2", "C3"});
  CHECK(seen(monday + 48h, monday + 72h, 5, 2).empty());
}

TEST_CASE("a number of theirs says what is known and what waits") {
  exchange_kit f;
  f.receive("A1", "1", first_no);
  f.receive("A1", "2");
  f.settle("A1");
  f.tell(first_no, 1);
  f.tell(first_no, 2);
  f.receive("A2", "1");
  const auto found = f.run(f.ledger.look_up({"A1", "A2", "A3"}));
  REQUIRE(found);
  REQUIRE(found->size() == 3);
  CHECK(found->at(0).ticket_no == first_no);
  CHECK(found->at(0).unsettled == 1);
  CHECK(found->at(0).unsent == 2);
  CHECK(found->at(1).known);
  CHECK(found->at(1).ticket_no.empty());
  CHECK_FALSE(found->at(2).known);
  CHECK(f.run(f.ledger.look_up({}))->empty());
}

TEST_CASE("what was told about an ended ticket is forgotten; numbers and what waits stay") {
  exchange_kit f;
  f.receive("A1", "1", first_no);
  f.receive("A1", "2");
  f.settle("A1");
  f.tell(first_no, 1);
  f.hear(first_no, 1, "A1");
  const auto remembered = [&] { return f.run(f.ledger.look_up({"A1"}))->front().remembered; };
  CHECK(remembered() == 2);
  CHECK(f.run(f.ledger.forget("A1", first_no)).value() == 0);  // one still waits
  CHECK(remembered() == 2);
  f.settle("A1");
  f.tell(first_no, 2);
  CHECK(f.run(f.ledger.forget("A1", first_no)).value() == 0);  // so does what they are to be told
  f.hear(first_no, 2);
  CHECK(f.run(f.ledger.forget("A1", first_no)).value() == 4);
  CHECK(remembered() == 0);
  CHECK(f.run(f.ledger.look_up({"A1"}))->front().ticket_no == first_no);
  CHECK(f.run(f.ledger.forget("A1", first_no)).value() == 0);
  f.receive("A1", "1", second_no);  // comes again: looked at anew, under its first number
  CHECK(f.run(f.feed.waiting("A1"))->ticket_no == first_no);
}

TEST_CASE("a pull goes back to where it stood when a day began") {
  exchange_kit f;
  const auto pull = [&](const std::string& before, const std::string& after, instant now) {
    store::feed_document document;
    document.cursor = store::cursor_step{before, after};
    const auto answer = f.run(f.feed.put(std::move(document), now, exchange_kit::window));
    REQUIRE(answer);
    REQUIRE(answer->how == store::feed_answer::end::done);
  };
  const auto back = [&](instant day) { return f.run(f.ledger.pull_again(day)).value(); };
  CHECK_FALSE(back(monday));  // nothing was pulled
  pull("", "1", monday);
  pull("1", "2", monday + 1h);
  pull("2", "3", monday + 15h);  // 00:00 of Tuesday
  pull("3", "4", monday + 72h);
  CHECK_FALSE(back(monday - 24h));  // it is not known where the pull stood then
  CHECK_FALSE(back(monday + 96h));  // nothing was pulled since
  CHECK(back(monday + 48h));        // it stood still that day
  CHECK(f.run(f.feed.cursor()).value() == "3");
  CHECK(back(monday + 20h));
  CHECK(f.run(f.feed.cursor()).value() == "2");
  CHECK(back(monday));
  CHECK(f.run(f.feed.cursor()).value().empty());
  for (int days = 4; days < 20; ++days) {
    const auto at = std::to_string(days);
    pull(f.run(f.feed.cursor()).value(), at, monday + 24h * days);
  }
  CHECK(f.exec("HLEN", f.key("cursors")).integer() == 11);
}

TEST_CASE("a day is compared by one, once, unless that one died or failed") {
  exchange_kit f;
  const auto claim = [&](std::chrono::year_month_day of, instant now) {
    return f.run(f.ledger.claim(of, now, 10min)).value();
  };
  CHECK(claim(day, monday));
  CHECK_FALSE(claim(day, monday + 9min));
  CHECK(claim(day, monday + 10min));  // it died
  REQUIRE(f.run(f.ledger.finish(day, {}, monday + 1h)));
  CHECK_FALSE(claim(day, monday + 59min));
  CHECK(claim(day, monday + 1h));  // their list could not be had
  REQUIRE(f.run(f.ledger.finish(day, {}, std::nullopt)));
  CHECK_FALSE(claim(day, monday + 23h));
  const auto next = std::chrono::year_month_day(std::chrono::sys_days(day) + std::chrono::days(1));
  CHECK(claim(next, monday + 24h));
  CHECK_FALSE(claim(day, monday + 48h));  // its turn is over
}

TEST_CASE("what the nights know of a day is remembered for a hundred days") {
  exchange_kit f;
  CHECK(f.run(f.ledger.compared_days())->empty());
  const auto first = std::chrono::sys_days(day);
  for (int i = 0; i < 105; ++i) {
    REQUIRE(f.run(f.ledger.set_compared(first + std::chrono::days(i),
                                        {.at = 1000 + i, .is_over = i % 2 == 0})));
  }
  CHECK(f.run(f.ledger.claim(day, monday, 10min)).value());
  const auto days = f.run(f.ledger.compared_days());
  REQUIRE(days);
  CHECK(days->size() == 100);
  CHECK(days->begin()->first == first + std::chrono::days(5));
  CHECK(days->begin()->second.at == 1005);
  CHECK_FALSE(days->begin()->second.is_over);
  CHECK(days->rbegin()->second.is_over);
}

TEST_CASE("the last reports are kept, newest first") {
  exchange_kit f;
  for (int i = 0; i < 70; ++i) {
    v1::ReconciliationReport report;
    report.set_listed(i);
    report.add_differences()->set_external_no("A1");
    if (i % 2 == 0) {
      REQUIRE(f.run(f.ledger.keep(report)));
    } else {
      REQUIRE(f.run(f.ledger.finish(day, {report}, std::nullopt)));
    }
  }
  const auto reports = f.run(f.ledger.reports(100));
  REQUIRE(reports);
  CHECK(reports->size() == 60);
  CHECK(reports->front().listed() == 69);
  CHECK(reports->front().differences_size() == 1);
  CHECK(reports->back().listed() == 10);
  CHECK(f.run(f.ledger.reports(0))->empty());
  CHECK(health_of(f).last_reconciliation().listed() == 69);
  CHECK(health_of(f).last_reconciliation().differences().empty());
}

TEST_CASE("a message is told again under its id, in its place, and not twice at once") {
  exchange_kit f;
  f.tell(first_no, 3);
  const auto again = [&](std::int64_t version) {
    return f.run(f.queue.put_again({first_no, version}, exchange_kit::message_of(first_no), monday))
        .value();
  };
  CHECK_FALSE(again(3));  // it waits anyway
  f.hear(first_no, 3);
  f.tell(first_no, 5);
  CHECK(again(3));
  CHECK(health_of(f).unsent() == 2);
  const auto taken = f.run(f.queue.take(monday, exchange_kit::lease, 10));
  REQUIRE(taken);
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().id == store::message_id{first_no, 3});
  f.hear(first_no, 3);
  f.hear(first_no, 5);
  CHECK(health_of(f).unsent() == 0);
}

}  // namespace
}  // namespace hotline::test
