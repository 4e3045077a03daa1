// The board against a count over all tickets, and the function behind it.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <map>

#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "common/store/board_reader.hpp"
#include "common/store/function_call.hpp"
#include "common/store/records.hpp"
#include "tests/model/random_life.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

std::vector<std::string> small_units() {
  return {"370000", "370800", "370883", "370881", "370883-s01", "p-12345-370800"};
}

bool is_on(std::int64_t ms, std::chrono::year_month_day day) {
  return ms != 0 && domain::civil_date(from_unix_ms(ms)) == day;
}

/// Counts one ticket by reading it, without what is derived from it.
class naive_board {
 public:
  explicit naive_board(instant now) : today_(domain::civil_date(now)) {}

  void add(const v1::Ticket& t) {
    if (t.state() == v1::STATE_CLOSED) return add_closed(t);
    if (!domain::is_open(t.state())) return;
    add_parts(t);
    const auto* handler = domain::current_assignment(t);
    if (t.escalated_to().empty()) {
      // What asks to be returned is not there to be signed.
      const bool returning = std::ranges::any_of(t.requests(), [](const v1::Request& r) {
        return r.kind() == v1::REQUEST_KIND_RETURN && r.state() == v1::REQUEST_STATE_OPEN;
      });
      if (t.state() == v1::STATE_DISPATCHED && !returning) rows_[handler->unit()].waiting++;
      if (t.state() == v1::STATE_HANDLING || t.state() == v1::STATE_REWORK) {
        rows_[handler->unit()].handling++;
      }
      if (t.state() == v1::STATE_TRANSFERRED) rows_[t.desk()].handling++;
    }
    if (handler != nullptr) add_handler(t, *handler);
    if (const auto wait = domain::waits_returned(t)) rows_[std::string(wait->unit)].returned++;
  }

  void compare(const v1::BoardRow& row) const {
    static const counts nothing;
    const auto found = rows_.find(row.unit());
    const counts& expected = found == rows_.end() ? nothing : found->second;
    CAPTURE(row.ShortDebugString());
    CHECK(row.waiting() == expected.waiting);
    CHECK(row.handling() == expected.handling);
    CHECK(row.due_today() == expected.due_today);
    CHECK(row.yellow() == expected.lights.at(v1::LIGHT_YELLOW));
    CHECK(row.red() == expected.lights.at(v1::LIGHT_RED));
    CHECK(row.double_red() == expected.lights.at(v1::LIGHT_DOUBLE_RED));
    CHECK(row.supervised() == expected.supervised);
    CHECK(row.returned() == expected.returned);
    CHECK(row.open() == expected.open);
    CHECK(row.closed_on_time() == expected.on_time);
    CHECK(row.closed_late() == expected.late);
  }

  std::int64_t total(const std::string& what) const {
    std::int64_t sum = 0;
    for (const auto& [unit, row] : rows_) {
      if (what == "returned") sum += row.returned;
      if (what == "closed") sum += row.on_time + row.late;
      if (what == "late") sum += row.late;
      if (what == "supervised") sum += row.supervised;
      if (what == "red") sum += row.lights.at(v1::LIGHT_RED);
      if (what == "waiting") sum += row.waiting;
    }
    return sum;
  }

 private:
  struct counts {
    std::int64_t waiting = 0, handling = 0, due_today = 0, supervised = 0, returned = 0, open = 0;
    std::int64_t on_time = 0, late = 0;
    std::map<int, std::int64_t> lights{{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}};
  };

  /// Every unit with an open part or a running duty, with the earliest due of them.
  void add_parts(const v1::Ticket& t) {
    std::map<std::string, std::int64_t> due;
    const auto see = [&](const std::string& unit, std::int64_t at) {
      const auto known = due.try_emplace(unit, at).first;
      known->second = std::min(known->second, at);
    };
    for (const auto& a : t.assignments()) {
      if (!domain::is_open(a)) continue;
      const auto kind =
          a.role() == v1::ASSIGNMENT_ROLE_CO ? v1::CLOCK_KIND_CO_OPINION : v1::CLOCK_KIND_HANDLE;
      std::int64_t at = t.created_at();
      for (const auto& c : t.clocks()) {
        const bool runs = c.state() == v1::CLOCK_STATE_RUNNING;
        if (runs && c.kind() == kind && c.assignment() == a.id()) at = c.due_at();
      }
      see(a.unit(), at);
    }
    for (const auto& c : t.clocks()) {
      if (c.state() == v1::CLOCK_STATE_RUNNING) see(c.unit(), c.due_at());
    }
    for (const auto& [unit, at] : due) {
      rows_[unit].open++;
      if (is_on(at, today_)) rows_[unit].due_today++;
    }
  }

