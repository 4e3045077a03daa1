#include "common/domain/decide.hpp"

#include <array>
#include <initializer_list>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain {
namespace {

using command_case = v1::Command::BodyCase;
using mask = std::uint64_t;

constexpr mask bit(v1::Role role) { return mask{1} << static_cast<unsigned>(role); }

/// States are numbered in fives up to 80 and singly from 90: folded, they fit into 64 bits.
constexpr unsigned state_index(v1::State s) {
  const auto n = static_cast<unsigned>(s);
  return n >= 90 ? 20 + (n - 90) : n / 5;
}

constexpr mask states(std::initializer_list<v1::State> list) {
  mask m = 0;
  for (const auto s : list) m |= mask{1} << state_index(s);
  return m;
}

constexpr mask roles(std::initializer_list<v1::Role> list) {
  mask m = 0;
  for (const auto r : list) m |= bit(r);
  return m;
}

// Groups of states.
constexpr mask none = mask{1} << 63;  // no ticket yet
constexpr mask waiting = states({v1::STATE_DRAFT, v1::STATE_ACCEPTED});
constexpr mask with_handler =
    states({v1::STATE_DISPATCHED, v1::STATE_HANDLING, v1::STATE_REWORK, v1::STATE_SUSPENDED});
constexpr mask at_work = states({v1::STATE_HANDLING, v1::STATE_REWORK});
constexpr mask open_states =
    waiting | with_handler |
    states({v1::STATE_ANSWERED, v1::STATE_REPLIED, v1::STATE_REVIEWED, v1::STATE_TRANSFERRED});
constexpr mask ended =
    states({v1::STATE_CLOSED, v1::STATE_REJECTED, v1::STATE_WITHDRAWN, v1::STATE_TERMINATED});
constexpr mask all_but_archived = open_states | ended | states({v1::STATE_MERGED});

// Groups of roles.
constexpr mask desk_roles = roles({v1::ROLE_OPERATOR, v1::ROLE_DISPATCHER});
constexpr mask deciders = roles({v1::ROLE_DISPATCHER, v1::ROLE_SUPERVISOR, v1::ROLE_LEAD});
constexpr mask handlers = roles({v1::ROLE_OFFICER, v1::ROLE_LEAD});
constexpr mask lead = roles({v1::ROLE_LEAD});
constexpr mask system_role = roles({v1::ROLE_SYSTEM});
constexpr mask everybody = desk_roles | deciders | handlers | system_role;

/// One line of the table of moves: who may make it, from which states, standing where.
struct move_rule {
  command_case body;
  std::string_view name;
  mask from;
  mask by;
  standing where;
  refusal (*run)(move&);
};

constexpr mask intake_roles =
    desk_roles | roles({v1::ROLE_OFFICER, v1::ROLE_LEAD, v1::ROLE_PARTNER}) | system_role;
constexpr mask checkers = roles({v1::ROLE_DISPATCHER, v1::ROLE_SUPERVISOR});
constexpr mask keepers = roles({v1::ROLE_ADMINISTRATOR}) | system_role;

constexpr std::array table = {
    move_rule{command_case::kCreate, "create", none, intake_roles, standing::anyone, moves::create},
    move_rule{command_case::kSupplement, "supplement", waiting | with_handler,
              desk_roles | system_role, standing::desk, moves::supplement},
    move_rule{command_case::kAnswerDirectly, "answer", waiting, desk_roles, standing::desk,
              moves::answer_directly},
    move_rule{command_case::kCheckAnswer, "check-answer", states({v1::STATE_ANSWERED}), checkers,
              standing::desk, moves::check_answer},
    move_rule{command_case::kRefuse, "refuse", waiting, desk_roles, standing::desk, moves::refuse},
    move_rule{command_case::kDecideRefusal, "decide-refusal", waiting, roles({v1::ROLE_SUPERVISOR}),
              standing::desk, moves::decide_refusal},
    move_rule{command_case::kDispatch, "dispatch", states({v1::STATE_ACCEPTED}),
              roles({v1::ROLE_DISPATCHER}) | system_role, standing::desk, moves::dispatch},
    move_rule{command_case::kSign, "sign", states({v1::STATE_DISPATCHED}), handlers,
              standing::handler, moves::sign},
    move_rule{command_case::kReturnTicket, "return",
              states({v1::STATE_DISPATCHED, v1::STATE_HANDLING}), lead, standing::handler,
              moves::return_ticket},
    move_rule{command_case::kDecideReturn, "decide-return",
              states({v1::STATE_DISPATCHED, v1::STATE_HANDLING}), deciders, standing::anyone,
              moves::decide_return},
    move_rule{command_case::kRedispatch, "redispatch",
              states({v1::STATE_DISPATCHED, v1::STATE_HANDLING}), checkers, standing::above_handler,
              moves::redispatch},
    move_rule{command_case::kHandDown, "hand-down", states({v1::STATE_HANDLING}),
              handlers | roles({v1::ROLE_DISPATCHER}), standing::handler, moves::hand_down},
    move_rule{command_case::kAddCoHandler, "add-co-handler",
              states({v1::STATE_DISPATCHED}) | at_work, handlers | checkers | system_role,
              standing::involved, moves::add_co_handler},
    move_rule{command_case::kGiveOpinion, "give-opinion", with_handler,
              handlers | roles({v1::ROLE_DISPATCHER, v1::ROLE_PARTNER}), standing::anyone,
              moves::give_opinion},
    move_rule{command_case::kRecordContact, "record-contact",
              at_work | states({v1::STATE_SUSPENDED}), handlers, standing::handler,
              moves::record_contact},
    move_rule{command_case::kReportProgress, "report-progress", at_work, handlers,
              standing::handler, moves::report_progress},
    move_rule{command_case::kRequestExtension, "request-extension", states({v1::STATE_HANDLING}),
              handlers, standing::handler, moves::request_extension},
    move_rule{command_case::kDecideExtension, "decide-extension", states({v1::STATE_HANDLING}),
              deciders, standing::anyone, moves::decide_extension},
    move_rule{command_case::kRequestSuspension, "request-suspension", states({v1::STATE_HANDLING}),
              handlers, standing::handler, moves::request_suspension},
    move_rule{command_case::kDecideSuspension, "decide-suspension", states({v1::STATE_HANDLING}),
              deciders, standing::anyone, moves::decide_suspension},
    move_rule{command_case::kResume, "resume", states({v1::STATE_SUSPENDED}),
              handlers | deciders | system_role, standing::involved, moves::resume},
    move_rule{command_case::kUrge, "urge", open_states,
              desk_roles | roles({v1::ROLE_SUPERVISOR}) | system_role, standing::involved,
              moves::urge},
    move_rule{command_case::kSupervise, "supervise", with_handler, checkers,
              standing::above_handler, moves::supervise},
    move_rule{command_case::kAnswerSupervision, "answer-supervision", open_states,
              handlers | checkers, standing::anyone, moves::answer_supervision},
    move_rule{command_case::kCloseSupervision, "close-supervision", open_states, deciders,
              standing::anyone, moves::close_supervision},
    move_rule{command_case::kTakeOver, "take-over", states({v1::STATE_DISPATCHED}) | at_work,
              deciders, standing::above_handler, moves::take_over},
    move_rule{command_case::kRequestTakeOver, "request-take-over",
              states({v1::STATE_DISPATCHED, v1::STATE_HANDLING}), lead, standing::handler,
              moves::request_take_over},
    move_rule{command_case::kReply, "reply", at_work, handlers, standing::handler, moves::reply},
    move_rule{command_case::kReview, "review", states({v1::STATE_REPLIED}), deciders,
              standing::anyone, moves::review},
    move_rule{command_case::kRecordVisit, "record-visit", states({v1::STATE_REVIEWED}), desk_roles,
              standing::desk, moves::record_visit},
    move_rule{command_case::kRework, "rework", states({v1::STATE_REVIEWED, v1::STATE_CLOSED}),
              desk_roles | roles({v1::ROLE_SUPERVISOR}), standing::desk, moves::order_rework},
    move_rule{command_case::kRequestTermination, "request-termination",
              at_work | states({v1::STATE_SUSPENDED}), lead, standing::handler,
              moves::request_termination},
    move_rule{command_case::kDecideTermination, "decide-termination",
              at_work | states({v1::STATE_SUSPENDED}), checkers, standing::anyone,
              moves::decide_termination},
    move_rule{command_case::kRequestExclusion, "request-exclusion",
              at_work | states({v1::STATE_REPLIED, v1::STATE_REVIEWED, v1::STATE_CLOSED}), lead,
              standing::involved, moves::request_exclusion},
    move_rule{command_case::kDecideExclusion, "decide-exclusion", all_but_archived, checkers,
              standing::anyone, moves::decide_exclusion},
    move_rule{command_case::kMerge, "merge",
              waiting | states({v1::STATE_DISPATCHED, v1::STATE_HANDLING}), desk_roles,
              standing::desk, moves::merge},
    move_rule{command_case::kAddMerged, "add-merged", all_but_archived, desk_roles | system_role,
              standing::desk, moves::add_merged},
    move_rule{command_case::kUnmerge, "unmerge", states({v1::STATE_MERGED}), desk_roles,
              standing::desk, moves::unmerge},
    move_rule{command_case::kWithdraw, "withdraw", open_states, desk_roles, standing::desk,
              moves::withdraw},
    move_rule{command_case::kTransferOut, "transfer-out",
              states({v1::STATE_ACCEPTED, v1::STATE_DISPATCHED, v1::STATE_HANDLING}), checkers,
              standing::desk, moves::transfer_out},
    move_rule{command_case::kRecordPartnerAnswer, "record-partner-answer",
              states({v1::STATE_TRANSFERRED}),
              roles({v1::ROLE_PARTNER, v1::ROLE_DISPATCHER}) | system_role, standing::anyone,
              moves::record_partner_answer},
    move_rule{command_case::kEscalate, "escalate", open_states, system_role, standing::anyone,
              moves::escalate},
    move_rule{command_case::kAnnotate, "annotate", all_but_archived, everybody, standing::involved,
              moves::annotate},
    move_rule{command_case::kAddLink, "add-link", all_but_archived, everybody, standing::involved,
              moves::add_link},
    move_rule{command_case::kArchive, "archive", ended, keepers, standing::desk, moves::archive},
    move_rule{command_case::kRecalculate, "recalculate", open_states, keepers, standing::desk,
              moves::recalculate},
    move_rule{command_case::kTick, "tick", open_states | ended, system_role, standing::anyone,
              moves::tick},
};

const move_rule* rule_of(command_case body) {
  for (const auto& rule : table) {
    if (rule.body == body) return &rule;
  }
  return nullptr;
}

mask state_bit(const v1::Ticket* current) {
  return current ? mask{1} << state_index(current->state()) : none;
}

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

refusal check(const v1::Ticket* current, const move_rule& rule, const v1::Command& command,
              const province& land) {
  if (auto no = check_actor(command, land)) return no;
  if ((rule.by & bit(command.actor().role())) == 0) {
    return reject(v1::REJECT_CODE_ROLE_NOT_ALLOWED, rule.name, "actor.role");
  }
  const bool creates = rule.body == command_case::kCreate;
  if (creates && current) return reject(v1::REJECT_CODE_TICKET_EXISTS, rule.name);
  if (!creates && !current) return reject(v1::REJECT_CODE_TICKET_UNKNOWN, rule.name);
  if (current && command.expected_version() != 0 &&
      command.expected_version() != current->version()) {
    return reject(v1::REJECT_CODE_VERSION_MISMATCH, rule.name);
  }
  return std::nullopt;
}

}  // namespace

