// Which events the group "dispatch" reads: those of the dispatcher and of the merge keeper.
#pragma once

#include "hotline/v1/event.pb.h"

namespace hotline::dispatch {

/// False for kinds of which neither wants any: the bulk of what is written.
bool may_want(v1::EventKind kind);

bool wants(const v1::Event& event);

}  // namespace hotline::dispatch
