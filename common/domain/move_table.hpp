// The table of moves: which command, by which roles, from which states, standing where. The single
// source for decide (what happens) and permission (who may at all).
#pragma once

#include <cstdint>
#include <string_view>

#include "common/domain/move.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain {

/// One line of the table. `from` and `by` are sets: ask allows_state and allows_role.
struct move_rule {
  v1::Command::BodyCase body;
  std::string_view name;
  std::uint64_t from;
  std::uint64_t by;
  standing where;
  refusal (*run)(move&);
};

/// The line of a command; nullptr for one there is none for.
const move_rule* rule_of(v1::Command::BodyCase body);

bool allows_role(const move_rule& rule, v1::Role role);
bool allows_state(const move_rule& rule, v1::State state);

}  // namespace hotline::domain
