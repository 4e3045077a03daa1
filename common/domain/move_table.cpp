#include "common/domain/move_table.hpp"

#include <array>
#include <initializer_list>

#include "common/domain/moves.hpp"

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
constexpr mask partner_role = roles({v1::ROLE_PARTNER});
constexpr mask channel_role = roles({v1::ROLE_CHANNEL});
constexpr mask deciders = roles({v1::ROLE_DISPATCHER, v1::ROLE_SUPERVISOR, v1::ROLE_LEAD});
constexpr mask handlers = roles({v1::ROLE_OFFICER, v1::ROLE_LEAD});
constexpr mask lead = roles({v1::ROLE_LEAD});
constexpr mask system_role = roles({v1::ROLE_SYSTEM});
constexpr mask everybody = desk_roles | deciders | handlers | system_role;

constexpr mask intake_roles = desk_roles | handlers | partner_role | channel_role | system_role;
constexpr mask checkers = roles({v1::ROLE_DISPATCHER, v1::ROLE_SUPERVISOR});
constexpr mask readers_in_full = desk_roles | deciders | handlers;
constexpr mask keepers = roles({v1::ROLE_ADMINISTRATOR}) | system_role;

constexpr std::array table = {
    move_rule{command_case::kCreate, "create", none, intake_roles, standing::anyone, moves::create},
    move_rule{command_case::kSupplement, "supplement",
              waiting | with_handler | states({v1::STATE_TRANSFERRED}),
              desk_roles | partner_role | channel_role | system_role, standing::desk,
              moves::supplement},
    move_rule{command_case::kAnswerDirectly, "answer", waiting, desk_roles, standing::desk,
              moves::answer_directly},
    move_rule{command_case::kCheckAnswer, "check-answer", states({v1::STATE_ANSWERED}), checkers,
              standing::desk, moves::check_answer},
    move_rule{command_case::kRefuse, "refuse", waiting, desk_roles, standing::desk, moves::refuse},
    move_rule{command_case::kDecideRefusal, "decide-refusal", waiting, roles({v1::ROLE_SUPERVISOR}),
              standing::desk, moves::decide_refusal},
    move_rule{command_case::kChangeUrgency, "change-urgency",
              waiting | at_work |
                  states({v1::STATE_DISPATCHED, v1::STATE_ANSWERED, v1::STATE_REPLIED,
                          v1::STATE_REVIEWED}),
              deciders, standing::involved, moves::change_urgency},
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
    move_rule{command_case::kReleaseCoHandler, "release-co-handler", with_handler,
              handlers | checkers | system_role, standing::involved, moves::release_co_handler},
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
              desk_roles | roles({v1::ROLE_SUPERVISOR}) | partner_role | channel_role | system_role,
              standing::involved, moves::urge},
    move_rule{command_case::kSupervise, "supervise", with_handler, checkers | partner_role,
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
    move_rule{command_case::kDecideTakeOver, "decide-take-over",
              states({v1::STATE_DISPATCHED, v1::STATE_HANDLING}), deciders, standing::above_handler,
              moves::decide_take_over},
    move_rule{command_case::kReply, "reply", at_work, handlers, standing::handler, moves::reply},
    move_rule{command_case::kReview, "review", states({v1::STATE_REPLIED}), deciders,
              standing::anyone, moves::review},
    move_rule{command_case::kRecordVisit, "record-visit",
              states({v1::STATE_REVIEWED, v1::STATE_CLOSED}),
              desk_roles | partner_role | channel_role, standing::desk, moves::record_visit},
    move_rule{command_case::kRework, "rework", states({v1::STATE_REVIEWED, v1::STATE_CLOSED}),
              desk_roles | roles({v1::ROLE_SUPERVISOR}) | partner_role, standing::desk,
              moves::order_rework},
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
    move_rule{command_case::kFollowMain, "follow-main", states({v1::STATE_MERGED}), system_role,
              standing::anyone, moves::follow_main},
    move_rule{command_case::kWithdraw, "withdraw", open_states,
              desk_roles | partner_role | channel_role, standing::desk, moves::withdraw},
    move_rule{command_case::kTransferOut, "transfer-out",
              states({v1::STATE_ACCEPTED, v1::STATE_DISPATCHED, v1::STATE_HANDLING}), checkers,
              standing::desk, moves::transfer_out},
    move_rule{command_case::kRecordPartnerAnswer, "record-partner-answer",
              states({v1::STATE_TRANSFERRED}),
              roles({v1::ROLE_PARTNER, v1::ROLE_DISPATCHER}) | system_role, standing::anyone,
              moves::record_partner_answer},
    move_rule{command_case::kDecidePartnerExtension, "decide-partner-extension",
              states({v1::STATE_TRANSFERRED}), checkers, standing::desk,
              moves::decide_partner_extension},
    move_rule{command_case::kSetPartnerDue, "set-partner-due", open_states,
              roles({v1::ROLE_DISPATCHER}) | partner_role | system_role, standing::desk,
              moves::set_partner_due},
    move_rule{command_case::kEscalate, "escalate", open_states, system_role, standing::anyone,
              moves::escalate},
    move_rule{command_case::kAnnotate, "annotate", all_but_archived,
              everybody | partner_role | channel_role, standing::party, moves::annotate},
    move_rule{
        command_case::kAddAttachment, "add-attachment", open_states | states({v1::STATE_CLOSED}),
        desk_roles | handlers | partner_role | system_role, standing::party, moves::add_attachment},
    move_rule{command_case::kAddLink, "add-link", all_but_archived, everybody | channel_role,
              standing::involved, moves::add_link},
    move_rule{command_case::kArchive, "archive", ended, keepers, standing::desk, moves::archive},
    move_rule{command_case::kRecalculate, "recalculate", open_states, keepers, standing::desk,
              moves::recalculate},
    move_rule{command_case::kReveal, "reveal", all_but_archived | states({v1::STATE_ARCHIVED}),
              readers_in_full, standing::involved, moves::reveal},
    move_rule{command_case::kTick, "tick", open_states | ended | states({v1::STATE_MERGED}),
              system_role, standing::anyone, moves::tick},
};

}  // namespace

const move_rule* rule_of(v1::Command::BodyCase body) {
  for (const auto& rule : table) {
    if (rule.body == body) return &rule;
  }
  return nullptr;
}

bool allows_role(const move_rule& rule, v1::Role role) {
  return v1::Role_IsValid(role) && (rule.by & bit(role)) != 0;
}

bool allows_state(const move_rule& rule, v1::State state) {
  return v1::State_IsValid(state) && (rule.from & (mask{1} << state_index(state))) != 0;
}

}  // namespace hotline::domain
