// Who may act on whose ticket, told a second time and as plainly as possible.
#pragma once

#include <optional>
#include <string>

#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::model {

/// Why the actor of an accepted command had no business there; nothing when it had.
std::optional<std::string> trespass(const v1::Ticket& before, const v1::Command& command);

}  // namespace hotline::model
