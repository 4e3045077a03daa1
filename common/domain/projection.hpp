// What of a ticket or an event somebody is shown: fields left out, personal values masked, words
// without numbers. Everything that leaves the hotline goes through here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/permission.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// Opens the stored token of a personal field of the ticket at hand; nothing when it cannot be
/// opened (another key, damaged). `path` as in personal_kind: "caller.phone", "contact.number".
using token_opener =
    std::function<std::optional<std::string>(std::string_view path, std::string_view token)>;

/// An opener that opens nothing: every token is shown as ****.
std::optional<std::string> open_nothing(std::string_view path, std::string_view token);

/// How each group of fields is shown to one viewer for one action; made once per ticket.
struct view {
  field_access caller = field_access::hidden;
  field_access employer = field_access::hidden;
  field_access content = field_access::hidden;
  field_access files = field_access::hidden;
  field_access internal = field_access::hidden;
  std::string unit;  ///< the viewer's: their own part is shown where others' are not
  /// Of a caller that is hidden: names, numbers and addresses to be taken out of all words.
  std::vector<std::string> withheld = {};
};

view view_of(const organisation& org, const v1::Actor& actor, action what,
             const v1::Ticket& ticket);

/// Adds to `withheld` what the ticket's personal fields tell, where the view hides them. Whoever
/// projects events needs it: an event's words speak of a caller that only the ticket names.
void withhold(view& shown, const v1::Ticket& ticket, const token_opener& open);

/// For tools on the machine itself, used by nobody knows whom: everything masked, files left out.
view masked_view();

/// A personal value as it may be shown: empty, masked, or in full; **** for a token that cannot be
/// opened. Never a token.
std::string show_personal(std::string_view path, std::string_view stored, field_access how,
                          const token_opener& open);

/// Words of one field as they may be shown.
std::string show_words(std::string_view words, field_access how);

/// Takes out of a ticket what the view does not show. The ticket must be the one the view was made
/// for, or its past (an earlier fold of its events).
void project(v1::Ticket& ticket, const view& shown, const token_opener& open);

/// The same for an event of that ticket; what it does not say itself of the caller is known to the
/// view (withhold).
void project(v1::Event& event, const view& shown, const token_opener& open);

/// The same for what a command is answered with.
void project(v1::CommandAnswer& answer, const view& shown);

}  // namespace hotline::domain
