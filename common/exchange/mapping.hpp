// A partner's configuration, compiled: what reading and writing work on. Only this room looks into
// it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/region.hpp"
#include "common/exchange/document.hpp"
#include "common/exchange/our_field.hpp"
#include "hotline/v1/partner.pb.h"

namespace hotline::exchange {

/// 代码对照表; the first entry that fits counts, in both directions.
struct code_table {
  std::map<std::string, std::string, std::less<>> ours_of;
  std::map<std::string, std::string, std::less<>> theirs_of;
  std::string otherwise_ours;
  std::string otherwise_theirs;

  /// Empty: not listed.
  std::string_view ours(std::string_view theirs) const;
  std::string_view theirs(std::string_view ours) const;
};

/// One FieldCondition.
struct field_condition {
  our_path ours;
  std::vector<std::string> values;
};

/// One FieldMapping.
struct field_rule {
  const v1::FieldMapping* config = nullptr;
  document_path theirs;
  our_path ours;  ///< without fields where the text is fixed
  const code_table* table = nullptr;
  value_form form;
  std::vector<field_condition> where;

  bool is_for(v1::PartnerEventKind kind) const;
  /// Whether the event has what the field needs.
  bool holds_for(const v1::PartnerEvent& event) const;
};

/// Paths into a partner's answer to what we sent.
struct answer_paths {
  document_path code;
  document_path message;
  document_path external_no;
  document_path upload_reference;
};

struct partner_mapping {
  v1::Partner config;
  const domain::region_recogniser* places = nullptr;
  std::map<std::string, code_table, std::less<>> tables;

  document_path items_in;
  document_path event_word;
  std::vector<field_rule> fields_in;
  document_path next_cursor;
  document_path our_answer_code;  ///< of what we answer to a push
  document_path our_answer_message;
  document_path our_answer_ticket;
  document_path list_items;  ///< 对账
  document_path list_external_no;
  document_path list_state;

  std::vector<field_rule> fields_out;
  answer_paths answer;

  v1::PartnerEventKind kind_in(std::string_view word) const;
  /// Empty: they are not told of such events.
  std::string_view word_out(v1::PartnerEventKind kind) const;
};

}  // namespace hotline::exchange