  void add_handler(const v1::Ticket& t, const v1::Assignment& handler) {
    rows_[handler.unit()].lights[handler.light()]++;
    for (const auto& s : t.supervisions()) {
      if (s.state() == v1::SUPERVISION_STATE_CLOSED) continue;
      rows_[handler.unit()].supervised++;
      break;
    }
  }

  void add_closed(const v1::Ticket& t) {
    const auto day = domain::civil_date(from_unix_ms(t.closed_at()));
    if (day.year() != today_.year() || day.month() != today_.month()) return;
    std::string unit = t.desk();
    bool late = t.overdue();
    for (const auto& a : t.assignments()) {
      if (a.role() != v1::ASSIGNMENT_ROLE_MAIN || a.replied_at() == 0) continue;
      unit = a.unit();
      late = false;
      for (const auto& b : t.assignments()) {
        late = late || (b.role() == v1::ASSIGNMENT_ROLE_MAIN && b.unit() == unit && b.overdue());
      }
    }
    (late ? rows_[unit].late : rows_[unit].on_time)++;
  }

  std::chrono::year_month_day today_;
  std::map<std::string, counts> rows_;
};

TEST_CASE("the board is what a count over all tickets gives, at any moment") {
  store_fixture f;
  store::board_reader board(*f.redis.client, test_shards);
  constexpr int lives = 150;
  constexpr std::uint64_t seed = 7;
  INFO("seed " << seed);
  std::vector<model::random_life> all;
  for (int i = 0; i < lives; ++i) {
    const auto shard = test_shards()[static_cast<std::size_t>(i) % 3];
    const auto start = monday + std::chrono::hours(i);
    all.emplace_back(seed + static_cast<std::uint64_t>(i),
                     fmt::format("{}-20261123-{:05}", shard, i + 1), start);
    f.commit(nullptr, {all.back().ticket(), all.back().events()});
  }
  std::map<std::string, std::int64_t> seen;
  for (int round = 0; round < 25; ++round) {
    instant now = monday;
    for (auto& life : all) {
      if (life.advance(std::chrono::hours(round % 3 == 0 ? 60 : 8))) {
        f.commit(&life.before(), {life.ticket(), life.events()});
      }
      now = std::max(now, life.now());
    }
    naive_board expected(now);
    for (const auto& life : all) expected.add(life.ticket());
    const auto rows = f.run(board.rows(small_units(), now));
    REQUIRE(rows);
    REQUIRE(rows->size() == small_units().size());
    for (const auto& row : *rows) expected.compare(row);
    // And so it is where shards without a commit since are not counted anew.
    for (int again = 0; again < 2; ++again) {
      const auto remembered = f.run(board.rows_again(small_units(), now));
      REQUIRE(remembered);
      for (const auto& row : *remembered) expected.compare(row);
    }
    for (const char* what : {"returned", "closed", "late", "supervised", "red", "waiting"}) {
      seen[what] += expected.total(what);
    }
  }
  // Otherwise the comparison above says nothing.
  for (const auto& [what, count] : seen) CHECK_MESSAGE(count > 0, what << " never happened");
}

