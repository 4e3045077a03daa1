#include "common/domain/derive.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace hotline::domain {
namespace {

bool runs(const v1::Clock& c) { return c.state() == v1::CLOCK_STATE_RUNNING; }

const v1::Clock* running_clock(const v1::Ticket& t, v1::ClockKind kind, std::int32_t assignment) {
  for (const auto& c : t.clocks()) {
    if (runs(c) && c.kind() == kind && c.assignment() == assignment) return &c;
  }
  return nullptr;
}

std::string_view running_unit(const v1::Ticket& t, v1::ClockKind kind) {
  for (const auto& c : t.clocks()) {
    if (runs(c) && c.kind() == kind) return c.unit();
  }
  return {};
}

bool has_open_supervision(const v1::Ticket& t) {
  return std::ranges::any_of(t.supervisions(), [](const v1::Supervision& s) {
    return s.state() != v1::SUPERVISION_STATE_CLOSED;
  });
}

bool is_returning(const v1::Ticket& t) {
  return std::ranges::any_of(t.requests(), [](const v1::Request& r) {
    return r.kind() == v1::REQUEST_KIND_RETURN && r.state() == v1::REQUEST_STATE_OPEN;
  });
}

std::int64_t opened_at(const v1::Ticket& t) {
  for (const auto& s : t.supervisions()) {
    if (s.state() != v1::SUPERVISION_STATE_CLOSED) return s.opened_at();
  }
  return 0;
}

class entries {
 public:
  void add(std::string key, double score) { list_.push_back({std::move(key), score}); }

  /// Adds what the board counts of a ticket a second time, under families of sensitive tickets.
  void repeat_counted() {
    constexpr std::array<std::string_view, 6> counted = {
        "queue:", "open:", "light:", "supervised:", "returned:", "closed:"};
    const auto size = list_.size();
    for (std::size_t i = 0; i < size; ++i) {
      const bool counts = std::ranges::any_of(
          counted, [&](std::string_view family) { return list_[i].key.starts_with(family); });
      if (!counts) continue;
      auto again = list_[i];
      again.key.insert(0, sensitive_prefix);
      list_.push_back(std::move(again));
    }
  }

  /// Of several entries for one key the earliest counts.
  std::vector<index_entry> take() && {
    std::ranges::sort(list_, [](const index_entry& a, const index_entry& b) {
      return a.key != b.key ? a.key < b.key : a.score < b.score;
    });
    const auto again = std::ranges::unique(
        list_, [](const index_entry& a, const index_entry& b) { return a.key == b.key; });
    list_.erase(again.begin(), again.end());
    return std::move(list_);
  }

 private:
  std::vector<index_entry> list_;
};

std::string key(std::string_view kind, std::string_view name) {
  std::string k;
  k.reserve(kind.size() + 1 + name.size());
  k.append(kind).append(1, ':').append(name);
  return k;
}

void add_parts(entries& out, const v1::Ticket& t, double no_due) {
  for (const auto& a : t.assignments()) {
    if (!is_open(a)) continue;
    const auto kind =
        a.role() == v1::ASSIGNMENT_ROLE_CO ? v1::CLOCK_KIND_CO_OPINION : v1::CLOCK_KIND_HANDLE;
    const auto* clock = running_clock(t, kind, a.id());
    out.add(key("open", a.unit()), clock ? static_cast<double>(clock->due_at()) : no_due);
  }
  for (const auto& c : t.clocks()) {
    if (runs(c)) out.add(key("open", c.unit()), static_cast<double>(c.due_at()));
  }
}

/// Entries for those whose numbers must leave out what they may not see.
void add_guarded(entries& out, const v1::Ticket& t, double created) {
  if (!is_open(t.state()) && t.state() != v1::STATE_CLOSED) return;
  const auto& about = t.intake().matter().complained_unit();
  if (!about.empty()) out.add(key("complained", about), created);
  if (t.intake().sensitivity() != v1::SENSITIVITY_SENSITIVE) return;
  out.repeat_counted();
  for (const auto& a : t.assignments()) {
    const bool lost =
        a.state() == v1::ASSIGNMENT_STATE_RETURNED || a.state() == v1::ASSIGNMENT_STATE_MOVED;
    if (!lost) out.add(key("sensitive", a.unit()), created);
  }
}

}  // namespace

