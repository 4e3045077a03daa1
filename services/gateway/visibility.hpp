// Who may see what. Commands are judged by the domain; these are the rules for reading.
#pragma once

#include <string_view>

#include "common/domain/organisation.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::gateway {

/// What belongs to a unit (queue, board, list) is seen by that unit and those above it.
bool may_see_unit(const domain::organisation& org, const v1::Actor& actor, std::string_view unit);

/// A ticket is seen by every unit that has or had a part in it (desk, handler, co-handler, partner)
/// and by those above one.
bool may_see(const domain::organisation& org, const v1::Actor& actor, const v1::Ticket& ticket);

/// 保密: who the caller is, is seen by the officer who handles and by the user who took the call.
/// Everybody may when the caller did not ask for it.
bool may_see_caller(const v1::Actor& actor, const v1::Ticket& ticket);

/// Takes out what tells who the caller is.
void hide_caller(v1::Ticket& ticket);
void hide_caller(v1::Event& event);

}  // namespace hotline::gateway