TEST_CASE("without the sensitive tickets the board is that of the others") {
  store_fixture f;
  store::board_reader board(*f.redis.client, test_shards);
  naive_board all(monday);
  naive_board ordinary(monday);
  for (int i = 0; i < 60; ++i) {
    model::random_life life(static_cast<std::uint64_t>(i),
                            fmt::format("3708-20261123-{:05}", i + 1), monday);
    for (int step = 0; step < i % 7; ++step) life.advance(std::chrono::hours(8));
    v1::Ticket ticket = life.ticket();
    const bool sensitive = i % 3 == 0;
    if (sensitive) ticket.mutable_intake()->set_sensitivity(v1::SENSITIVITY_SENSITIVE);
    all.add(ticket);
    if (!sensitive) ordinary.add(ticket);
    for (const auto& entry : domain::derive(ticket)) {
      f.exec("ZADD", "{3708}:" + entry.key, store::format_score(entry.score), ticket.no());
    }
  }
  const auto compare = [&](domain::board_scope scope, const naive_board& expected) {
    const auto rows = f.run(board.rows(small_units(), monday, scope));
    REQUIRE(rows);
    for (const auto& row : *rows) expected.compare(row);
  };
  compare(domain::board_scope::all, all);
  compare(domain::board_scope::ordinary, ordinary);
  CHECK(ordinary.total("waiting") < all.total("waiting"));
}

TEST_CASE("the on-time rate is of this month only, and unset while nothing is closed") {
  store_fixture f;
  store::board_reader board(*f.redis.client, test_shards);
  const auto at = [](const char* text) {
    return fmt::format("{}", to_unix_ms(*domain::parse_civil_minute(text)));
  };
  const auto late = [](const std::string& ms) { return fmt::format("1{:0>13}", ms); };
  f.exec("ZADD", "{3708}:closed:370883", at("2026-10-31 23:59"), "a", at("2026-11-01 00:00"), "b",
         at("2026-11-30 23:59"), "c", at("2026-12-01 00:00"), "d");
  f.exec("ZADD", "{3700}:closed:370883", late(at("2026-11-05 09:00")), "e",
         late(at("2026-10-31 23:59")), "f");
  const auto rows = f.run(board.rows({"370800", "370883"}, monday));
  REQUIRE(rows);
  CHECK_FALSE(rows->at(0).has_on_time_rate());
  CHECK(rows->at(1).closed_on_time() == 2);
  CHECK(rows->at(1).closed_late() == 1);
  CHECK(rows->at(1).on_time_rate() == doctest::Approx(2.0 / 3));
}

TEST_CASE("the function board refuses what it does not understand") {
  store_fixture f;
  const auto ask = [&](const std::string& key, std::initializer_list<const char*> arguments) {
    const std::vector<std::string> keys{key};
    auto call = store::function_query("board", keys);
    for (const auto* argument : arguments) call.add(argument);
    return f.run(f.redis.client->exec(std::move(call)));
  };
  f.exec("ZADD", "{3708}:open:370883", 5, "a");
  const auto good =
      ask("{3708}:head", {"", "1", "open", "1", "open", "0", "(6", "370881", "370883"});
  REQUIRE(good);
  REQUIRE(good->size() == 4);
  CHECK(good->at(1).integer() == 2);
  CHECK(good->at(2).integer() == 1);
  CHECK(good->at(3).integer() == 1);
  const std::string stamp(good->at(0).string());
  const auto same =
      ask("{3708}:head", {stamp.c_str(), "1", "open", "1", "open", "0", "(6", "370883"});
  REQUIRE(same);
  CHECK(same->size() == 1);
  f.fill("3708", 1, "370883");
  const auto changed =
      ask("{3708}:head", {stamp.c_str(), "1", "open", "1", "open", "0", "(6", "370883"});
  REQUIRE(changed);
  CHECK(changed->size() == 4);
  CHECK_FALSE(ask("{3708}:events", {"", "1", "open", "1", "open", "0", "1", "370883"}));
  CHECK_FALSE(ask("elsewhere", {"", "1", "open", "1", "open", "0", "1", "370883"}));
  CHECK_FALSE(ask("{3708}:head", {}));
  CHECK_FALSE(ask("{3708}:head", {"", "0", "370883"}));
  CHECK_FALSE(ask("{3708}:head", {"", "1", "open", "x"}));
  CHECK_FALSE(ask("{3708}:head", {"", "1", "open", "2", "open", "0", "1"}));
  CHECK_FALSE(ask("{3708}:head", {"", "1", "open", "1", "ticket", "0", "1", "370883"}));
  CHECK_FALSE(ask("{3708}:head", {"", "1", "open", "1", "open", "nan", "1", "370883"}));
}

}  // namespace
}  // namespace hotline::test
