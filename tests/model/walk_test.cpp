// Long lives at random: everybody tries anything, time jumps over evenings, holidays and years.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <algorithm>

#include <chrono>
#include <cstdlib>
#include <random>

#include "catalogue.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "promises.hpp"
#include "small_province.hpp"

namespace {

using namespace hotline;
using namespace hotline::model;

constexpr int steps_of_a_life = 200;

long setting(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtol(text, nullptr, 10) : otherwise;
}

class life {
 public:
  explicit life(std::uint64_t seed) : seed_(seed), random_(seed) {}

  void live() {
    now_ = *domain::parse_civil_minute("2025-01-01 00:00") + milliseconds(below(63'072'000'000));
    const auto kind = below(6) == 0 ? v1::KIND_PETITION : v1::KIND_COMPLAINT;
    const auto urgency = static_cast<v1::Urgency>(1 + below(3));
    judge(nullptr, create_command(kind, urgency));
    for (int i = 0; i < steps_of_a_life; ++i) {
      if (below(3) == 0) pass_time();
      const auto all = commands_at(now_);
      const auto& body = all[static_cast<std::size_t>(below(std::ssize(all)))];
      // Half of the time somebody asks who may; otherwise whoever comes along.
      const auto& somebody = actors()[static_cast<std::size_t>(below(std::ssize(actors())))];
      bool moved = false;
      for (const auto& actor : actors()) {
        if (moved || below(2) == 0) continue;
        if (!domain::may_move(body.body_case(), ticket_.state(), actor.role())) continue;
        moved = judge(&ticket_, said_by(body, actor));
      }
      if (!moved) judge(&ticket_, said_by(body, somebody));
    }
  }

  long decisions() const { return decisions_; }
  long events() const { return ticket_.version(); }

 private:
  std::int64_t below(std::int64_t n) {
    return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random_);
  }

  void pass_time() {
    constexpr std::int64_t hour = 3'600'000;
    const auto next = domain::next_timer(ticket_);
    switch (below(8)) {
      case 0: now_ += milliseconds(below(400 * 24 * hour)); break;
      case 1: now_ += milliseconds(below(12 * 24 * hour)); break;
      case 2:
      case 3:
        if (next && *next > now_) now_ = *next;
        break;
      case 4:
        if (next && *next > now_) now_ = *next + milliseconds(1);
        break;
      default: now_ += milliseconds(below(10 * hour)); break;
    }
  }

  bool judge(const v1::Ticket* before, const v1::Command& command) {
    const auto& land = small_province();
    ++decisions_;
    auto made = domain::decide(before, command, land, now_);
    // Without a copy of the ticket nothing is decided otherwise.
    const auto again = before ? domain::decide_on(*before, command, land, now_)
                              : domain::decide(before, command, land, now_);
    if (made.has_value() != again.has_value()) complain("another answer the second time", command);
    if (!made) {
      if (made.error().rule().empty()) complain("a rejection without a rule", command);
      return false;
    }
    if (made->ticket.SerializeAsString() != again->ticket.SerializeAsString()) {
      complain("another ticket the second time", command);
    }
    for (const auto& sentence : check_step(before, command, *made, now_)) {
      complain(sentence, command);
    }
    for (const auto& sentence : check_ticket(made->ticket)) complain(sentence, command);
    if (before && !command.has_tick()) compare_with_punctual_tick(*before, command, *made);
    const bool moved = !made->events.empty();
    if (moved) ticket_ = std::move(made->ticket);
    if (moved) {
      for (const auto& sentence : check_timers(ticket_, land, now_)) complain(sentence, command);
    }
    return moved;
  }

  /// Whether the sla service was late or not must make no difference to what a command does.
  void compare_with_punctual_tick(const v1::Ticket& before, const v1::Command& command,
                                  const domain::decision& made) {
    const auto next = domain::next_timer(before);
    if (made.events.empty() || !next || *next >= now_) return;
    auto ticked = domain::decide(&before, tick_command(), small_province(), now_);
    if (!ticked) return complain("a Tick was refused", command);
    // At its own instant a command comes first: a Tick before it would be early.
    const bool due_now = std::ranges::any_of(before.clocks(), [&](const v1::Clock& clock) {
      return clock.state() == v1::CLOCK_STATE_RUNNING &&
             std::ranges::find(clock.milestones(), to_unix_ms(now_), &v1::Milestone::at) !=
                 clock.milestones().end();
    });
    const auto after = domain::decide(&ticked->ticket, command, small_province(), now_);
    if (!after) return complain("a command depends on the Tick before it", command);
    if (!due_now && !after->events.empty() &&
        after->ticket.SerializeAsString() != made.ticket.SerializeAsString()) {
      complain("a late Tick changes what a command does", command);
    }
  }

  void complain(const std::string& sentence, const v1::Command& command) {
    FAIL("seed " << seed_ << ": " << sentence << "\nafter " << command.ShortDebugString() << "\n"
                 << ticket_.DebugString());
  }

  std::uint64_t seed_;
  std::mt19937_64 random_;
  v1::Ticket ticket_;
  instant now_{};
  long decisions_ = 0;
};

}  // namespace

TEST_CASE("long lives at random keep every promise") {
  const auto lives = setting("HOTLINE_WALKS", 1'000);
  const auto first = setting("HOTLINE_SEED", 1);
  long decisions = 0;
  long events = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (long seed = first; seed < first + lives; ++seed) {
    life l(static_cast<std::uint64_t>(seed));
    l.live();
    decisions += l.decisions();
    events += l.events();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  fmt::print("random lives: {} lives from seed {}, {} commands, {} events, {:.1f} s\n", lives,
             first, decisions, events, took.count());
}

TEST_CASE("decisions are fast") {
  const auto& land = small_province();
  const instant now = *domain::parse_civil_minute("2026-11-23 09:00");
  const auto create = create_command(v1::KIND_COMPLAINT, v1::URGENCY_NORMAL);
  const auto accepted = domain::decide(nullptr, create, land, now);
  REQUIRE(accepted.has_value());
  v1::Command dispatch;
  for (const auto& c : commands_at(now)) {
    if (c.has_dispatch() && c.dispatch().unit() == county_unit) dispatch = said_by(c, actors()[0]);
  }
  constexpr int rounds = 20'000;
  const auto measure = [&](const char* what, const v1::Ticket* t, const v1::Command& c) {
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) REQUIRE(domain::decide(t, c, land, now).has_value());
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begun;
    fmt::print("decide {}: {:.1f} us, {:.0f} a second\n", what, took.count() / rounds,
               rounds * 1e6 / took.count());
  };
  measure("create", nullptr, create);
  measure("dispatch", &accepted->ticket, dispatch);
}
