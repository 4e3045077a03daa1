// Who reacts to what happens to a ticket: an event is put before those services it concerns, and
// before no others. Most events concern none.
#pragma once

#include <array>
#include <string_view>

#include "hotline/v1/event.pb.h"

namespace hotline::domain {

/// 自动派单: whether the event leaves a ticket accepted and without a unit.
bool calls_for_dispatch(const v1::Event& event);

/// 并单: whether a ticket was merged or parted, or one has ended that others may be merged into.
bool calls_for_merge_care(const v1::Event& event);

/// 升级: whether the event is a breach whose rung goes up.
bool calls_for_escalation(const v1::Event& event);

/// The services that react, by the names of their lanes; each reads its own.
inline constexpr std::string_view dispatch_lane = "dispatch";  ///< dispatch and merge care
inline constexpr std::string_view escalation_lane = "escalation";
inline constexpr std::array<std::string_view, 2> reaction_lanes = {dispatch_lane, escalation_lane};

/// Whether the event belongs in that lane.
bool concerns(std::string_view lane, const v1::Event& event);

/// The lanes of an event, separated by a blank; mostly empty.
std::string_view lanes_of(const v1::Event& event);

}  // namespace hotline::domain
