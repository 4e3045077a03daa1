#include "common/domain/permission.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>

#include "common/domain/move_table.hpp"
#include "common/domain/personal.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain {
namespace {

using role_set = std::uint32_t;

constexpr role_set set_of(std::initializer_list<v1::Role> roles) {
  role_set all = 0;
  for (const auto role : roles) all |= role_set{1} << static_cast<unsigned>(role);
  return all;
}

constexpr role_set people = set_of(
    {v1::ROLE_OPERATOR, v1::ROLE_DISPATCHER, v1::ROLE_OFFICER, v1::ROLE_LEAD, v1::ROLE_SUPERVISOR});
constexpr role_set partner = set_of({v1::ROLE_PARTNER});
constexpr role_set auditor = set_of({v1::ROLE_AUDITOR});
constexpr role_set administrator = set_of({v1::ROLE_ADMINISTRATOR});
constexpr role_set security = set_of({v1::ROLE_SECURITY_ADMINISTRATOR});
constexpr role_set channel = set_of({v1::ROLE_CHANNEL});
constexpr role_set everybody = people | partner | auditor | administrator | security;

enum class scope { ticket, unit, hotline, province };

struct reading_rule {
  action what;
  scope about;
  role_set by;
};

constexpr role_set desks_and_deciders =
    set_of({v1::ROLE_OPERATOR, v1::ROLE_DISPATCHER, v1::ROLE_LEAD, v1::ROLE_SUPERVISOR});

/// In the order of `action`; PERMISSION.md 3.
constexpr std::array<reading_rule, actions> readings{{
    {action::read_ticket, scope::ticket, people | partner},
    {action::read_history, scope::ticket, people | auditor},
    {action::list, scope::ticket, people | partner},
    {action::search, scope::ticket, people},
    {action::caller_lookup, scope::ticket, people},
    {action::export_tickets, scope::ticket, set_of({v1::ROLE_DISPATCHER, v1::ROLE_SUPERVISOR})},
    {action::attachment, scope::ticket, people | partner},
    {action::stream, scope::ticket, people},
    {action::webhook, scope::ticket, partner},
    {action::reveal, scope::ticket, people},
    {action::read_queue, scope::unit, people},
    {action::claim, scope::unit, set_of({v1::ROLE_OFFICER, v1::ROLE_LEAD})},
    {action::read_board, scope::unit, people},
    {action::statistics, scope::unit,
     set_of({v1::ROLE_DISPATCHER, v1::ROLE_LEAD, v1::ROLE_SUPERVISOR})},
    {action::manage_users, scope::unit, security},
    {action::read_users, scope::unit, security | auditor},
    {action::read_audit, scope::unit, auditor},
    {action::read_partner, scope::unit,
     set_of({v1::ROLE_DISPATCHER, v1::ROLE_SUPERVISOR}) | administrator},
    {action::settle_partner, scope::unit, set_of({v1::ROLE_DISPATCHER, v1::ROLE_SUPERVISOR})},
    {action::mend_partner, scope::unit, administrator},
    {action::read_progress, scope::hotline, channel},
    {action::hand_in_file, scope::hotline,
     set_of({v1::ROLE_OPERATOR, v1::ROLE_DISPATCHER, v1::ROLE_OFFICER, v1::ROLE_LEAD}) | channel},
    {action::read_directory, scope::hotline, everybody},
    {action::read_duty_phone, scope::hotline, desks_and_deciders},
    {action::read_clock, scope::hotline, everybody},
    {action::set_clock, scope::province, administrator},
    {action::manage_keys, scope::province, security},
    {action::configure, scope::province, administrator},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (static_cast<std::size_t>(readings[i].what) != i) return false;
  }
  return true;
}
static_assert(is_in_order(), "readings are looked up by position");

const reading_rule& rule_for(action what) { return readings[static_cast<std::size_t>(what)]; }

bool has_role(role_set roles, v1::Role role) {
  return v1::Role_IsValid(role) && (roles & (role_set{1} << static_cast<unsigned>(role))) != 0;
}

bool is_somebody(const organisation& org, const v1::Actor& actor) {
  return !actor.user().empty() && org.contains(actor.unit());
}

/// The system administrator keeps tickets (archives, recalculates) at or below their unit's desks
/// without seeing what is in them. A channel carries to a ticket what its caller says: that it
/// speaks for the caller was proven at the door, and it is told of nothing but the caller's steps.
bool knows(const organisation& org, const v1::Actor& actor, const move_rule& rule,
           const v1::Ticket& ticket) {
  if (actor.role() == v1::ROLE_CHANNEL) {
    return is_somebody(org, actor) && allows_role(rule, v1::ROLE_CHANNEL);
  }
  if (actor.role() == v1::ROLE_ADMINISTRATOR) {
    return is_somebody(org, actor) && is_at_or_above(org, actor.unit(), ticket.desk());
  }
  return sight_of(org, actor, ticket).how != sight::extent::none;
}

bool is_past(const organisation& org, const v1::Actor& actor, const v1::Ticket& ticket) {
  return sight_of(org, actor, ticket).how == sight::extent::past;
}

/// What leaves the screen of the one who works on the ticket.
bool leaves_the_desk(action what) {
  switch (what) {
    case action::list:
    case action::search:
    case action::caller_lookup:
    case action::export_tickets:
    case action::stream: return true;
    default: return false;
  }
}

bool shares_with(const v1::Actor& actor, const v1::Ticket& ticket) {
  return actor.role() != v1::ROLE_PARTNER || ticket.intake().caller().consent_to_share();
}

field_access personal_in_full(action what) {
  return what == action::reveal || what == action::webhook ? field_access::full
                                                           : field_access::masked;
}

field_access access_to_caller(const organisation& org, const v1::Actor& actor, action what,
                              const v1::Ticket& ticket) {
  if (is_accused(org, actor, ticket) || !shares_with(actor, ticket)) return field_access::hidden;
  // 保密: only the named handler and who took the call, whatever the role.
  if (ticket.intake().caller().confidential() && !is_named_handler(actor, ticket) &&
      !took_call(org, actor, ticket)) {
    return field_access::hidden;
  }
  return personal_in_full(what);
}

field_access access_to_content(const organisation& org, const v1::Actor& actor, action what,
                               const v1::Ticket& ticket) {
  if (actor.role() == v1::ROLE_AUDITOR) {
    return ticket.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE ? field_access::hidden
                                                                      : field_access::masked;
  }
  // Where the caller is hidden, words must not tell either.
  const bool masked =
      leaves_the_desk(what) || access_to_caller(org, actor, what, ticket) == field_access::hidden;
  return masked ? field_access::masked : field_access::full;
}

field_access access_to_files(const organisation& org, const v1::Actor& actor, action what,
                             const v1::Ticket& ticket) {
  // A file or a voice tells who called.
  if (access_to_caller(org, actor, what, ticket) == field_access::hidden ||
      actor.role() == v1::ROLE_AUDITOR || leaves_the_desk(what)) {
    return field_access::hidden;
  }
  return field_access::full;
}

}  // namespace

