// 并单: what a merged ticket takes over from its main ticket.
#pragma once

#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// How the main ticket ended, as far as it concerns those who asked for the same: the result and
/// the answer that was made for the public, nothing its caller or its unit said.
v1::FollowMain how_it_ended(const v1::Ticket& main);

}  // namespace hotline::domain
