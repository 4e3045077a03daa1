#include "services/gateway/visibility.hpp"

#include <algorithm>

#include "common/domain/derive.hpp"

namespace hotline::gateway {
namespace {

void hide_caller(v1::Caller& caller) {
  caller.clear_name();
  caller.clear_phone();
  caller.clear_identity_no();
  caller.clear_address();
  caller.clear_household_place();
  caller.clear_beneficiary();
}

void hide_caller(v1::Intake& intake) {
  if (intake.has_caller()) hide_caller(*intake.mutable_caller());
  intake.clear_call();  // the number and the recording
}

}  // namespace

bool may_see_unit(const domain::organisation& org, const v1::Actor& actor, std::string_view unit) {
  return org.is_in_subtree(unit, actor.unit());
}

bool may_see(const domain::organisation& org, const v1::Actor& actor, const v1::Ticket& ticket) {
  const auto sees = [&](std::string_view unit) { return org.is_in_subtree(unit, actor.unit()); };
  return sees(ticket.desk()) || sees(ticket.escalated_to()) ||
         sees(ticket.intake().external_partner()) ||
         std::ranges::any_of(ticket.assignments(),
                             [&](const v1::Assignment& a) { return sees(a.unit()); }) ||
         std::ranges::any_of(ticket.transfers(),
                             [&](const v1::Transfer& t) { return sees(t.partner()); });
}

bool may_see_caller(const v1::Actor& actor, const v1::Ticket& ticket) {
  if (!ticket.intake().caller().confidential()) return true;
  if (ticket.created_by() == actor.user() && ticket.desk() == actor.unit()) return true;
  const v1::Assignment* const handler = domain::current_assignment(ticket);
  return handler != nullptr && handler->unit() == actor.unit() &&
         handler->officer() == actor.user();
}

void hide_caller(v1::Ticket& ticket) {
  hide_caller(*ticket.mutable_intake());
  for (v1::Contact& contact : *ticket.mutable_contacts()) contact.clear_number();
  for (v1::Visit& visit : *ticket.mutable_visits()) visit.clear_recording();
}

void hide_caller(v1::Event& event) {
  if (event.change().has_intake()) hide_caller(*event.mutable_change()->mutable_intake());
  if (event.change().has_contact()) event.mutable_change()->mutable_contact()->clear_number();
  if (event.change().has_visit()) event.mutable_change()->mutable_visit()->clear_recording();
  if (!event.has_cause()) return;
  v1::Command& cause = *event.mutable_cause();
  switch (cause.body_case()) {
    case v1::Command::kCreate: return hide_caller(*cause.mutable_create()->mutable_intake());
    case v1::Command::kSupplement:
      return hide_caller(*cause.mutable_supplement()->mutable_intake());
    case v1::Command::kRecordContact: return cause.mutable_record_contact()->clear_number();
    case v1::Command::kRecordVisit:
      return cause.mutable_record_visit()->mutable_visit()->clear_recording();
    default: return;
  }
}

}  // namespace hotline::gateway