access permit(const organisation& org, const v1::Actor& actor, action what,
              const v1::Ticket* ticket) {
  if (!is_somebody(org, actor)) return ticket ? access::unknown : access::role;
  const auto& rule = rule_for(what);
  if (rule.about == scope::ticket && ticket) {
    if (what == action::reveal) return permit(org, actor, v1::Command::kReveal, ticket);
    const auto seen = sight_of(org, actor, *ticket);
    if (seen.how == sight::extent::none) return access::unknown;
    if (!has_role(rule.by, actor.role())) return access::role;
    // What is gone out of one's hands is read where one worked on it, and goes nowhere else.
    const bool looks_back = what == action::read_ticket || what == action::read_history ||
                            what == action::list || what == action::search ||
                            what == action::caller_lookup;
    if (seen.how == sight::extent::past && !looks_back) return access::unit;
    // Found by its caller's number, a ticket tells who the caller is.
    if (what == action::caller_lookup &&
        access_to_caller(org, actor, what, *ticket) == field_access::hidden) {
      return access::unknown;
    }
    return access::granted;
  }
  if (!has_role(rule.by, actor.role())) return access::role;
  if (rule.about == scope::province && actor.unit() != org.province_desk()) return access::unit;
  return access::granted;
}

access permit_unit(const organisation& org, const v1::Actor& actor, action what,
                   std::string_view unit) {
  const auto may = permit(org, actor, what, nullptr);
  if (may != access::granted) return may;
  return org.is_in_subtree(unit, actor.unit()) ? access::granted : access::unit;
}

access permit_known(const organisation& org, const v1::Actor& actor, const move_rule& rule,
                    const v1::Ticket* current) {
  if (rule.body != v1::Command::kCreate) {
    if (!current || !knows(org, actor, rule, *current)) return access::unknown;
  } else if (current) {
    return access::state;
  }
  return allows_role(rule, actor.role()) ? access::granted : access::role;
}

access permit(const organisation& org, const v1::Actor& actor, const move_rule& rule,
              const v1::Ticket* current) {
  const auto known = permit_known(org, actor, rule, current);
  if (known != access::granted || !current) return known;
  // Who has no part in a ticket any more learns nothing of its state.
  if (is_past(org, actor, *current)) return access::unit;
  const bool state_fits = allows_state(rule, current->state());
  switch (find_standing(org, actor, *current, rule.where)) {
    case footing::stands: return state_fits ? access::granted : access::state;
    case footing::nobody_handles: return access::state;
    case footing::elsewhere: return access::unit;
  }
  return access::unit;
}

access permit(const organisation& org, const v1::Actor& actor, v1::Command::BodyCase command,
              const v1::Ticket* current) {
  const auto* rule = rule_of(command);
  if (!rule) return access::role;
  if (actor.role() != v1::ROLE_SYSTEM && !is_somebody(org, actor)) {
    return command == v1::Command::kCreate ? access::role : access::unknown;
  }
  return permit(org, actor, *rule, current);
}

field_access access_to(const organisation& org, const v1::Actor& actor, action what,
                       const v1::Ticket& ticket, field_group group) {
  if (rule_for(what).about != scope::ticket) return field_access::hidden;
  if (permit(org, actor, what, &ticket) != access::granted) return field_access::hidden;
  switch (group) {
    case field_group::caller: return access_to_caller(org, actor, what, ticket);
    case field_group::employer:
      // The firm's contact knows who works there.
      return shares_with(actor, ticket) && !is_accused(org, actor, ticket) ? personal_in_full(what)
                                                                           : field_access::hidden;
    case field_group::content: return access_to_content(org, actor, what, ticket);
    case field_group::files: return access_to_files(org, actor, what, ticket);
    case field_group::internal:
      return actor.role() == v1::ROLE_PARTNER ? field_access::hidden : field_access::full;
  }
  return field_access::hidden;
}

field_access access_to(const organisation& org, const v1::Actor& actor, action what,
                       const v1::Ticket& ticket, std::string_view personal_path) {
  if (personal_kind(personal_path) == v1::PERSONAL_UNSPECIFIED) return field_access::hidden;
  const bool firm = personal_path.starts_with("employer.");
  return access_to(org, actor, what, ticket, firm ? field_group::employer : field_group::caller);
}

}  // namespace hotline::domain
