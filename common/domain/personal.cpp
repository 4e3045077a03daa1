#include "common/domain/personal.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <utility>

namespace hotline::domain {
namespace {

constexpr std::array<std::pair<std::string_view, v1::Personal>, 10> fields{{
    {"call.number", v1::PERSONAL_PHONE},
    {"caller.name", v1::PERSONAL_NAME},
    {"caller.phone", v1::PERSONAL_PHONE},
    {"caller.identity_no", v1::PERSONAL_IDENTITY_NO},
    {"caller.address", v1::PERSONAL_ADDRESS},
    {"caller.household_place", v1::PERSONAL_ADDRESS},
    {"caller.beneficiary", v1::PERSONAL_NAME},
    {"employer.contact", v1::PERSONAL_NAME},
    {"employer.contact_phone", v1::PERSONAL_PHONE},
    {"contact.number", v1::PERSONAL_PHONE},
}};

/// Bytes of the UTF-8 character that begins with `first`.
std::size_t character_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x80) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

std::string_view first_character(std::string_view text) {
  return text.empty() ? text : text.substr(0, character_bytes(text.front()));
}

/// The ends of a number, stars between: at least four of them.
std::string keep_ends(std::string_view value, std::size_t head, std::size_t tail) {
  constexpr std::size_t stars_min = 4;
  if (value.size() < head + tail + stars_min)
    return std::string(std::max(value.size(), stars_min), '*');
  std::string shown(value.substr(0, head));
  shown.append(value.size() - head - tail, '*');
  return shown.append(value.substr(value.size() - tail));
}

/// Bytes of the divisions an address begins with: what follows the last 县, 市 or 区 among the
/// first of them is a person's door.
std::size_t division_bytes(std::string_view value) {
  constexpr std::array divisions{std::string_view("省"), std::string_view("市"),
                                 std::string_view("区"), std::string_view("县")};
  constexpr std::size_t division_characters_max = 6;
  std::size_t shown = 0;
  std::size_t since = 0;  // characters since the last division ended
  for (std::size_t at = 0; at < value.size() && since <= division_characters_max;) {
    const auto one = value.substr(at, character_bytes(value[at]));
    at += one.size();
    ++since;
    if (std::ranges::find(divisions, one) != divisions.end()) {
      shown = at;
      since = 0;
    }
  }
  return shown;
}

/// 山东省济宁市邹城市某路 1 号 → 山东省济宁市邹城市****
std::string mask_address(std::string_view value) {
  return std::string(value.substr(0, division_bytes(value))) + "****";
}

void visit_field(std::string_view path, std::string& value, const personal_visitor& visit) {
  if (!value.empty()) visit(path, value);
}

void visit_contact(v1::Contact& contact, const personal_visitor& visit) {
  visit_field("contact.number", *contact.mutable_number(), visit);
}

/// The words of a command, as far as they are kept beside the change.
void visit_cause(v1::Command& cause, const personal_visitor& visit) {
  if (cause.has_create()) visit_personal(*cause.mutable_create()->mutable_intake(), visit);
  if (cause.has_supplement()) visit_personal(*cause.mutable_supplement()->mutable_intake(), visit);
  if (cause.has_record_contact()) {
    visit_field("contact.number", *cause.mutable_record_contact()->mutable_number(), visit);
  }
}

}  // namespace

void visit_personal(v1::Intake& intake, const personal_visitor& visit) {
  if (intake.has_call())
    visit_field("call.number", *intake.mutable_call()->mutable_number(), visit);
  if (intake.has_caller()) {
    v1::Caller& caller = *intake.mutable_caller();
    visit_field("caller.name", *caller.mutable_name(), visit);
    visit_field("caller.phone", *caller.mutable_phone(), visit);
    visit_field("caller.identity_no", *caller.mutable_identity_no(), visit);
    visit_field("caller.address", *caller.mutable_address(), visit);
    visit_field("caller.household_place", *caller.mutable_household_place(), visit);
    visit_field("caller.beneficiary", *caller.mutable_beneficiary(), visit);
  }
  if (intake.has_employer()) {
    v1::Employer& employer = *intake.mutable_employer();
    visit_field("employer.contact", *employer.mutable_contact(), visit);
    visit_field("employer.contact_phone", *employer.mutable_contact_phone(), visit);
  }
}

void visit_personal(v1::Ticket& ticket, const personal_visitor& visit) {
  if (ticket.has_intake()) visit_personal(*ticket.mutable_intake(), visit);
  for (v1::Contact& contact : *ticket.mutable_contacts()) visit_contact(contact, visit);
}

void visit_personal(v1::Event& event, const personal_visitor& visit) {
  if (event.has_change()) {
    v1::Change& change = *event.mutable_change();
    if (change.has_intake()) visit_personal(*change.mutable_intake(), visit);
    if (change.has_contact()) visit_contact(*change.mutable_contact(), visit);
  }
  if (event.has_cause()) visit_cause(*event.mutable_cause(), visit);
}

v1::Personal personal_kind(std::string_view path) {
  const auto* found =
      std::ranges::find(fields, path, &std::pair<std::string_view, v1::Personal>::first);
  return found == fields.end() ? v1::PERSONAL_UNSPECIFIED : found->second;
}

std::string mask(v1::Personal kind, std::string_view value) {
  if (value.empty()) return {};
  switch (kind) {
    case v1::PERSONAL_NAME: return std::string(first_character(value)) + "*";
    case v1::PERSONAL_PHONE: return keep_ends(value, 3, 4);
    case v1::PERSONAL_IDENTITY_NO: return keep_ends(value, 1, 1);
    case v1::PERSONAL_ADDRESS: return mask_address(value);
    default: return "****";
  }
}

std::string telling_part(v1::Personal kind, std::string_view value) {
  if (kind == v1::PERSONAL_ADDRESS) value.remove_prefix(division_bytes(value));
  // One character alone is in every text.
  return value.size() > first_character(value).size() ? std::string(value) : std::string();
}

bool is_personal(const google::protobuf::FieldDescriptor& field) {
  return field.options().GetExtension(v1::personal) != v1::PERSONAL_UNSPECIFIED ||
         field.full_name() == "hotline.v1.RecordContact.number";
}

}  // namespace hotline::domain
