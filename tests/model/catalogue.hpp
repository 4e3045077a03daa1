// Everything that anybody may try on a ticket: bodies with sensible words, and who could say them.
#pragma once

#include <vector>

#include "common/base/clock.hpp"
#include "hotline/v1/command.pb.h"

namespace hotline::model {

/// Everyone who acts in the small province, each role at the units where it exists, and strangers.
const std::vector<v1::Actor>& actors();

/// The bodies worth trying at an instant (dates and contact times lie around it); no create.
std::vector<v1::Command> commands_at(instant now);

/// A create with this kind and urgency.
v1::Command create_command(v1::Kind kind, v1::Urgency urgency);

/// A call of which only the number is known.
v1::Command create_draft();
/// A complaint about the union of 甲县 itself.
v1::Command create_about_union(v1::Urgency urgency);

v1::Command said_by(v1::Command command, const v1::Actor& actor);
v1::Command tick_command();

}  // namespace hotline::model
