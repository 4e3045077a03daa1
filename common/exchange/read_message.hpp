// What a partner has sent, in our words. Strict: nothing is guessed, and what cannot be mapped says
// why, field by field.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/fault.hpp"
#include "common/exchange/partner.hpp"
#include "hotline/v1/exchange.pb.h"

namespace hotline::exchange {

/// One message of a document.
struct read_item {
  /// The bytes of the document; where it held several, without those of the others (excerpt.hpp).
  /// read_message reads it again to the same item.
  std::string original;
  /// The item's own bytes, where it could not be mapped and they can be told from what is around
  /// them: the same item in another document has the same.
  std::string own;
  std::expected<v1::PartnerEvent, std::vector<fault>> event;
};

/// Charset, syntax, items, fields. The fault is about the document as a whole; faults of an item
/// leave the others alone. `partner` and `kind` of each event are set.
std::expected<std::vector<read_item>, fault> read_message(const partner& from,
                                                          std::string_view bytes);

/// What an item that cannot be mapped says of itself, as far as that can be read: event, number,
/// serial and sequence. The document holds this item alone.
v1::PartnerEvent read_names(const partner& from, std::string_view bytes);

/// One field of a message as the partner wrote it and as we read it, for people who try a mapping.
struct read_field {
  std::string theirs;       ///< path in their message
  std::string their_value;  ///< as written; items of a list joined by ", "
  std::string ours;         ///< path in PartnerEvent
  std::string our_value;
  std::string fault;  ///< empty: it was mapped, or is absent and need not be there
};

struct explained_item {
  v1::PartnerEventKind kind = v1::PARTNER_EVENT_KIND_UNSPECIFIED;
  std::vector<read_field> fields;  ///< in the order of the configuration, the event's word first
  /// Paths of what is in the message and no field for this event reads; a list counts once.
  std::vector<std::string> unmapped;
};

/// The same reading, field by field.
std::expected<std::vector<explained_item>, fault> explain_message(const partner& from,
                                                                  std::string_view bytes);

/// The answer to a pull.
struct message_page {
  std::vector<read_item> items;
  std::string next_cursor;  ///< empty when there is none
};
std::expected<message_page, fault> read_page(const partner& from, std::string_view bytes);

/// One line of a partner's nightly list (对账).
struct listed_ticket {
  std::string external_no;
  std::string state;  ///< the partner's code
};
std::expected<std::vector<listed_ticket>, fault> read_list(const partner& from,
                                                           std::string_view bytes);

}  // namespace hotline::exchange
