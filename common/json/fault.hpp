// What can be wrong with a JSON text that should become a message: a closed set, each with one
// sentence in Chinese and in English, and the path of the field at fault.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline::json {

enum class fault_kind {
  syntax,            ///< not JSON, or something behind the end of the object
  not_utf8,          ///< bytes that are no UTF-8, or half a surrogate pair
  too_deep,          ///< nested deeper than nesting_max
  unknown_field,     ///< no such field in this message
  duplicate_field,   ///< a field came twice in one object
  several_of_oneof,  ///< two fields of which at most one may be set
  null_value,        ///< null: leave the field out instead
  expected_object,   ///< the field is a message
  expected_list,     ///< the field is a list
  expected_text,
  expected_number,
  expected_whole_number,  ///< 1.5, 1.0 or 1e3 where an integer is wanted
  expected_boolean,
  expected_enum_name,  ///< a number or the like where the name of a value is wanted
  unknown_enum_value,  ///< no such value in this enumeration
  out_of_range,        ///< does not fit the type of the field
  bad_instant,         ///< not RFC 3339
  instant_range,       ///< outside the years 2000..2100
  bad_base64,
  forbidden_character,  ///< a control character or one that reverses the direction of text
};

/// A stable name, e.g. "unknown_field": what a problem answer calls the rule.
std::string_view to_string(fault_kind kind);

/// For the person at the screen; without a full stop.
std::string_view reason_zh(fault_kind kind);
std::string_view reason_en(fault_kind kind);

struct fault {
  fault_kind kind;
  std::string path;        ///< "intake.caller.phone", "disposals[2]"; empty = the whole text
  std::size_t offset = 0;  ///< bytes from the start of the text, about where it was noticed

  bool operator==(const fault&) const = default;
};

/// errc::invalid_argument, "intake.caller.phone: must be text (near byte 72)". Holds nothing of the
/// text but names of fields.
failure to_failure(const fault& f);

}  // namespace hotline::json