bool is_open(v1::State state) {
  switch (state) {
    case v1::STATE_DRAFT:
    case v1::STATE_ACCEPTED:
    case v1::STATE_ANSWERED:
    case v1::STATE_DISPATCHED:
    case v1::STATE_HANDLING:
    case v1::STATE_SUSPENDED:
    case v1::STATE_REPLIED:
    case v1::STATE_REVIEWED:
    case v1::STATE_REWORK:
    case v1::STATE_TRANSFERRED: return true;
    case v1::STATE_UNSPECIFIED:
    case v1::STATE_CLOSED:
    case v1::STATE_ARCHIVED:
    case v1::STATE_REJECTED:
    case v1::STATE_WITHDRAWN:
    case v1::STATE_MERGED:
    case v1::STATE_TERMINATED:
    case v1::State_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::State_INT_MAX_SENTINEL_DO_NOT_USE_: return false;
  }
  return false;
}

bool is_open(const v1::Assignment& assignment) {
  switch (assignment.state()) {
    case v1::ASSIGNMENT_STATE_WAITING:
    case v1::ASSIGNMENT_STATE_HANDLING:
    case v1::ASSIGNMENT_STATE_HANDED_DOWN:
    case v1::ASSIGNMENT_STATE_REPLIED: return true;
    case v1::ASSIGNMENT_STATE_UNSPECIFIED:
    case v1::ASSIGNMENT_STATE_DONE:
    case v1::ASSIGNMENT_STATE_RETURNED:
    case v1::ASSIGNMENT_STATE_MOVED:
    case v1::ASSIGNMENT_STATE_CANCELLED:
    case v1::AssignmentState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::AssignmentState_INT_MAX_SENTINEL_DO_NOT_USE_: return false;
  }
  return false;
}

const v1::Assignment* current_assignment(const v1::Ticket& ticket) {
  const v1::Assignment* found = nullptr;
  for (const auto& a : ticket.assignments()) {
    if (a.role() == v1::ASSIGNMENT_ROLE_MAIN && is_open(a) &&
        a.state() != v1::ASSIGNMENT_STATE_HANDED_DOWN) {
      found = &a;
    }
  }
  return found;
}

std::string_view accountable_unit(const v1::Ticket& t) {
  if (is_open(t.state()) && !t.escalated_to().empty()) return t.escalated_to();
  switch (t.state()) {
    case v1::STATE_DISPATCHED:
    case v1::STATE_HANDLING:
    case v1::STATE_REWORK:
    case v1::STATE_SUSPENDED: {
      const auto* a = current_assignment(t);
      return a ? std::string_view(a->unit()) : std::string_view(t.desk());
    }
    case v1::STATE_REPLIED: {
      const auto reviewer = running_unit(t, v1::CLOCK_KIND_REVIEW);
      return reviewer.empty() ? std::string_view(t.desk()) : reviewer;
    }
    default: return is_open(t.state()) ? std::string_view(t.desk()) : std::string_view();
  }
}

std::optional<return_wait> waits_returned(const v1::Ticket& t) {
  if (!is_open(t.state())) return std::nullopt;
  for (const auto& r : t.requests()) {
    if (r.kind() == v1::REQUEST_KIND_RETURN && r.state() == v1::REQUEST_STATE_OPEN) {
      return return_wait{r.decider_unit(), r.asked_at()};
    }
  }
  // Otherwise the last main part says it: whatever came after a return has a part of its own.
  const v1::Assignment* last = nullptr;
  for (const auto& a : t.assignments()) {
    if (a.role() == v1::ASSIGNMENT_ROLE_MAIN) last = &a;
  }
  if (last == nullptr || last->state() != v1::ASSIGNMENT_STATE_RETURNED) return std::nullopt;
  if (t.state() == v1::STATE_ACCEPTED) return return_wait{t.desk(), last->ended_at()};
  const auto* holder = current_assignment(t);
  if (t.state() != v1::STATE_HANDLING || holder == nullptr || holder->id() != last->parent()) {
    return std::nullopt;
  }
  return return_wait{holder->unit(), last->ended_at()};
}

