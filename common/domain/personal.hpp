// Which fields are personal data, where they stand in tickets and events, and how they are shown to
// those who must not read them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hotline/v1/event.pb.h"
#include "hotline/v1/personal.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace google::protobuf {
class FieldDescriptor;
}

namespace hotline::domain {

/// The kind of the personal field at `path` ("caller.phone", "call.number", "contact.number",
/// "employer.contact"); UNSPECIFIED for any other path.
v1::Personal personal_kind(std::string_view path);

/// What stands for a value at rest instead of the value (personal.proto).
inline bool is_sealed(std::string_view value) { return value.starts_with('~'); }

/// `value` as it is shown in lists, logs and pushes: 张*, 138****1234, 3****************X, and an
/// address up to its county. Never more than the rule allows, however short or strange the value.
std::string mask(v1::Personal kind, std::string_view value);

/// What in other words would tell the value: the whole of it, of an address what follows the
/// county. Empty when there is nothing to look for.
std::string telling_part(v1::Personal kind, std::string_view value);

/// Sees, and may change, a personal field that is set.
using personal_visitor = std::function<void(std::string_view path, std::string& value)>;

/// Every personal field of a message, wherever it stands in it. An event holds some twice: in what
/// it changes and in the words of the command.
void visit_personal(v1::Intake& intake, const personal_visitor& visit);
void visit_personal(v1::Ticket& ticket, const personal_visitor& visit);
void visit_personal(v1::Event& event, const personal_visitor& visit);

/// A field of any message that holds personal data: marked in proto/, or a command's number that
/// becomes such a field.
bool is_personal(const google::protobuf::FieldDescriptor& field);

}  // namespace hotline::domain
