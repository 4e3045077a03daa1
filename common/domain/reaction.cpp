#include "common/domain/reaction.hpp"

namespace hotline::domain {

bool calls_for_dispatch(const v1::Event& event) {
  if (event.change().has_state()) return event.change().state() == v1::STATE_ACCEPTED;
  // Of these two the ticket may still be, or be again, one to dispatch: an overruled refusal lets
  // it go on, and what was supplemented may be the place that was missing.
  return event.kind() == v1::EVENT_KIND_REFUSAL_DECIDED ||
         event.kind() == v1::EVENT_KIND_SUPPLEMENTED;
}

bool calls_for_merge_care(const v1::Event& event) {
  if (event.kind() == v1::EVENT_KIND_MERGED || event.kind() == v1::EVENT_KIND_UNMERGED) return true;
  if (!event.change().has_state()) return false;
  switch (event.change().state()) {
    case v1::STATE_CLOSED:
    case v1::STATE_REJECTED:
    case v1::STATE_WITHDRAWN:
    case v1::STATE_TERMINATED: return true;
    default: return false;
  }
}

bool calls_for_escalation(const v1::Event& event) {
  const bool breach = event.kind() == v1::EVENT_KIND_BREACH_LASTING ||
                      event.kind() == v1::EVENT_KIND_DEADLINE_MISSED;
  return breach && event.rung().escalates();
}

bool concerns(std::string_view lane, const v1::Event& event) {
  if (lane == dispatch_lane) return calls_for_dispatch(event) || calls_for_merge_care(event);
  if (lane == escalation_lane) return calls_for_escalation(event);
  return false;
}

std::string_view lanes_of(const v1::Event& event) {
  const bool dispatch = concerns(dispatch_lane, event);
  const bool escalation = concerns(escalation_lane, event);
  if (dispatch && escalation) return "dispatch escalation";
  if (dispatch) return dispatch_lane;
  return escalation ? escalation_lane : std::string_view();
}

}  // namespace hotline::domain