namespace {

decision unchanged(const v1::Ticket* current) {
  return {.ticket = current ? *current : v1::Ticket(), .events = {}};
}

}  // namespace

verdict decide(const v1::Ticket* current, const v1::Command& command, const province& land,
               instant now) {
  if (auto no = check_form(command)) return std::unexpected(std::move(*no));
  const auto* rule = rule_of(command.body_case());
  if (!rule) return std::unexpected(reject(v1::REJECT_CODE_BODY_MISSING, "form.body"));
  if (auto no = check(current, *rule, command, land)) return std::unexpected(std::move(*no));

  move m(current, command, land, now);
  if (current) {
    // What came due before this instant happened before the command, whether or not a Tick has told
    // so yet: a late service changes neither who is overdue nor what may still be done.
    if (rule->body != command_case::kTick) {
      moves::catch_up(m);
      m.finish();
    }
    // Who has no part in a ticket learns nothing of its state.
    auto stranger = check_standing(m, rule->where);
    const bool state_fits = (rule->from & state_bit(&m.ticket())) != 0;
    if (stranger && (state_fits || stranger->code() == v1::REJECT_CODE_UNIT_NOT_ALLOWED)) {
      return std::unexpected(std::move(*stranger));
    }
    if (!state_fits) {
      return std::unexpected(reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, rule->name));
    }
  }
  m.begin_command();
  if (auto no = rule->run(m)) return std::unexpected(std::move(*no));
  if (rule->body != command_case::kTick && !m.has_spoken()) return unchanged(current);
  lower_escalation(m);
  auto events = std::move(m).take_events();
  return decision{std::move(m).take_ticket(), std::move(events)};
}

bool may_move(v1::Command::BodyCase body, v1::State state, v1::Role role) {
  const auto* rule = rule_of(body);
  if (!rule || (rule->by & bit(role)) == 0) return false;
  if (body == command_case::kCreate) return state == v1::STATE_UNSPECIFIED;
  return (rule->from & (mask{1} << state_index(state))) != 0;
}

}  // namespace hotline::domain
