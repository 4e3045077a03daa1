// Who may do and see what (权限): the one function every path asks. Pure; deny by default.
// PERMISSION.md is the same in prose and tables, and the tests compare the two cell by cell.
#pragma once

#include <string_view>

#include "common/domain/organisation.hpp"
#include "common/domain/sight.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

struct move_rule;

/// What people do besides commands.
enum class action {
  // about a ticket
  read_ticket,
  read_history,
  list,           ///< a line of a list
  search,         ///< found by its words
  caller_lookup,  ///< found by its caller's number
  export_tickets,
  attachment,  ///< fetch a file or recording
  stream,      ///< pushed to an open socket
  webhook,     ///< told to a partner's system
  reveal,      ///< personal data in full, with a reason; judged as the command it is
  // about a unit
  read_queue,
  claim,
  read_board,
  statistics,
  manage_users,
  read_users,
  read_audit,
  // about a partner's unit
  read_partner,    ///< how the exchange with it goes
  settle_partner,  ///< decide what could not be taken in; compare both sides now
  mend_partner,    ///< look at what it could not be told, edit it, send it again
  // about the hotline
  read_progress,  ///< how the matter of a caller goes, for who names its number and theirs
  hand_in_file,   ///< leave the bytes of a file, to be put on a ticket
  read_directory,
  read_duty_phone,
  read_clock,
  set_clock,
  manage_keys,
  configure,
};

inline constexpr int actions = static_cast<int>(action::configure) + 1;

enum class access {
  granted,
  unknown,  ///< the ticket does not exist for this actor: answer as for one that does not exist
  role,     ///< the role may not
  unit,     ///< the role may, but not the unit this is done for
  state,    ///< a command the ticket's state does not allow
};

/// A reading of a ticket; without a ticket: whether the role may at all.
access permit(const organisation& org, const v1::Actor& actor, action what,
              const v1::Ticket* ticket);
/// A reading or administration of what belongs to a unit: its queue, board, figures, users, audit
/// records. The unit must be the actor's or below it.
access permit_unit(const organisation& org, const v1::Actor& actor, action what,
                   std::string_view unit);
/// A command, as far as actor and ticket decide; what its words say is judged by decide. `current`
/// is nullptr for a create and for a ticket that does not exist.
access permit(const organisation& org, const v1::Actor& actor, v1::Command::BodyCase command,
              const v1::Ticket* current);

/// The first half of a command's judgement: is there such a ticket for this actor, may the role.
access permit_known(const organisation& org, const v1::Actor& actor, const move_rule& rule,
                    const v1::Ticket* current);
/// All of it.
access permit(const organisation& org, const v1::Actor& actor, const move_rule& rule,
              const v1::Ticket* current);

/// The fields of a ticket by what they tell.
enum class field_group {
  caller,    ///< who called: name, numbers, addresses, the call, the number that was called back
  employer,  ///< the firm's contact person
  content,   ///< words: what happened, what was asked, noted, answered
  files,     ///< attachments, evidence, recordings
  internal,  ///< how the unions share the work: parts, clocks, requests, orders, visits
};

inline constexpr int field_groups = static_cast<int>(field_group::internal) + 1;

enum class field_access {
  hidden,
  masked,  ///< personal fields as domain::mask, words as mask_free_text shows them
  full,
};

/// How a group of fields is shown for an action about this ticket. Personal groups are full only
/// for reveal, and for a webhook the caller consented to.
field_access access_to(const organisation& org, const v1::Actor& actor, action what,
                       const v1::Ticket& ticket, field_group group);
/// The same for one personal field ("caller.phone"); hidden for a path that is none.
field_access access_to(const organisation& org, const v1::Actor& actor, action what,
                       const v1::Ticket& ticket, std::string_view personal_path);

}  // namespace hotline::domain
