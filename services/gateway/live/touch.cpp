#include "services/gateway/live/touch.hpp"

#include <algorithm>
#include <string_view>

#include "common/domain/derive.hpp"

namespace hotline::gateway::live {
namespace {

void add(std::vector<std::string>& list, std::string_view name) {
  if (name.empty() || std::ranges::find(list, name) != list.end()) return;
  list.emplace_back(name);
}

}  // namespace

void touch::merge(const touch& other) {
  for (const auto& unit : other.units) add(units, unit);
  for (const auto& user : other.users) add(users, user);
  escalation_changed = escalation_changed || other.escalation_changed;
}

touch touch_of(const v1::Event& event) {
  touch out;
  const v1::Change& change = event.change();
  for (const auto& a : change.assignments()) {
    add(out.units, a.unit());
    add(out.users, a.officer());
  }
  for (const auto& c : change.clocks()) add(out.units, c.unit());
  for (const auto& s : change.supervisions()) {
    add(out.units, s.unit());
    add(out.units, s.by_unit());
  }
  for (const auto& r : change.requests()) {
    add(out.units, r.from_unit());
    add(out.units, r.decider_unit());
  }
  for (const auto& t : change.transfers()) add(out.units, t.partner());
  add(out.units, change.desk());
  add(out.units, change.returned_by());
  add(out.units, change.escalated_to());
  add(out.units, event.rung().unit());
  out.escalation_changed = change.has_escalated_to();
  return out;
}

concerned concerned_by(const touch& changed, const v1::Ticket& now,
                       const domain::organisation& org) {
  concerned out;
  out.queues = changed.units;
  add(out.queues, domain::accountable_unit(now));
  if (changed.escalation_changed) {
    const auto add_line = [&](std::string_view unit) {
      add(out.queues, unit);
      for (const auto above : org.ancestors(unit)) add(out.queues, above);
    };
    for (const auto& a : now.assignments()) add_line(a.unit());
    add_line(now.desk());
  }
  out.parts = changed.units;
  add(out.parts, now.desk());
  add(out.parts, now.escalated_to());
  out.users = changed.users;
  for (const auto& a : now.assignments()) {
    add(out.parts, a.unit());
    if (domain::is_open(a)) add(out.users, a.officer());
  }
  for (const auto& t : now.transfers()) add(out.parts, t.partner());
  return out;
}

}  // namespace hotline::gateway::live
