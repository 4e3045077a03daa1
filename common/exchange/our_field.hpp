// Fields of PartnerEvent by path, as text: how a value of a partner becomes one of ours and back.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/v1/exchange.pb.h"

namespace hotline::exchange {

/// "attachments[].reference", resolved.
struct our_path {
  std::string text;
  std::vector<const google::protobuf::FieldDescriptor*> fields;  ///< from PartnerEvent inwards
  std::optional<std::size_t> list;  ///< which of `fields` is the list; at most one

  const google::protobuf::FieldDescriptor& field() const { return *fields.back(); }
};

/// Otherwise the English reason why there is no such field.
std::expected<our_path, std::string> resolve_ours(std::string_view path);

/// What the text of a value means, by the name of our field: "…_at" is an instant, "…_date" a day.
bool is_instant(const google::protobuf::FieldDescriptor& field);
bool is_day(const google::protobuf::FieldDescriptor& field);
bool is_whole_number(const google::protobuf::FieldDescriptor& field);

/// How values of a field are written.
struct value_form {
  std::string date_format;
  std::int64_t scale = 1;   ///< theirs × scale = ours
  bool end_of_day = false;  ///< an instant means the last one of its day
};

/// Puts a value into the event; with a list, into its item (made where it is missing). Otherwise
/// the Chinese reason why the text is no such value.
std::expected<void, std::string> set_ours(v1::PartnerEvent& event, const our_path& path,
                                          std::size_t item, std::string_view text,
                                          const value_form& form);

/// How many values the event has there: items of the list, else 1 or (a default value) 0.
std::size_t count_ours(const v1::PartnerEvent& event, const our_path& path);

/// A value as text: names of enumeration values, dates in the form; empty for a default value.
std::string get_ours(const v1::PartnerEvent& event, const our_path& path, std::size_t item,
                     const value_form& form);

}  // namespace hotline::exchange
