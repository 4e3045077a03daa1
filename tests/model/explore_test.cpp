// The model check: every sequence of commands by everybody, to a stated depth, from several points
// of a ticket's life, breadth first. States that differ only in when they happened are one state.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "catalogue.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "promises.hpp"
#include "small_province.hpp"

namespace {

using namespace hotline;
using namespace hotline::model;

constexpr auto two_hours = std::chrono::hours(2);

long setting(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtol(text, nullptr, 10) : otherwise;
}

/// An instant as the rules can still tell it: how far from now; 0 stays "not yet".
std::int64_t relative(std::int64_t at, instant now) {
  return at == 0 ? 0 : at - to_unix_ms(now) + 1;
}

/// The ticket without what only tells its past, its instants counted from now.
std::string canonical(const v1::Ticket& ticket, instant now) {
  v1::Ticket t = ticket;
  t.clear_version();
  // Of what was taken down, what the rules look at; words only once, when they are said.
  auto& intake = *t.mutable_intake();
  const bool urgent_words = intake.matter().content().find("跳楼") != std::string::npos;
  intake.mutable_matter()->set_content(urgent_words ? "!" : "");
  intake.clear_title();
  t.clear_created_at();
  t.clear_accepted_at();
  t.clear_urges();
  t.clear_contacts();
  t.set_replied_at(t.replied_at() != 0 ? 1 : 0);
  t.set_closed_at(t.closed_at() != 0 ? 1 : 0);
  t.set_dispatched_at(relative(t.dispatched_at(), now));
  t.set_suspended_at(relative(t.suspended_at(), now));
  t.mutable_reply()->clear_replied_at();
  for (auto& a : *t.mutable_assignments()) {
    a.set_dispatched_at(relative(a.dispatched_at(), now));
    a.set_signed_at(a.signed_at() != 0 ? 1 : 0);
    a.set_contacted_at(a.contacted_at() != 0 ? 1 : 0);
    a.set_reported_at(a.reported_at() != 0 ? 1 : 0);
    a.set_replied_at(a.replied_at() != 0 ? 1 : 0);
    a.set_ended_at(a.ended_at() != 0 ? 1 : 0);
    a.clear_officer();
  }
  auto& clocks = *t.mutable_clocks();
  const auto gone = std::remove_if(clocks.begin(), clocks.end(), [](const v1::Clock& c) {
    return c.state() != v1::CLOCK_STATE_RUNNING && c.state() != v1::CLOCK_STATE_PAUSED;
  });
  clocks.erase(gone, clocks.end());
  for (auto& c : clocks) {
    c.set_started_at(relative(c.started_at(), now));
    c.set_due_at(relative(c.due_at(), now));
    c.set_cap_at(relative(c.cap_at(), now));
    c.set_resumed_at(relative(c.resumed_at(), now));
    for (auto& m : *c.mutable_milestones()) m.set_at(relative(m.at(), now));
  }
  for (auto& r : *t.mutable_requests()) {
    r.clear_asked_at();
    r.clear_decided_at();
    r.clear_from_unit();
  }
  for (auto& s : *t.mutable_supervisions()) {
    s.clear_opened_at();
    s.clear_answered_at();
    s.clear_closed_at();
  }
  for (auto& v : *t.mutable_visits()) v.set_visited_at(relative(v.visited_at(), now));
  for (auto& x : *t.mutable_transfers()) {
    x.clear_sent_at();
    x.clear_answered_at();
  }
  // The calendar looks at the weekday and the hour.
  constexpr std::int64_t week_ms = 7LL * 24 * 3600 * 1000;
  return t.SerializeAsString() + std::to_string(to_unix_ms(now) % week_ms);
}

struct node {
  v1::Ticket ticket;
  instant now;
  int depth;
};

class explorer {
 public:
  explorer(int depth_max, long states_max) : depth_max_(depth_max), states_max_(states_max) {}

  void run() {
    while (!frontier_.empty() && states() < states_max_) {
      const node at = std::move(frontier_.front());
      frontier_.pop_front();
      deepest_ = std::max(deepest_, at.depth);
      if (at.depth < depth_max_) expand(at);
    }
  }

  long states() const { return static_cast<long>(seen_.size()); }
  std::string summary() const {
    return fmt::format("{} states, {} accepted and {} rejected commands, depth {} ({} {})",
                       states(), accepted_, rejected_, deepest_, frontier_.size(),
                       frontier_.empty() ? "left: complete" : "states not expanded");
  }

  void reach(v1::Ticket ticket, instant now, int depth) {
    if (!seen_.insert(std::hash<std::string>()(canonical(ticket, now))).second) return;
    report(check_ticket(ticket), ticket, "");
    report(check_timers(ticket, small_province(), now), ticket, "");
    if (domain::is_open(ticket.state()) && !can_finish(ticket, small_province(), now)) {
      report({"no way to an end was found"}, ticket, "");
    }
    frontier_.push_back({std::move(ticket), now, depth});
  }

