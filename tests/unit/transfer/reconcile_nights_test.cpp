// Which nights are compared, how often, and how far back.
#include "services/transfer/reconcilers.hpp"

#include <doctest/doctest.h>

#include "tests/unit/transfer/reconcile_kit.hpp"

namespace hotline::test {

TEST_CASE("every night is compared once, whoever looks, and tried again where it failed") {
  reconcile_fixture f;
  f.take_in("JN1");
  f.list("2026-11-23", {{"JN1", "0"}});
  const auto tuesday = domain::midnight(std::chrono::sys_days(reconcile_fixture::compared_day) +
                                        std::chrono::days(1));
  transfer::reconcilers other({.context = f.redis.context,
                               .links = f.links,
                               .kit = f.kit,
                               .access = f.access,
                               .secrets = [](std::string_view) { return std::nullopt; },
                               .log = quiet_log()});
  const auto tonight = [&](transfer::reconcilers& who) {
    return f.run(who.find("jining-12345")->compare_tonight()).value();
  };
  f.clock.set(tuesday + 1h + 59min, 0);
  CHECK_FALSE(tonight(f.comparing));
  f.clock.set(tuesday + 2h, 0);
  f.status = 503;
  CHECK(tonight(f.comparing));
  CHECK_FALSE(tonight(f.comparing));
  f.status = 200;
  f.clock.set(tuesday + 3h, 0);
  CHECK(tonight(f.comparing));
  CHECK_FALSE(tonight(other));
  f.clock.set(tuesday + 23h, 0);
  CHECK_FALSE(tonight(f.comparing));
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  const auto reports = f.run(ledger.reports(10));
  REQUIRE(reports);
  REQUIRE(reports->size() == 2);
  CHECK(reports->at(0).day() == "2026-11-23");
  CHECK(reports->at(0).agreed() == 1);
  CHECK(reports->at(0).by().empty());
  CHECK_FALSE(reports->at(1).failure().empty());
}

TEST_CASE("what begins to differ days later is found and repaired") {
  reconcile_fixture f;
  const auto no = f.take_in("JN1");
  f.list("2026-11-23", {{"JN1", "0"}});
  CHECK(f.night(24) == "23");
  CHECK(f.night(25) == "24 23");  // it has not ended
  f.sign(no);
  CHECK(f.waiting(no).empty());
  f.night(29);
  CHECK(f.waiting(no).size() == 1);  // the last word
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  const auto last = f.run(ledger.reports(1))->at(0);  // what health and alarms look at
  CHECK(last.day() == "2026-11-23");
  CHECK(last.resent() == 1);
}

TEST_CASE("nights that were missed are made up, and nothing before the exchange began is asked") {
  reconcile_fixture f;
  CHECK(f.night(24) == "23");  // yesterday in any case
  f.clock.set(monday + 24h, 0);
  f.take_in("JN1");
  f.list("2026-11-24", {{"JN1", "0"}});
  CHECK(f.night(25) == "24");
  CHECK(f.night(29) == "28 27 26 25 24");
  CHECK(f.night(30) == "29 24");
}

TEST_CASE("no further back than it is configured") {
  reconcile_fixture f([](v1::Partner& partner) { partner.mutable_reconciliation()->set_days(2); });
  f.take_in("JN1");
  f.list("2026-11-23", {{"JN1", "0"}});
  CHECK(f.night(25) == "24 23");
  CHECK(f.night(26) == "25");
}

TEST_CASE("a day that agrees and has ended is not asked again") {
  reconcile_fixture f;
  const auto no = f.take_in("JN1");
  f.act(no, v1::ROLE_OPERATOR, "370000",
        [](v1::Command& c) { c.mutable_withdraw()->set_evidence("录音"); });
  f.list("2026-11-23", {{"JN1", "0"}});
  CHECK(f.night(24) == "23");
  f.list("2026-11-23", {{"JN1", "4"}});
  while (!f.waiting(no).empty()) {
    const store::message_id id{no, f.waiting(no).front()};
    REQUIRE(f.run(f.link().queue.settle(id, "10000", {}, f.clock.now())).value());
  }
  CHECK(f.night(25) == "24 23");
  CHECK(f.night(26) == "25");
}

TEST_CASE("a list that cannot be had is asked for again within the night, the others are not") {
  reconcile_fixture f;
  f.take_in("JN1");
  f.list("2026-11-23", {{"JN1", "0"}});
  f.lists["2026-11-25"] = "<html>";
  CHECK(f.night(27) == "26 25 24 23");
  f.clock.set(f.clock.now() + 1h, 0);
  f.list("2026-11-25", {});
  const auto before = f.partner_server.asked.size();
  CHECK(f.run(f.reconciler().compare_tonight()).value());
  REQUIRE(f.partner_server.asked.size() == before + 1);
  CHECK(f.partner_server.asked.back().target.ends_with("25"));
}

TEST_CASE("a partner that is out of order is not asked for every day of the month") {
  reconcile_fixture f;
  f.take_in("JN1");
  f.status = 503;
  CHECK(f.night(30) == "29 28 27");
  f.status = 200;
  f.list("2026-11-23", {{"JN1", "0"}});
  f.clock.set(f.clock.now() + 1h, 0);
  const auto before = f.partner_server.asked.size();
  CHECK(f.run(f.reconciler().compare_tonight()).value());
  CHECK(f.partner_server.asked.size() == before + 7);
}

}  // namespace hotline::test
