#include "common/domain/decide.hpp"

#include "common/domain/derive.hpp"
#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/move_table.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/permission.hpp"

namespace hotline::domain {
namespace {

refusal check_actor(const v1::Command& command, const province& land) {
  const auto& actor = command.actor();
  if (actor.role() == v1::ROLE_SYSTEM) return std::nullopt;
  if (actor.user().empty()) {
    return reject(v1::REJECT_CODE_ACTOR_UNKNOWN, "actor.user", "actor.user");
  }
  if (!land.org.contains(actor.unit())) {
    return reject(v1::REJECT_CODE_ACTOR_UNKNOWN, "actor.unit", "actor.unit");
  }
  return std::nullopt;
}

/// The words for what permission answers; `unit` and `state` are told only to those who know the
/// ticket, and `unknown` reads the same for a foreign ticket and for one that does not exist.
refusal refusal_of(access may, const move_rule& rule) {
  switch (may) {
    case access::granted: return std::nullopt;
    case access::unknown: return reject(v1::REJECT_CODE_TICKET_UNKNOWN, rule.name);
    case access::role: return reject(v1::REJECT_CODE_ROLE_NOT_ALLOWED, rule.name, "actor.role");
    case access::unit: return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "standing", "actor.unit");
    case access::state:
      return reject(rule.body == v1::Command::kCreate ? v1::REJECT_CODE_TICKET_EXISTS
                                                      : v1::REJECT_CODE_STATE_NOT_ALLOWED,
                    rule.name);
  }
  return reject(v1::REJECT_CODE_ROLE_NOT_ALLOWED, rule.name, "actor.role");
}

refusal check_known(const v1::Ticket* current, const move_rule& rule, const v1::Command& command,
                    const province& land) {
  if (auto no = check_actor(command, land)) return no;
  const auto known = permit_known(land.org, command.actor(), rule, current);
  if (auto no = refusal_of(known, rule)) return no;
  if (current && command.expected_version() != 0 &&
      command.expected_version() != current->version()) {
    return reject(v1::REJECT_CODE_VERSION_MISMATCH, rule.name);
  }
  return std::nullopt;
}

/// The rule of a command whose words are well formed and whose actor knows the ticket.
std::expected<const move_rule*, v1::Rejection> find_rule(const v1::Ticket* current,
                                                         const v1::Command& command,
                                                         const province& land) {
  if (auto no = check_form(command)) return std::unexpected(std::move(*no));
  const auto* rule = rule_of(command.body_case());
  if (!rule) return std::unexpected(reject(v1::REJECT_CODE_BODY_MISSING, "form.body"));
  if (auto no = check_known(current, *rule, command, land)) return std::unexpected(std::move(*no));
  return rule;
}

/// Makes the move; gives whether there is anything to be committed.
std::expected<bool, v1::Rejection> run(move& m, const move_rule& rule, bool is_new) {
  const bool is_tick = rule.body == v1::Command::kTick;
  if (!is_new) {
    // What came due before this instant happened before the command, whether or not a Tick has told
    // so yet: a late service changes neither who is overdue nor what may still be done.
    if (!is_tick) {
      moves::catch_up(m);
      m.finish();
    }
    const auto may = permit(m.org(), m.actor(), rule, &m.ticket());
    if (auto no = refusal_of(may, rule)) return std::unexpected(std::move(*no));
  }
  m.begin_command();
  if (auto no = rule.run(m)) return std::unexpected(std::move(*no));
  if (!is_tick && !m.has_spoken()) return false;
  lower_escalation(m);
  m.finish();
  return true;
}

decision take(move& m) {
  auto events = std::move(m).take_events();
  return decision{std::move(m).take_ticket(), std::move(events)};
}

}  // namespace

verdict decide(const v1::Ticket* current, const v1::Command& command, const province& land,
               instant now) {
  const auto rule = find_rule(current, command, land);
  if (!rule) return std::unexpected(rule.error());
  move m(current, command, land, now);
  const auto speaks = run(m, **rule, current == nullptr);
  if (!speaks) return std::unexpected(speaks.error());
  if (!*speaks) return decision{.ticket = current ? *current : v1::Ticket(), .events = {}};
  return take(m);
}

verdict decide_on(v1::Ticket current, const v1::Command& command, const province& land,
                  instant now) {
  // What came due unsaid is taken back where the command changes nothing: that needs a copy.
  const auto next = next_timer(current);
  if (!command.has_tick() && next && *next <= now) return decide(&current, command, land, now);
  const auto rule = find_rule(&current, command, land);
  if (!rule) return std::unexpected(rule.error());
  move m(std::move(current), command, land, now);
  const auto speaks = run(m, **rule, false);
  if (!speaks) return std::unexpected(speaks.error());
  return take(m);
}

bool may_move(v1::Command::BodyCase body, v1::State state, v1::Role role) {
  const auto* rule = rule_of(body);
  if (!rule || !allows_role(*rule, role)) return false;
  if (body == v1::Command::kCreate) return state == v1::STATE_UNSPECIFIED;
  return allows_state(*rule, state);
}

}  // namespace hotline::domain
