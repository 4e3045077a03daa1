#include <algorithm>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"

namespace hotline::domain::moves {

/// The bytes have been stored elsewhere; the ticket keeps where, how many, and their hash.
refusal add_attachment(move& m) {
  const auto& file = m.command().add_attachment().attachment();
  if (auto no = check_attachment(file, "attachment")) return no;
  const auto& files = m.ticket().intake().attachments();
  // The same bytes again, from a partner that repeats itself, are no further file.
  if (std::ranges::find(files, file.sha256(), &v1::Attachment::sha256) != files.end()) {
    return std::nullopt;
  }
  if (files.size() >= list_items_max) {
    return reject(v1::REJECT_CODE_FIELD_TOO_LONG, "attachment.count", "attachment");
  }
  *m.event(v1::EVENT_KIND_ATTACHED).mutable_attachment() = file;
  supply_partner(m);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
