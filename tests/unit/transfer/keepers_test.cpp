// What is kept beside the exchange: the memory of what was told, and how it goes.
#include <doctest/doctest.h>

#include "tests/unit/transfer/reconcile_kit.hpp"

namespace hotline::test {

TEST_CASE(
    "what was told is forgotten half a year after the ticket was archived, in the small hours") {
  reconcile_fixture f;
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  const auto open = f.take_in("JN1");
  ticket_shape shape;
  shape.no = "3708-20261123-00777";
  auto archived = new_ticket(shape);
  archived.ticket.set_state(v1::STATE_ARCHIVED);
  archived.events.back().mutable_change()->set_state(v1::STATE_ARCHIVED);
  f.commit(nullptr, archived);
  f.receive("JN2", shape.no);
  transfer::memory_keeper memory(ledger, *f.tickets);
  const auto remembered = [&](const char* number) {
    return f.run(ledger.look_up({number}))->front().remembered;
  };
  const auto midnight = domain::midnight(domain::civil_date(monday + transfer::remembered_for));
  CHECK(f.run(memory.tidy(midnight + 3h)).value() == 0);   // not half a year yet
  CHECK(f.run(memory.tidy(midnight + 26h)).value() == 0);  // not the hour for it
  CHECK(remembered("JN2") == 1);
  CHECK(f.run(memory.tidy(midnight + 27h)).value() == 1);
  CHECK(remembered("JN2") == 0);
  CHECK(remembered("JN1") == 1);  // open, however long
}

TEST_CASE("health is written when it has changed") {
  reconcile_fixture f;
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  auto& counted = f.counters.find("jining-12345")->second;
  transfer::health_keeper keeper(ledger, counted, quiet_log());
  f.run(keeper.keep());
  CHECK(f.exec("EXISTS", "{p:jining-12345}:health").integer() == 0);
  counted.failures_in_row = 3;
  counted.last_failure_at = to_unix_ms(monday);
  counted.last_failure.set("HTTP 503");
  f.run(keeper.keep());
  const auto health = f.run(ledger.health());
  REQUIRE(health);
  CHECK(health->failures_in_row() == 3);
  CHECK(health->last_failure() == "HTTP 503");
  f.exec("DEL", "{p:jining-12345}:health");
  f.run(keeper.keep());  // nothing has changed
  CHECK(f.exec("EXISTS", "{p:jining-12345}:health").integer() == 0);
}

TEST_CASE("a process that begins anew knows what failed before it, and that nothing fails now") {
  reconcile_fixture f;
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  REQUIRE(f.run(ledger.put_signs({to_unix_ms(monday), "HTTP 503", 9, to_unix_ms(monday + 1h)})));
  transfer::health_keeper keeper(ledger, f.counters.find("jining-12345")->second, quiet_log());
  f.run(keeper.keep());
  const auto health = f.run(ledger.health());
  REQUIRE(health);
  CHECK(health->last_failure() == "HTTP 503");
  CHECK(health->last_failure_at() == to_unix_ms(monday));
  CHECK(health->failures_in_row() == 0);
  CHECK(health->breaker_until_at() == 0);
}

}  // namespace hotline::test
