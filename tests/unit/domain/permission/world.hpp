// A small tree, everybody who could act in it, and tickets in every relation to them.
#pragma once

#include <string>
#include <vector>

#include "common/domain/organisation.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::test {

/// 370000 ─ 370800 (desk) ─ 370883 ─ 370883-s01
///        │               └ 370881
///        │               └ p-12345-370800
///        └ 370200 (desk) ─ 370202
///        └ p-12348
const domain::organisation& small_tree();

const std::vector<std::string>& all_units();  ///< and one that is not in the tree
const std::vector<v1::Role>& all_roles();
const std::vector<v1::State>& all_states();

/// Every role at every unit under several names: who took the call, who signed, somebody else.
const std::vector<v1::Actor>& all_actors();

/// A ticket and what is special about it, for the messages of tests.
struct situation {
  std::string name;
  v1::Ticket ticket;
};

/// Who has which part: with whom it is, was, who else; without the flags below.
const std::vector<situation>& all_parts();

/// Flags that come on top.
void set_complained(v1::Ticket& ticket, const std::string& unit);
void set_sensitive(v1::Ticket& ticket, bool on);
void set_confidential(v1::Ticket& ticket, bool on);
void set_consent(v1::Ticket& ticket, bool on);

inline constexpr const char* taker = "li";
inline constexpr const char* signer = "wang";
inline constexpr const char* stranger = "zhao";
inline constexpr std::int64_t lost_at = 1'795'400'000'000;

}  // namespace hotline::test
