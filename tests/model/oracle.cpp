#include "oracle.hpp"

#include <map>

#include "common/domain/derive.hpp"

namespace hotline::model {
namespace {

using body = v1::Command::BodyCase;

std::string parent_of(const std::string& unit) {
  static const std::map<std::string, std::string> parents = {
      {"370800", "370000"},         {"370883", "370800"},     {"370881", "370800"},
      {"370871", "370800"},         {"370883-d01", "370883"}, {"370883-s01", "370883"},
      {"p-12345-370800", "370800"},
  };
  const auto found = parents.find(unit);
  return found == parents.end() ? "" : found->second;
}

bool at_or_above(const std::string& unit, std::string other) {
  for (; !other.empty(); other = parent_of(other)) {
    if (unit == other) return true;
  }
  return false;
}

std::string handler_of(const v1::Ticket& t) {
  const auto* a = domain::current_assignment(t);
  return a ? a->unit() : "";
}

bool has_part(const v1::Ticket& t, const std::string& unit) {
  if (at_or_above(unit, t.desk())) return true;
  for (const auto& a : t.assignments()) {
    if (at_or_above(unit, a.unit())) return true;
  }
  return false;
}

bool decides(const v1::Ticket& t, const std::string& unit, v1::RequestKind kind) {
  for (const auto& r : t.requests()) {
    const bool open = r.kind() == kind && r.state() == v1::REQUEST_STATE_OPEN;
    if (open && at_or_above(unit, r.decider_unit())) return true;
  }
  return false;
}

bool has_supervision(const v1::Ticket& t, auto rule) {
  for (const auto& s : t.supervisions()) {
    if (rule(s)) return true;
  }
  return false;
}

/// A partner's business is what it sent in, what is with it, and what it is asked about.
bool is_partners_business(const v1::Ticket& t, const v1::Command& c) {
  const auto& unit = c.actor().unit();
  bool with_it = false;
  for (const auto& x : t.transfers()) {
    if (x.partner() == unit && x.answered_at() == 0) with_it = true;
  }
  bool asked = false;
  for (const auto& a : t.assignments()) {
    if (a.role() == v1::ASSIGNMENT_ROLE_CO && a.unit() == unit) asked = true;
  }
  switch (c.body_case()) {
    case body::kCreate: return true;
    case body::kGiveOpinion: return asked;
    case body::kRecordPartnerAnswer: return with_it;
    case body::kAnnotate:
    case body::kAddAttachment: return with_it || t.intake().external_partner() == unit;
    default: return t.intake().external_partner() == unit;
  }
}

bool has_business(const v1::Ticket& t, const v1::Command& c) {
  if (c.actor().role() == v1::ROLE_PARTNER) return is_partners_business(t, c);
  const auto& unit = c.actor().unit();
  switch (c.body_case()) {
    case body::kCreate: return true;
    case body::kSign:
    case body::kReturnTicket:
    case body::kHandDown:
    case body::kRecordContact:
    case body::kReportProgress:
    case body::kRequestExtension:
    case body::kRequestSuspension:
    case body::kRequestTakeOver:
    case body::kReply:
    case body::kRequestTermination: return unit == handler_of(t);
    case body::kRedispatch:
    case body::kSupervise:
    case body::kTakeOver: return unit != handler_of(t) && at_or_above(unit, handler_of(t));
    case body::kChangeUrgency:
      return at_or_above(unit, t.desk()) || at_or_above(unit, handler_of(t));
    case body::kDecideTakeOver:
      return unit != handler_of(t) && decides(t, unit, v1::REQUEST_KIND_TAKE_OVER);
    case body::kReleaseCoHandler:
    case body::kAddCoHandler: return at_or_above(unit, handler_of(t));
    case body::kDecideReturn: return decides(t, unit, v1::REQUEST_KIND_RETURN);
    case body::kDecideExtension: return decides(t, unit, v1::REQUEST_KIND_EXTENSION);
    case body::kDecideSuspension: return decides(t, unit, v1::REQUEST_KIND_SUSPENSION);
    case body::kDecideTermination: return decides(t, unit, v1::REQUEST_KIND_TERMINATION);
    case body::kDecideExclusion: return decides(t, unit, v1::REQUEST_KIND_EXCLUSION);
    case body::kAnswerSupervision:
      return has_supervision(t, [&](const v1::Supervision& s) { return s.unit() == unit; });
    case body::kCloseSupervision:
      return has_supervision(
          t, [&](const v1::Supervision& s) { return at_or_above(unit, s.by_unit()); });
    case body::kGiveOpinion:
      for (const auto& a : t.assignments()) {
        if (a.role() == v1::ASSIGNMENT_ROLE_CO && a.unit() == unit) return true;
      }
      return false;
    case body::kReview:
      // The level above: any unit above the one that replied, or the desk's province for its own.
      return unit == "370000" || (unit != handler_of(t) && at_or_above(unit, handler_of(t)));
    case body::kResume:
    case body::kUrge:
    case body::kRequestExclusion:
    case body::kAnnotate:
    case body::kAddAttachment:
    case body::kReveal:
    case body::kAddLink: return has_part(t, unit);
    default: return at_or_above(unit, t.desk());
  }
}

}  // namespace

std::optional<std::string> trespass(const v1::Ticket& before, const v1::Command& command) {
  if (command.actor().role() == v1::ROLE_SYSTEM) return std::nullopt;
  if (has_business(before, command)) return std::nullopt;
  return v1::Role_Name(command.actor().role()) + " of " + command.actor().unit() +
         " had no business with " + command.ShortDebugString();
}

}  // namespace hotline::model
