// Which unit should get a ticket, how urgent and how hard is it, and how may it be settled: a
// proposal from configured rules, for the dispatch service to act on or a dispatcher to correct.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/domain/config_mistake.hpp"
#include "common/domain/organisation.hpp"
#include "common/domain/region.hpp"
#include "hotline/v1/policy.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// What a proposal rests on. Borrowed: the caller's context outlives the call.
struct routing_basis {
  const organisation& units;
  const region_recogniser& regions;
  const v1::Policies& policies;  ///< must have passed check_routing
};

struct route_proposal {
  std::string unit;                   ///< always a working unit of the organisation
  std::vector<std::string> co_units;  ///< 协办
  std::string region;                 ///< the division the matter was placed in; empty = none
  v1::Grade grade = v1::GRADE_ORDINARY;
  v1::Urgency urgency = v1::URGENCY_NORMAL;
  std::vector<v1::Disposal> disposals;  ///< in the order to be tried
  bool priority = false;
  std::string rule;                  ///< id of the rule that chose the unit
  std::string triage_rule;           ///< id of the question that chose the first disposal
  std::vector<std::string> reasons;  ///< one sentence each, in Chinese, for the dispatcher
  bool sure = false;                 ///< false: a dispatcher should look before it is sent
};

struct urgency_proposal {
  v1::Urgency urgency = v1::URGENCY_NORMAL;
  std::string rule;    ///< empty when no rule fired
  std::string reason;  ///< the rule's reason and the word that was found
  std::vector<std::string>
      told;  ///< 快报: whom the rules that hold, all of them, want told at once
};

/// The first rule by `order` whose conditions all hold and that has a target chooses the unit.
/// Matching rules before it without a target add their priority, urgency, grade, co-handlers and
/// disposals and let the search go on. Whatever the rules say:
///  * a matter whose place is unknown or outside the province goes to the province desk, unsure;
///  * a complaint about a union goes to that union's superior, never to it or anything below it;
///  * an inactive unit is replaced by its nearest working superior;
///  * a category that asks for a capability goes to the nearest unit upwards that has it.
route_proposal propose_route(const v1::Intake& intake, instant now, const routing_basis& basis);

/// The highest urgency of all rules that hold; the first rule wins among equals. Words are looked
/// for in title and content, spaces and full-width forms ignored; where a word is only part of one
/// of the rule's `unless_words` it does not count.
urgency_proposal propose_urgency(const v1::Intake& intake, instant now,
                                 const v1::RoutingPolicy& policy);

/// What the four questions (四问) suggest, and which of them did.
struct triage_answer {
  v1::Disposal disposal;
  std::string_view rule;  ///< stable id: "triage.joint"
  bool operator==(const triage_answer&) const = default;
};

/// The triage rule of the four questions: several departments needed -> joint handling; conditions
/// of legal aid met -> lawyer; facts and breach clear -> mediation by a union cadre; one of the two
/// known not to be -> a model-worker mediator. Nothing when what was asked decides nothing.
std::optional<triage_answer> triage(const v1::Matter& matter);

/// The duty (职责) a category asks of a unit, its own or its parent's; empty = every unit has it.
std::string_view needed_capability(const v1::CategoryTree& tree, std::string_view category);

/// True when `category` is `code` or lies below it: "wages" covers "wages.arrears".
bool covers_category(std::string_view code, std::string_view category);

/// Mistakes of routing rules, urgency rules and category tree; empty when they can be used. Paths
/// start at Policies ("routing.rules[3].unit").
std::vector<config_mistake> check_routing(const v1::Policies& policies, const organisation& units);

}  // namespace hotline::domain
