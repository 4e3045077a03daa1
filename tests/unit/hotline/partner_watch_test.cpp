// What /metrics says about partners, and how a gauge with labels is written.
#include "services/hotline/partner_watch.hpp"

#include <doctest/doctest.h>

#include "common/runtime/config_loader.hpp"
#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_fetches.hpp"
#include "common/store/exchange_ledger.hpp"
#include "common/store/exchange_queue.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::program {
namespace {

using namespace std::chrono_literals;
using test::monday;

/// Two of the shipped partners, switched on.
exchange::partner_book two_partners(const domain::province& land) {
  const auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
  if (!config) throw std::runtime_error(config.error().detail);
  std::vector<exchange::partner> made;
  for (const auto& one : config->partners()) {
    if (one.name().ends_with("-12345")) made.push_back(*exchange::partner::compile(one, land));
  }
  REQUIRE(made.size() == 2);
  return exchange::partner_book(std::move(made));
}

bool says(const gateway::metrics& shown, const std::string& line) {
  return ("\n" + shown.to_text()).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("each partner's numbers are shown under its name, whoever exchanges with it") {
  test::store_fixture f;
  const auto land = test::shipped_province();
  partner_watch watch(two_partners(*land));
  gateway::metrics shown;
  watch.show_in(shown);

  const std::string data_set = f.guard.data_set();
  store::exchange_vault vault(test::keys_for_tests());
  store::exchange_feed feed(*f.redis.client, vault, "jining-12345", data_set);
  store::exchange_queue queue(*f.redis.client, vault, "jining-12345", data_set);
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", data_set);
  REQUIRE(f.run(feed.adopt()));
  store::exchange_fetches fetches(*f.redis.client, vault, "jining-12345", data_set);
  v1::FetchOrder order;
  order.set_ticket_no("3708-20261123-00001");
  REQUIRE(f.run(fetches.put(order, monday + 30s)));
  REQUIRE(f.run(queue.put({"3708-20261123-00001", 1}, {}, monday)));
  REQUIRE(f.run(ledger.put_signs({.last_failure_at = to_unix_ms(monday),
                                  .last_failure = "HTTP 503",
                                  .failures_in_row = 5,
                                  .breaker_until_at = to_unix_ms(monday + 1h),
                                  .pulled_at = to_unix_ms(monday),
                                  .pull_failures = 3,
                                  .pull_failure = "status 500"})));
  v1::ReconciliationReport report;
  report.set_at(to_unix_ms(monday));
  report.add_counts()->set_count(2);
  report.add_counts()->set_count(3);
  REQUIRE(f.run(ledger.keep(report)));

  f.clock.set(monday + 90s, 0);
  REQUIRE(f.run(watch.look(*f.redis.client, data_set, f.clock)));
  CHECK(says(shown, R"(hotline_partner_unsent{partner="jining-12345"} 1)"));
  CHECK(says(shown, R"(hotline_partner_unsent{partner="shandong-12345"} 0)"));
  CHECK(says(shown, R"(hotline_partner_unsent_age_seconds{partner="jining-12345"} 90)"));
  CHECK(says(shown, R"(hotline_partner_unsent_age_seconds{partner="shandong-12345"} 0)"));
  CHECK(says(shown, R"(hotline_partner_fetches_waiting{partner="jining-12345"} 1)"));
  CHECK(says(shown, R"(hotline_partner_fetches_age_seconds{partner="jining-12345"} 60)"));
  CHECK(says(shown, R"(hotline_partner_fetches_waiting{partner="shandong-12345"} 0)"));
  CHECK(says(shown, R"(hotline_partner_breaker_open{partner="jining-12345"} 1)"));
  CHECK(says(shown, R"(hotline_partner_failures_in_row{partner="jining-12345"} 5)"));
  CHECK(says(shown, R"(hotline_partner_pull_failures{partner="jining-12345"} 3)"));
  CHECK(says(shown, R"(hotline_partner_differences{partner="jining-12345"} 5)"));
  CHECK(says(shown, R"(hotline_partner_comparison_failed{partner="jining-12345"} 0)"));

  report.set_failure("对方没有应答");
  REQUIRE(f.run(ledger.keep(report)));
  REQUIRE(f.run(watch.look(*f.redis.client, data_set, f.clock)));
  CHECK(says(shown, R"(hotline_partner_comparison_failed{partner="jining-12345"} 1)"));
}

TEST_CASE("a name is explained once, however many partners have it") {
  const auto land = test::shipped_province();
  partner_watch watch(two_partners(*land));
  gateway::metrics shown;
  watch.show_in(shown);
  const auto text = shown.to_text();
  const std::string_view head = "# TYPE hotline_partner_unsent gauge\n";
  const auto first = text.find(head);
  REQUIRE(first != std::string::npos);
  CHECK(text.find(head, first + 1) == std::string::npos);
}

}  // namespace
}  // namespace hotline::program
