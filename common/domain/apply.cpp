#include "common/domain/apply.hpp"

#include <algorithm>

namespace hotline::domain {
namespace {

bool same_item(const v1::Assignment& a, const v1::Assignment& b) { return a.id() == b.id(); }
bool same_item(const v1::Request& a, const v1::Request& b) { return a.id() == b.id(); }
bool same_item(const v1::Supervision& a, const v1::Supervision& b) { return a.id() == b.id(); }
bool same_item(const v1::Transfer& a, const v1::Transfer& b) { return a.id() == b.id(); }
bool same_item(const v1::Clock& a, const v1::Clock& b) {
  return a.kind() == b.kind() && a.assignment() == b.assignment() && a.subject() == b.subject();
}

/// Replaces the item of the same identity, or adds it.
template <class List>
void upsert(List& list, const List& changes) {
  for (const auto& item : changes) {
    const auto found =
        std::ranges::find_if(list, [&](const auto& i) { return same_item(i, item); });
    if (found != list.end()) {
      *found = item;
    } else {
      *list.Add() = item;
    }
  }
}

void apply_scalars(v1::Ticket& t, const v1::Change& c) {
  if (c.has_state()) t.set_state(c.state());
  if (c.has_grade()) t.set_grade(c.grade());
  if (c.has_urgency()) t.set_urgency(c.urgency());
  if (c.has_priority()) t.set_priority(c.priority());
  if (c.has_routing_rule()) t.set_routing_rule(c.routing_rule());
  if (c.has_triage_rule()) t.set_triage_rule(c.triage_rule());
  if (c.has_desk()) t.set_desk(c.desk());
  if (c.has_answered_by()) t.set_answered_by(c.answered_by());
  if (c.has_created_by()) t.set_created_by(c.created_by());
  if (c.has_escalated_to()) t.set_escalated_to(c.escalated_to());
  if (c.has_escalated_rung()) t.set_escalated_rung(c.escalated_rung());
  if (c.has_main_no()) t.set_main_no(c.main_no());
  if (c.has_state_before()) t.set_state_before(c.state_before());
  if (c.has_answer()) t.set_answer(c.answer());
  if (c.has_end_reason()) t.set_end_reason(c.end_reason());
  if (c.has_suspended_at()) t.set_suspended_at(c.suspended_at());
  if (c.has_overdue()) t.set_overdue(c.overdue());
  if (c.has_reported()) t.set_reported(c.reported());
  if (c.has_created_at()) t.set_created_at(c.created_at());
  if (c.has_accepted_at()) t.set_accepted_at(c.accepted_at());
  if (c.has_dispatched_at()) t.set_dispatched_at(c.dispatched_at());
  if (c.has_replied_at()) t.set_replied_at(c.replied_at());
  if (c.has_closed_at()) t.set_closed_at(c.closed_at());
  t.set_urges(t.urges() + c.urges_added());
  t.set_returns(t.returns() + c.returns_added());
  t.set_reworks(t.reworks() + c.reworks_added());
  t.set_extensions(t.extensions() + c.extensions_added());
  t.set_suspensions(t.suspensions() + c.suspensions_added());
  t.set_suspended_ms(t.suspended_ms() + c.suspended_ms_added());
}

void apply_lists(v1::Ticket& t, const v1::Change& c) {
  upsert(*t.mutable_assignments(), c.assignments());
  upsert(*t.mutable_clocks(), c.clocks());
  upsert(*t.mutable_requests(), c.requests());
  upsert(*t.mutable_supervisions(), c.supervisions());
  upsert(*t.mutable_transfers(), c.transfers());
  if (!c.suggested_disposals().empty()) {
    *t.mutable_suggested_disposals() = c.suggested_disposals();
  }
  if (c.has_contact()) *t.add_contacts() = c.contact();
  if (c.has_visit()) *t.add_visits() = c.visit();
  if (c.has_link()) *t.add_links() = c.link();
  if (c.has_returned_by()) t.add_returned_by(c.returned_by());
  if (c.has_exclusion()) t.add_exclusions(c.exclusion());
  if (c.has_merged_no()) t.add_merged_nos(c.merged_no());
  if (c.has_unmerged_no()) {
    auto& list = *t.mutable_merged_nos();
    list.erase(std::remove(list.begin(), list.end(), c.unmerged_no()), list.end());
  }
  for (const auto& a : c.assignments()) {
    t.set_next_assignment(std::max(t.next_assignment(), a.id() + 1));
  }
  auto seen_subject = [&](std::int32_t id) {
    t.set_next_subject(std::max(t.next_subject(), id + 1));
  };
  for (const auto& r : c.requests()) seen_subject(r.id());
  for (const auto& s : c.supervisions()) seen_subject(s.id());
  for (const auto& x : c.transfers()) seen_subject(x.id());
  if (c.drop_ended_clocks()) {
    auto& clocks = *t.mutable_clocks();
    const auto gone = std::remove_if(clocks.begin(), clocks.end(), [](const v1::Clock& k) {
      return k.state() != v1::CLOCK_STATE_RUNNING && k.state() != v1::CLOCK_STATE_PAUSED;
    });
    clocks.erase(gone, clocks.end());
  }
}

}  // namespace

void apply(v1::Ticket& ticket, const v1::Event& event) {
  if (event.version() == 1) ticket.set_no(event.ticket_no());
  ticket.set_version(event.version());
  const auto& change = event.change();
  if (change.has_intake()) *ticket.mutable_intake() = change.intake();
  if (change.has_attachment()) *ticket.mutable_intake()->add_attachments() = change.attachment();
  if (change.has_partner_due_at()) {
    ticket.mutable_intake()->set_partner_due_at(change.partner_due_at());
  }
  if (change.has_reply()) *ticket.mutable_reply() = change.reply();
  apply_scalars(ticket, change);
  apply_lists(ticket, change);
}

}  // namespace hotline::domain
