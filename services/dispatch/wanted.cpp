#include "services/dispatch/wanted.hpp"

#include "services/dispatch/dispatcher.hpp"
#include "services/dispatch/merge_keeper.hpp"

namespace hotline::dispatch {

bool may_want(v1::EventKind kind) {
  switch (kind) {
    case v1::EVENT_KIND_DISPATCHED:
    case v1::EVENT_KIND_SIGNED:
    case v1::EVENT_KIND_CONTACTED:
    case v1::EVENT_KIND_PROGRESS_REPORTED:
    case v1::EVENT_KIND_ESCALATED:
    case v1::EVENT_KIND_DEADLINE_NEAR:
    case v1::EVENT_KIND_DEADLINE_MISSED:
    case v1::EVENT_KIND_BREACH_LASTING:
    case v1::EVENT_KIND_RECALCULATED:
    case v1::EVENT_KIND_REVEALED: return false;
    default: return true;
  }
}

bool wants(const v1::Event& event) {
  return dispatcher::wants(event) || merge_keeper::wants(event);
}

}  // namespace hotline::dispatch