 private:
  void expand(const node& at) {
    for (const auto& body : commands_at(at.now)) {
      for (const auto& actor : actors()) try_command(at, said_by(body, actor), at.now);
    }
    try_command(at, tick_command(), at.now + two_hours);
    if (const auto next = domain::next_timer(at.ticket); next && *next > at.now) {
      try_command(at, tick_command(), *next);
    }
    // Time that passes without anybody noticing.
    reach_later(at, at.now + two_hours);
  }

  void reach_later(const node& at, instant later) {
    const auto next = domain::next_timer(at.ticket);
    if (!next || *next > later) reach(at.ticket, later, at.depth + 1);
  }

  void try_command(const node& at, const v1::Command& command, instant now) {
    const auto before = at.ticket.SerializeAsString();
    const auto made = domain::decide(&at.ticket, command, small_province(), now);
    if (at.ticket.SerializeAsString() != before) {
      report({"a decision changed its argument"}, at.ticket, command.ShortDebugString());
    }
    if (!made) {
      ++rejected_;
      return;
    }
    ++accepted_;
    report(check_step(&at.ticket, command, *made, now), made->ticket, command.ShortDebugString());
    if (!made->events.empty()) reach(made->ticket, now, at.depth + 1);
  }

  void report(const findings& broken, const v1::Ticket& ticket, const std::string& command) {
    for (const auto& sentence : broken) {
      if (++complaints_[sentence.substr(0, 40)] > 1) continue;
      FAIL_CHECK(sentence << "\nafter " << command << "\n" << ticket.DebugString());
    }
  }

  int depth_max_;
  long states_max_;
  std::deque<node> frontier_;
  std::unordered_set<std::size_t> seen_;
  std::unordered_map<std::string, int> complaints_;
  long accepted_ = 0;
  long rejected_ = 0;
  int deepest_ = 0;
};

/// A ticket after these bodies, each said by the first actor who may, an hour apart.
void seed(explorer& e, const v1::Command& create,
          std::initializer_list<v1::Command::BodyCase> path) {
  instant now = *domain::parse_civil_minute("2026-11-23 09:00");
  auto made = domain::decide(nullptr, create, small_province(), now);
  REQUIRE(made.has_value());
  for (const auto body : path) {
    now += std::chrono::hours(1);
    bool moved = false;
    for (const auto& command : commands_at(now)) {
      for (const auto& actor : actors()) {
        if (moved || command.body_case() != body) continue;
        auto next = domain::decide(&made->ticket, said_by(command, actor), small_province(), now);
        if (!next || next->events.empty()) continue;
        made = std::move(next);
        moved = true;
      }
    }
    REQUIRE_MESSAGE(moved, "the path stops at body ", static_cast<int>(body));
  }
  e.reach(made->ticket, now, 0);
}

void seed(explorer& e, v1::Urgency urgency, std::initializer_list<v1::Command::BodyCase> path) {
  seed(e, create_command(v1::KIND_COMPLAINT, urgency), path);
}

}  // namespace

TEST_CASE("no sequence of commands breaks a promise") {
  using c = v1::Command;
  explorer e(static_cast<int>(setting("HOTLINE_MODEL_DEPTH", 2)),
             setting("HOTLINE_MODEL_STATES", 60'000));
  for (const auto urgency : {v1::URGENCY_NORMAL, v1::URGENCY_CRITICAL}) {
    seed(e, urgency, {});
    seed(e, urgency, {c::kDispatch});
    seed(e, urgency, {c::kDispatch, c::kSign});
    seed(e, urgency, {c::kDispatch, c::kSign, c::kHandDown});
    seed(e, urgency, {c::kDispatch, c::kSign, c::kRecordContact, c::kReply});
    seed(e, urgency, {c::kDispatch, c::kSign, c::kRecordContact, c::kReply, c::kReview});
  }
  seed(e, v1::URGENCY_URGENT, {c::kDispatch});
  seed(e, v1::URGENCY_URGENT, {c::kDispatch, c::kSign, c::kHandDown});
  seed(e, create_draft(), {});
  seed(e, create_draft(), {c::kAnswerDirectly});
  seed(e, create_about_union(v1::URGENCY_NORMAL), {});
  seed(e, create_about_union(v1::URGENCY_NORMAL), {c::kDispatch, c::kSign});
  seed(e, v1::URGENCY_NORMAL,
       {c::kDispatch, c::kSign, c::kRequestSuspension, c::kDecideSuspension});
  seed(e, v1::URGENCY_NORMAL,
       {c::kDispatch, c::kSign, c::kHandDown, c::kSign, c::kRequestExtension});
  const auto begun = std::chrono::steady_clock::now();
  e.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  fmt::print("model check: {}, {:.1f} s\n", e.summary(), took.count());
  CHECK(e.states() > 1'000);
}
