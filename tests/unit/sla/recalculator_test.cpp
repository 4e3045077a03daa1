// Two starts with different rules about time, on a real Redis: the second computes the clocks of
// open tickets again, goes on where it was interrupted, and is one process's work.
#include "services/sla/recalculator.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/runtime/config_loader.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using step = sla::recalculator::step;

v1::HotlineConfig shipped_config() { return *runtime::load_config(HOTLINE_CONFIG_DIR); }

/// Three working days for complaints instead of five, and 24 November off.
v1::HotlineConfig other_config() {
  auto config = shipped_config();
  for (auto& h : *config.mutable_policies()->mutable_sla()->mutable_handle_limits()) {
    if (h.kind() == v1::KIND_COMPLAINT && h.limit() == "5wd") h.set_limit("3wd");
  }
  for (auto& year : *config.mutable_calendar()->mutable_years()) {
    if (year.year() != 2026) continue;
    auto& day = *year.add_days();
    day = year.days(0);
    day.set_date("2026-11-24");
  }
  return config;
}

/// One start of the program with a configuration.
struct start {
  start(store_fixture& f, const v1::HotlineConfig& config, const std::string& consumer)
      : land(std::make_shared<const domain::province>(*domain::build_province(config))),
        runner(
            *f.tickets, *f.numbers, f.clock, [this] { return land; }, f.vault),
        index(*f.redis.client, test_shards),
        recalculator(*f.redis.client, index, runner,
                     {.terms = sla::terms_of_time(config), .consumer = consumer, .page = 2},
                     counters, logger(make_null_sink(), "recalculation")) {}

  std::shared_ptr<const domain::province> land;
  store::command_runner runner;
  store::index_reader index;
  sla::recalculation_counters counters;
  sla::recalculator recalculator;
};

struct recalculation_fixture : store_fixture {
  /// A dispatched wage complaint of 23 November, due on the 30th.
  std::string dispatched_ticket() {
    const auto created = run(runner->run(create_command()));
    REQUIRE(created);
    const std::string no = created->answer.ticket_no();
    auto order = command_of(no, v1::ROLE_DISPATCHER, "370000");
    order.mutable_dispatch()->set_unit("370883");
    REQUIRE(run(runner->run(std::move(order))));
    return no;
  }

  std::int64_t handle_due(const std::string& no) {
    const auto loaded = run(tickets->load(no));
    for (const auto& c : (*loaded)->clocks()) {
      if (c.kind() == v1::CLOCK_KIND_HANDLE) return c.due_at();
    }
    return 0;
  }

  step work(start& one) {
    const auto did = run(one.recalculator.work());
    REQUIRE(did);
    return *did;
  }
};

constexpr std::int64_t on_monday_30 = 1'796'031'000'000;  // 2026-11-30 17:30
constexpr std::int64_t on_friday_27 = 1'795'771'800'000;  // 2026-11-27 17:30

TEST_CASE("the terms are those of the meaning, not of the text") {
  auto config = shipped_config();
  const auto terms = sla::terms_of_time(config);
  CHECK(sla::terms_of_time(shipped_config()) == terms);
  config.mutable_policies()->mutable_routing()->clear_rules();
  CHECK(sla::terms_of_time(config) == terms);
  CHECK(sla::terms_of_time(other_config()) != terms);
}

TEST_CASE("a start with other rules moves every open ticket, over an interruption, once") {
  recalculation_fixture f;
  std::vector<std::string> open;
  for (int i = 0; i < 5; ++i) open.push_back(f.dispatched_ticket());
  auto gone = command_of(open.back(), v1::ROLE_OPERATOR, "370000");
  gone.mutable_withdraw()->set_evidence("录音");
  REQUIRE(f.run(f.runner->run(std::move(gone))));
  const auto ended = open.back();
  open.pop_back();

  start first(f, shipped_config(), "a");
  while (f.work(first) == step::more) continue;
  CHECK(first.counters.moved == 0);  // the same rules
  for (const auto& no : open) REQUIRE(f.handle_due(no) == on_monday_30);

  auto second = std::make_unique<start>(f, other_config(), "a");
  CHECK(f.work(*second) == step::more);
  CHECK(second->counters.looked_at == 2);
  second = std::make_unique<start>(f, other_config(), "a");  // killed, and started again
  while (f.work(*second) == step::more) continue;
  CHECK(second->counters.looked_at == 3);
  CHECK(second->counters.moved == 2);
  for (const auto& no : open) CHECK(f.handle_due(no) == on_friday_27);
  const auto history = *f.run(f.tickets->history(open[0], 1, 100));
  CHECK(history.back().kind() == v1::EVENT_KIND_RECALCULATED);
  CHECK((*f.run(f.tickets->load(ended)))->state() == v1::STATE_WITHDRAWN);

  const auto before = f.digest();
  start third(f, other_config(), "a");
  CHECK(f.work(third) == step::finished);
  CHECK(f.digest() == before);
}

TEST_CASE("one process has the turn; another takes over when it falls silent") {
  recalculation_fixture f;
  for (int i = 0; i < 3; ++i) f.dispatched_ticket();
  start one(f, other_config(), "a");
  start two(f, other_config(), "b");
  CHECK(f.work(one) == step::more);
  CHECK(f.work(two) == step::waits);
  CHECK(two.counters.looked_at == 0);
  // What the passing of the turn's time does in Redis.
  f.exec("DEL", "{meta}:recalculation:turn");
  CHECK(f.work(two) == step::finished);
  CHECK(two.counters.looked_at == 1);
  CHECK(f.work(one) == step::finished);
}

}  // namespace
}  // namespace hotline::test
