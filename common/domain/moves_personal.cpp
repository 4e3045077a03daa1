#include "common/domain/form.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/permission.hpp"
#include "common/domain/personal.hpp"

namespace hotline::domain::moves {

/// Who may see the ticket is decided before. Here: whether each field is shown to this person, and
/// that the record says what was read and why. Law: 个人信息保护法 art. 54–55 (records of
/// processing).
refusal reveal(move& m) {
  const auto& words = m.command().reveal();
  if (auto no = need(words.reason(), "reveal.reason", "reason")) return no;
  if (words.fields().empty()) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "reveal.fields", "fields");
  }
  for (const auto& field : words.fields()) {
    if (personal_kind(field) == v1::PERSONAL_UNSPECIFIED) {
      return reject(v1::REJECT_CODE_FIELD_INVALID, "reveal.fields", "fields");
    }
    const auto may = access_to(m.org(), m.actor(), action::reveal, m.ticket(), field);
    if (may != field_access::full) {
      return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "reveal.field-access", "fields");
    }
  }
  m.event(v1::EVENT_KIND_REVEALED);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
