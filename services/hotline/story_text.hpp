// An event in words, for timelines and for the story of the demo.
#pragma once

#include <string>
#include <string_view>

#include "common/domain/organisation.hpp"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::program {

/// "邹城市总工会"; the code itself when the unit is unknown.
std::string name_of(const domain::organisation& org, std::string_view code);
/// "承办人 wang", "系统 sla".
std::string who(const v1::Event& event);
/// What the event brought, as far as it shows in the difference it made.
std::string told_of_change(const v1::Event& event, const domain::organisation& org);
/// The due instant of the clock the event started, if it started one.
std::string due_of(const v1::Event& event);

/// One line of a story told over many tickets: when, which ticket, where, what.
std::string story_line(const v1::Event& event, const v1::Ticket& ticket,
                       const domain::organisation& org);

}  // namespace hotline::program
