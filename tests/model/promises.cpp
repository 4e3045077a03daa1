#include "promises.hpp"

#include <algorithm>

#include "catalogue.hpp"
#include "common/domain/apply.hpp"
#include "common/domain/derive.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/sight.hpp"
#include "oracle.hpp"
#include "small_province.hpp"

namespace hotline::model {
namespace {

void check_clocks(const v1::Ticket& t, findings& broken) {
  for (const auto& c : t.clocks()) {
    const bool being_returned =
        c.kind() == v1::CLOCK_KIND_SIGN &&
        std::ranges::any_of(t.requests(), [](const v1::Request& r) {
          return r.kind() == v1::REQUEST_KIND_RETURN && r.state() == v1::REQUEST_STATE_OPEN;
        });
    const bool awaits_material =
        c.kind() == v1::CLOCK_KIND_PARTNER_ANSWER && domain::awaits_supplement(t);
    if (c.state() == v1::CLOCK_STATE_PAUSED && t.state() != v1::STATE_SUSPENDED &&
        !being_returned && !awaits_material) {
      broken.push_back("a clock stands still although the ticket is not suspended");
    }
    if (c.state() != v1::CLOCK_STATE_RUNNING) continue;
    if (c.unit().empty()) broken.push_back("a running clock is nobody's");
    if (c.milestones().empty()) broken.push_back("a running clock has no milestone");
    if (!std::ranges::is_sorted(c.milestones(), {}, &v1::Milestone::at)) {
      broken.push_back("milestones are out of order");
    }
    for (const auto& a : t.assignments()) {
      if (a.id() == c.assignment() && !domain::is_open(a)) {
        broken.push_back("a clock of an ended part runs: " + v1::ClockKind_Name(c.kind()));
      }
    }
    const bool of_order = c.kind() == v1::CLOCK_KIND_SUPERVISION_ANSWER;
    const bool order_open = std::ranges::any_of(t.supervisions(), [&](const v1::Supervision& s) {
      return s.id() == c.subject() && s.state() == v1::SUPERVISION_STATE_OPEN;
    });
    if (of_order && !order_open) broken.push_back("an answered order still has a clock");
    const bool of_request =
        c.kind() == v1::CLOCK_KIND_RETURN_DECISION || c.kind() == v1::CLOCK_KIND_EXTENSION_DECISION;
    const bool asked = std::ranges::any_of(t.requests(), [&](const v1::Request& r) {
      return r.id() == c.subject() && r.state() == v1::REQUEST_STATE_OPEN;
    });
    if (of_request && !asked) broken.push_back("a decided request still has a clock");
  }
}

/// The steps of a ticket are timed by the urgency it has now, whatever it was when they began.
void check_urgency(const v1::Ticket& t, findings& broken) {
  const auto& policy = small_province().policy;
  for (const auto& c : t.clocks()) {
    const bool step = c.kind() == v1::CLOCK_KIND_DISPATCH || c.kind() == v1::CLOCK_KIND_SIGN ||
                      c.kind() == v1::CLOCK_KIND_REVIEW || c.kind() == v1::CLOCK_KIND_FIRST_RESULT;
    if (!step || c.state() != v1::CLOCK_STATE_RUNNING) continue;
    const auto allowed = policy.step_limit(c.kind(), t.urgency());
    if (!allowed || c.limit() != domain::format(*allowed)) {
      broken.push_back("a step is timed by another urgency: " + v1::ClockKind_Name(c.kind()));
    }
  }
}

void check_limits(const v1::Ticket& t, findings& broken) {
  for (const auto& c : t.clocks()) {
    if (c.kind() != v1::CLOCK_KIND_HANDLE || c.state() != v1::CLOCK_STATE_RUNNING) continue;
    for (const auto& a : t.assignments()) {
      if (a.id() != c.assignment() || a.parent() == 0) continue;
      for (const auto& above : t.clocks()) {
        const bool parent = above.kind() == c.kind() && above.assignment() == a.parent() &&
                            above.state() == v1::CLOCK_STATE_RUNNING;
        if (parent && c.due_at() > above.due_at() && above.due_at() > c.started_at()) {
          broken.push_back("a handed-down part is due after the part above it");
        }
      }
    }
  }
}

void check_parts(const v1::Ticket& t, bool open, findings& broken) {
  int mains = 0;
  for (const auto& a : t.assignments()) {
    if (!domain::is_open(a)) continue;
    if (!open) broken.push_back("an ended ticket has an open part");
    const bool handed_down = a.state() == v1::ASSIGNMENT_STATE_HANDED_DOWN;
    if (a.role() == v1::ASSIGNMENT_ROLE_MAIN && !handed_down) ++mains;
    const bool has_child = std::ranges::any_of(t.assignments(), [&](const v1::Assignment& b) {
      return b.parent() == a.id() && domain::is_open(b);
    });
    if (handed_down && !has_child) broken.push_back("a part waits for nobody below");
    const auto same = std::ranges::count_if(t.assignments(), [&](const v1::Assignment& b) {
      return domain::is_open(b) && b.unit() == a.unit();
    });
    if (same > 1) broken.push_back("a unit has two open parts");
  }
  const bool handled = t.state() == v1::STATE_DISPATCHED || t.state() == v1::STATE_HANDLING ||
                       t.state() == v1::STATE_REWORK || t.state() == v1::STATE_SUSPENDED ||
                       t.state() == v1::STATE_REPLIED;
  if (mains != (handled ? 1 : 0)) broken.push_back("not exactly one unit handles");
}

bool has_ended(v1::State s) { return s != v1::STATE_UNSPECIFIED && !domain::is_open(s); }

/// Whoever has to act on a ticket, or decide or answer about it, sees it.
void check_sight(const v1::Ticket& t, findings& broken) {
  const auto& org = small_province().org;
  const auto sees = [&](std::string_view unit, const std::string& why) {
    v1::Actor lead;
    lead.set_user("u");
    lead.set_unit(std::string(unit));
    lead.set_role(v1::ROLE_LEAD);
    if (domain::sight_of(org, lead, t).how != domain::sight::extent::whole) {
      broken.push_back(why + " does not see the ticket: " + lead.unit());
    }
  };
  if (const auto unit = domain::accountable_unit(t); !unit.empty())
    sees(unit, "who is accountable");
  for (const auto& c : t.clocks()) {
    if (c.state() == v1::CLOCK_STATE_RUNNING) sees(c.unit(), "who is timed");
  }
  for (const auto& r : t.requests()) {
    if (r.state() == v1::REQUEST_STATE_OPEN) sees(r.decider_unit(), "who decides");
  }
  for (const auto& o : t.supervisions()) {
    if (o.state() == v1::SUPERVISION_STATE_CLOSED) continue;
    sees(o.unit(), "who answers an order");
    sees(o.by_unit(), "who gave an order");
  }
}

}  // namespace

findings check_ticket(const v1::Ticket& t) {
  findings broken;
  const bool open = domain::is_open(t.state());
  if (domain::accountable_unit(t).empty() == open) broken.push_back("accountable unit");
  int queues = 0;
  int timers = 0;
  std::string last;
  for (const auto& e : domain::derive(t)) {
    queues += e.key.starts_with("queue:") ? 1 : 0;
    timers += e.key == "timers" ? 1 : 0;
    if (e.key <= last) broken.push_back("index keys are not sorted and unique");
    last = e.key;
  }
  if (queues != (open ? 1 : 0)) broken.push_back("not exactly one place in a queue");
  const bool merged_still = t.state() == v1::STATE_MERGED && t.closed_at() == 0;
  const bool timeless = t.state() == v1::STATE_ARCHIVED || merged_still;
  if (timers != (timeless ? 0 : 1)) broken.push_back("not exactly one next timer");
  if (!open && !t.escalated_to().empty()) broken.push_back("an ended ticket is escalated");
  check_clocks(t, broken);
  check_urgency(t, broken);
  check_limits(t, broken);
  check_parts(t, open, broken);
  check_sight(t, broken);
  return broken;
}

findings check_step(const v1::Ticket* before, const v1::Command& command,
                    const domain::decision& made, instant now) {
  findings broken;
  const bool keeps = command.actor().role() == v1::ROLE_ADMINISTRATOR;
  if (before && !keeps &&
      domain::sight_of(small_province().org, command.actor(), *before).how !=
          domain::sight::extent::whole) {
    broken.push_back("a command was accepted from somebody who does not see the ticket");
  }
  v1::Ticket folded = before ? *before : v1::Ticket();
  bool reopens = false;
  for (const auto& e : made.events) {
    if (e.version() != folded.version() + 1) broken.push_back("a gap in the versions");
    if (e.at() != to_unix_ms(now)) broken.push_back("an event of another instant");
    if (e.has_rung() && e.rung().scheduled_at() > e.at()) broken.push_back("a rung came early");
    const bool was_ended = has_ended(folded.state());
    domain::apply(folded, e);
    if (was_ended && domain::is_open(folded.state())) reopens = true;
  }
  if (folded.SerializeAsString() != made.ticket.SerializeAsString()) {
    broken.push_back("the fold of the events is not the ticket");
  }
  if (reopens && !command.has_rework() && !command.has_unmerge()) {
    broken.push_back("an ended ticket came back");
  }
  if (before && !made.events.empty()) {
    if (auto why = trespass(*before, command)) broken.push_back(*why);
  }
  // A command that changes nothing leaves what is due to the next Tick.
  const auto next = domain::next_timer(made.ticket);
  if (!made.events.empty() && next && *next < now) {
    broken.push_back("a timer was left behind");
  }
  return broken;
}

findings check_timers(const v1::Ticket& ticket, const domain::province& land, instant now) {
  findings broken;
  const auto next = domain::next_timer(ticket);
  if (!next) return broken;
  const auto early = std::max(now, *next - milliseconds(1));
  if (early < *next) {
    const auto nothing = domain::decide(&ticket, tick_command(), land, early);
    if (!nothing || !nothing->events.empty()) broken.push_back("a Tick before its time");
  }
  const auto at = std::max(now, *next);
  const auto fired = domain::decide(&ticket, tick_command(), land, at);
  if (!fired || fired->events.empty()) {
    broken.push_back("a due Tick did nothing");
    return broken;
  }
  for (auto& sentence : check_step(&ticket, tick_command(), *fired, at)) {
    broken.push_back("after a Tick: " + sentence);
  }
  if (fired->ticket.state() == v1::STATE_ARCHIVED) return broken;
  const auto again = domain::decide(&fired->ticket, tick_command(), land, at);
  if (!again || !again->events.empty()) broken.push_back("a second Tick did something");
  return broken;
}

bool can_finish(v1::Ticket ticket, const domain::province& land, instant now) {
  // Those moves of the catalogue that lead towards the end, in the order people would try them.
  const auto wanted = [](const v1::Command& c) {
    return c.has_sign() || c.has_give_opinion() || c.has_record_contact() || c.has_reply() ||
           c.has_resume() || (c.has_review() && c.review().pass()) || c.has_check_answer() ||
           c.has_dispatch() ||
           (c.has_supplement() && c.supplement().intake().source() == v1::SOURCE_PHONE) ||
           (c.has_decide_return() && !c.decide_return().uphold()) ||
           (c.has_record_partner_answer() && !c.record_partner_answer().refused()) ||
           (c.has_record_visit() && c.record_visit().visit().solved() == v1::SOLVED_YES) ||
           (c.has_decide_extension() && !c.decide_extension().grant());
  };
  std::vector<v1::Command> towards;
  for (const auto& command : commands_at(now)) {
    if (wanted(command)) towards.push_back(command);
  }
  for (int steps = 0; steps < 30 && domain::is_open(ticket.state()); ++steps) {
    bool moved = false;
    for (const auto& command : towards) {
      // Contact once is enough.
      const auto* a = domain::current_assignment(ticket);
      if (command.has_record_contact() && a && a->contacted_at() != 0) continue;
      if (command.has_supplement() && ticket.state() != v1::STATE_DRAFT) continue;
      for (const auto& actor : actors()) {
        auto made = domain::decide(&ticket, said_by(command, actor), land, now);
        if (!made || made->events.empty()) continue;
        ticket = std::move(made->ticket);
        moved = true;
        break;
      }
      if (moved) break;
    }
    if (!moved) return false;
  }
  return !domain::is_open(ticket.state());
}

}  // namespace hotline::model
