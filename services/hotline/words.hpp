// The words of the trade for what the messages hold, as people in the office say them.
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::program {

std::string_view word(v1::EventKind kind);
std::string_view word(v1::State state);
std::string_view word(v1::Role role);
std::string_view word(v1::ClockKind clock);
std::string_view word(v1::Rung rung);
std::string_view word(v1::Urgency urgency);
std::string_view word(v1::Light light);

/// The word for a value by its name ("URGENCY_URGENT", "RETURN_REASON_INCOMPLETE"), as
/// configuration and records have it; any other text is given back.
std::string value_text(std::string_view name);

/// "2026-11-23 09:00"; empty for 0.
std::string civil_text(std::int64_t at_ms);
/// "3天4小时", "25分钟", "8秒"; the two largest units.
std::string span_text(milliseconds span);

}  // namespace hotline::program
