#include "common/domain/move.hpp"

#include <algorithm>

#include "common/base/assert.hpp"
#include "common/domain/apply.hpp"

namespace hotline::domain {
namespace {

bool alive(const v1::Clock& c) {
  return c.state() == v1::CLOCK_STATE_RUNNING || c.state() == v1::CLOCK_STATE_PAUSED;
}

/// The item of an id in the change, copied there from the ticket at first touch.
template <class List>
auto& edit(List& changed, const List& stored, std::int32_t id) {
  auto with_id = [&](const auto& item) { return item.id() == id; };
  if (auto found = std::ranges::find_if(changed, with_id); found != changed.end()) return *found;
  const auto original = std::ranges::find_if(stored, with_id);
  HL_ASSERT(original != stored.end(), "only items of the ticket are edited");
  auto* copy = changed.Add();
  *copy = *original;
  return *copy;
}

}  // namespace

move::move(const v1::Ticket* current, const v1::Command& command, const province& land, instant now)
    : stands_(current ? current : &ticket_), command_(command), land_(land), now_(now) {}

move::move(v1::Ticket current, const v1::Command& command, const province& land, instant now)
    : ticket_(std::move(current)), stands_(&ticket_), command_(command), land_(land), now_(now) {}

void move::finish() {
  if (!open_) return;
  if (stands_ != &ticket_) {
    ticket_ = *stands_;
    stands_ = &ticket_;
  }
  apply(ticket_, events_.back());
  open_ = false;
  assignments_added_ = 0;
  subjects_added_ = 0;
}

void move::begin_command() {
  finish();
  events_before_command_ = events_.size();
  speaking_ = true;
}

void move::end_command() {
  finish();
  speaking_ = false;
}

v1::Change& move::event(v1::EventKind kind) {
  finish();
  auto& e = events_.emplace_back();
  e.set_ticket_no(ticket().no().empty() ? command_.ticket_no() : ticket().no());
  e.set_version(ticket().version() + 1);
  e.set_at(now_ms());
  e.set_kind(kind);
  if (speaking_) {
    *e.mutable_actor() = command_.actor();
    e.mutable_actor()->clear_other_units();  // decided with, and nobody else's business
    e.set_command_id(command_.id());
  } else {
    e.mutable_actor()->set_user("clock");
    e.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  }
  const bool words_in_change = command_.has_create() || command_.has_supplement() ||
                               command_.has_reply() || command_.has_tick();
  if (speaking_ && events_.size() == events_before_command_ + 1 && !words_in_change) {
    *e.mutable_cause() = command_;
    e.mutable_cause()->clear_id();
    e.mutable_cause()->clear_actor();
    e.mutable_cause()->clear_ticket_no();
    e.mutable_cause()->clear_expected_version();
  }
  open_ = true;
  return *e.mutable_change();
}

v1::Event& move::current_event() {
  HL_ASSERT(open_, "an event is being written");
  return events_.back();
}

v1::Change& move::change() { return *current_event().mutable_change(); }

v1::Ticket move::take_ticket() && {
  finish();
  return stands_ == &ticket_ ? std::move(ticket_) : *stands_;
}

std::vector<v1::Event> move::take_events() && {
  finish();
  return std::move(events_);
}

v1::Assignment& move::edit_assignment(std::int32_t id) {
  return edit(*change().mutable_assignments(), ticket().assignments(), id);
}
v1::Request& move::edit_request(std::int32_t id) {
  return edit(*change().mutable_requests(), ticket().requests(), id);
}
v1::Supervision& move::edit_supervision(std::int32_t id) {
  return edit(*change().mutable_supervisions(), ticket().supervisions(), id);
}
v1::Transfer& move::edit_transfer(std::int32_t id) {
  return edit(*change().mutable_transfers(), ticket().transfers(), id);
}

v1::Assignment& move::add_assignment() {
  auto* a = change().add_assignments();
  a->set_id(std::max(ticket().next_assignment(), 1) + assignments_added_++);
  a->set_dispatched_at(now_ms());
  a->set_state(v1::ASSIGNMENT_STATE_WAITING);
  return *a;
}

v1::Request& move::add_request(v1::RequestKind kind) {
  auto* r = change().add_requests();
  r->set_id(std::max(ticket().next_subject(), 1) + subjects_added_++);
  r->set_kind(kind);
  r->set_state(v1::REQUEST_STATE_OPEN);
  r->set_from_unit(actor().unit());
  r->set_asked_at(now_ms());
  return *r;
}

v1::Supervision& move::add_supervision() {
  auto* s = change().add_supervisions();
  s->set_id(std::max(ticket().next_subject(), 1) + subjects_added_++);
  s->set_state(v1::SUPERVISION_STATE_OPEN);
  s->set_opened_at(now_ms());
  return *s;
}

v1::Transfer& move::add_transfer() {
  auto* t = change().add_transfers();
  t->set_id(std::max(ticket().next_subject(), 1) + subjects_added_++);
  t->set_sent_at(now_ms());
  return *t;
}

std::int64_t move::partner_due_at() const {
  if (open_ && events_.back().change().has_partner_due_at()) {
    return events_.back().change().partner_due_at();
  }
  return ticket().intake().partner_due_at();
}

const v1::Intake& move::intake() const {
  const bool changed = open_ && events_.back().change().has_intake();
  return changed ? events_.back().change().intake() : ticket().intake();
}

v1::Urgency move::urgency() const {
  if (open_ && events_.back().change().has_urgency()) return events_.back().change().urgency();
  return ticket().urgency() == v1::URGENCY_UNSPECIFIED ? v1::URGENCY_NORMAL : ticket().urgency();
}

v1::Grade move::grade() const {
  const bool changed = open_ && events_.back().change().has_grade();
  const auto grade = changed ? events_.back().change().grade() : ticket().grade();
  return grade == v1::GRADE_UNSPECIFIED ? v1::GRADE_ORDINARY : grade;
}

bool move::priority() const {
  if (open_ && events_.back().change().has_priority()) return events_.back().change().priority();
  return ticket().priority();
}

v1::Clock& move::touch(const v1::Clock& clock) {
  auto& changed = *change().mutable_clocks();
  const auto found = std::ranges::find_if(changed, [&](const v1::Clock& c) {
    return c.kind() == clock.kind() && c.assignment() == clock.assignment() &&
           c.subject() == clock.subject();
  });
  if (found != changed.end()) return *found;
  auto* copy = changed.Add();
  *copy = clock;
  return *copy;
}

template <class Fn>
void move::each_clock(v1::ClockKind kind, std::int32_t assignment, std::int32_t subject, Fn fn) {
  for (const auto& stored : ticket().clocks()) {
    if (!alive(stored)) continue;
    if (kind != v1::CLOCK_KIND_UNSPECIFIED && stored.kind() != kind) continue;
    if (assignment >= 0 && stored.assignment() != assignment) continue;
    if (subject >= 0 && stored.subject() != subject) continue;
    auto& clock = touch(stored);
    if (alive(clock)) fn(clock);
  }
}

void move::start(const clock_order& order) {
  bool contacted = false;
  for (const auto& a : ticket().assignments()) {
    if (a.id() == order.assignment) contacted = a.contacted_at() != 0;
  }
  auto clock = start_clock(order, urgency(), contacted, land_, now_);
  auto& place = touch(clock);
  place = std::move(clock);
}

void move::start_step(v1::ClockKind kind, std::int32_t assignment, std::string_view unit,
                      std::int32_t subject) {
  const auto allowed = policy().step_limit(kind, urgency());
  if (!allowed) return;
  start({.kind = kind,
         .assignment = assignment,
         .subject = subject,
         .unit = std::string(unit),
         .allowed = *allowed,
         .cap_at = 0,
         .calendar_unit = {}});
}

void move::stop(v1::ClockKind kind, std::int32_t assignment, std::int32_t subject) {
  each_clock(kind, assignment, subject, [&](v1::Clock& c) { stop_clock(c, now_); });
}

void move::cancel(v1::ClockKind kind, std::int32_t assignment, std::int32_t subject) {
  each_clock(kind, assignment, subject, [&](v1::Clock& c) { cancel_clock(c, now_); });
}

void move::cancel_all_clocks() {
  cancel(v1::CLOCK_KIND_UNSPECIFIED);
  for (auto& c : *change().mutable_clocks()) {
    if (alive(c)) cancel_clock(c, now_);
  }
}

void move::pause_all_of(std::int32_t assignment) { pause(v1::CLOCK_KIND_UNSPECIFIED, assignment); }

void move::pause(v1::ClockKind kind, std::int32_t assignment) {
  each_clock(kind, assignment, -1, [&](v1::Clock& c) {
    if (c.state() == v1::CLOCK_STATE_RUNNING) pause_clock(c, land_, now_);
  });
}

void move::resume(v1::ClockKind kind, std::int32_t assignment) {
  each_clock(kind, assignment, -1, [&](v1::Clock& c) {
    if (c.state() == v1::CLOCK_STATE_PAUSED) resume_clock(c, land_, now_);
  });
}

void move::resume_all_of(std::int32_t assignment, instant since) {
  each_clock(v1::CLOCK_KIND_UNSPECIFIED, assignment, -1, [&](v1::Clock& c) {
    if (c.state() == v1::CLOCK_STATE_PAUSED) resume_clock(c, land_, since);
  });
}

v1::Clock* move::edit_clock(v1::ClockKind kind, std::int32_t assignment, std::int32_t subject) {
  v1::Clock* found = nullptr;
  each_clock(kind, assignment, subject, [&](v1::Clock& c) { found = &c; });
  if (found) return found;
  // One that the open event has started.
  for (auto& c : *change().mutable_clocks()) {
    const bool meant = c.kind() == kind && c.assignment() == assignment && c.subject() == subject;
    if (meant && alive(c)) found = &c;
  }
  return found;
}

void move::end_ticket(v1::State final_state, v1::AssignmentState parts_end_as) {
  state(final_state);
  cancel_all_clocks();
  for (const auto& a : ticket().assignments()) {
    if (!is_open(a)) continue;
    auto& part = edit_assignment(a.id());
    if (!is_open(part)) continue;
    part.set_state(parts_end_as);
    part.set_ended_at(now_ms());
  }
  for (const auto& r : ticket().requests()) {
    if (r.state() == v1::REQUEST_STATE_OPEN) {
      auto& request = edit_request(r.id());
      if (request.state() == v1::REQUEST_STATE_OPEN) request.set_state(v1::REQUEST_STATE_VOID);
    }
  }
  for (const auto& s : ticket().supervisions()) {
    if (s.state() == v1::SUPERVISION_STATE_CLOSED) continue;
    auto& order = edit_supervision(s.id());
    order.set_state(v1::SUPERVISION_STATE_CLOSED);
    order.set_closed_at(now_ms());
  }
  change().set_escalated_to("");
  // A merged ticket ends when its main ticket does.
  if (final_state != v1::STATE_MERGED) start_archive_clock();
}

void move::start_archive_clock() {
  start({.kind = v1::CLOCK_KIND_ARCHIVE,
         .assignment = 0,
         .subject = 0,
         .unit = ticket().desk().empty() ? std::string(org().province_desk()) : ticket().desk(),
         .allowed = policy().archive_after(),
         .cap_at = 0,
         .calendar_unit = {}});
}

}  // namespace hotline::domain