closing closing_of(const v1::Ticket& t) {
  const v1::Assignment* handler = nullptr;
  for (const auto& a : t.assignments()) {
    if (a.role() == v1::ASSIGNMENT_ROLE_MAIN && a.replied_at() != 0) handler = &a;
  }
  if (handler == nullptr) return {t.desk(), !t.overdue()};
  // A rework has a part of its own; being late once stays late.
  const bool late = std::ranges::any_of(t.assignments(), [&](const v1::Assignment& a) {
    return a.role() == v1::ASSIGNMENT_ROLE_MAIN && a.unit() == handler->unit() && a.overdue();
  });
  return {handler->unit(), !late};
}

const v1::Clock* leading_clock(const v1::Ticket& ticket) {
  const auto* a = current_assignment(ticket);
  const v1::Clock* earliest = nullptr;
  for (const auto& c : ticket.clocks()) {
    if (!runs(c)) continue;
    const bool main = c.kind() == v1::CLOCK_KIND_HANDLE || c.kind() == v1::CLOCK_KIND_REWORK;
    if (main && a && c.assignment() == a->id()) return &c;
    if (!earliest || c.due_at() < earliest->due_at()) earliest = &c;
  }
  return earliest;
}

std::optional<instant> next_timer(const v1::Ticket& ticket) {
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  for (const auto& c : ticket.clocks()) {
    if (runs(c) && !c.milestones().empty()) next = std::min(next, c.milestones(0).at());
  }
  if (next == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return from_unix_ms(next);
}

double queue_score(const v1::Ticket& t) {
  // While its return is being decided nobody signs it.
  const bool to_be_signed = t.state() == v1::STATE_DISPATCHED && !is_returning(t);
  // A breach on the way up waits for the superior, first in its queue.
  const bool escalated = !t.escalated_to().empty();
  const bool taken =
      !escalated && (t.state() == v1::STATE_HANDLING || t.state() == v1::STATE_REWORK ||
                     t.state() == v1::STATE_SUSPENDED || t.state() == v1::STATE_TRANSFERRED);
  int band = 3;
  if (t.urgency() == v1::URGENCY_CRITICAL) {
    band = 0;
  } else if (t.urgency() == v1::URGENCY_URGENT) {
    band = 1;
  } else if (t.priority()) {
    band = 2;
  }
  if (escalated) {
    band = -1;
  } else if (taken) {
    band = t.state() == v1::STATE_SUSPENDED ? 9 : 8;
  } else if (!to_be_signed) {
    band += 4;  // waits, but is not there to be signed
  }
  const auto* clock = leading_clock(t);
  const auto due = clock ? clock->due_at() : t.created_at();
  return band * score_band + static_cast<double>(due);
}

bool is_claimable(double score) { return score >= 0 && score < 4 * score_band; }

std::vector<index_entry> derive(const v1::Ticket& t) {
  entries out;
  const auto created = static_cast<double>(t.created_at());
  out.add("all", created);
  if (!t.intake().caller().phone_index().empty()) {
    out.add(key("caller", t.intake().caller().phone_index()), created);
  }
  if (const auto next = next_timer(t)) {
    out.add("timers", static_cast<double>(to_unix_ms(*next)));
  }
  if (is_open(t.state())) {
    out.add(key("queue", accountable_unit(t)), queue_score(t));
    add_parts(out, t, created);
    if (const auto* a = current_assignment(t)) {
      if (a->light() != v1::LIGHT_UNSPECIFIED) {
        const auto* clock = leading_clock(t);
        out.add(key("light", a->unit()),
                static_cast<double>(static_cast<int>(a->light())) * score_band +
                    (clock ? static_cast<double>(clock->due_at()) : created));
      }
      if (has_open_supervision(t)) {
        out.add(key("supervised", a->unit()), static_cast<double>(opened_at(t)));
      }
    }
    if (const auto wait = waits_returned(t)) {
      out.add(key("returned", wait->unit), static_cast<double>(wait->since_ms));
    }
  } else if (t.state() == v1::STATE_CLOSED) {
    const auto end = closing_of(t);
    out.add(key("closed", end.unit),
            static_cast<double>(t.closed_at()) + (end.on_time ? 0 : score_band));
  }
  add_guarded(out, t, created);
  return std::move(out).take();
}

}  // namespace hotline::domain
