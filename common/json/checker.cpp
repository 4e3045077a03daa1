#include "common/json/checker.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/rfc3339.hpp"
#include "common/json/text_rules.hpp"

namespace hotline::json {
namespace {

using google::protobuf::Message;
using google::protobuf::Reflection;

std::optional<fault_kind> judge_text(const std::string& text) {
  if (has_forbidden_character(text)) return fault_kind::forbidden_character;
  return std::nullopt;
}

std::optional<fault_kind> judge_enum(const field_entry& f, int number) {
  if (f.names->name(number).empty()) return fault_kind::unknown_enum_value;
  return std::nullopt;
}

std::optional<fault_kind> judge_instant(std::int64_t ms) {
  // Compared as numbers: an instant this far out may not be computed with.
  if (ms == 0) return std::nullopt;
  if (ms < to_unix_ms(wire_instant_begin) || ms >= to_unix_ms(wire_instant_end)) {
    return fault_kind::instant_range;
  }
  return std::nullopt;
}

std::optional<fault_kind> judge_real(double value) {
  if (!std::isfinite(value)) return fault_kind::out_of_range;
  return std::nullopt;
}

/// A value that is not a message; `i` is its place in a list.
std::optional<fault_kind> judge(const Message& m, const field_entry& f, int i) {
  const Reflection& r = *m.GetReflection();
  const auto* d = f.descriptor;
  std::string scratch;
  switch (f.kind) {
    case value_kind::text:
      return judge_text(f.repeated ? r.GetRepeatedStringReference(m, d, i, &scratch)
                                   : r.GetStringReference(m, d, &scratch));
    case value_kind::enumeration:
      return judge_enum(f, f.repeated ? r.GetRepeatedEnumValue(m, d, i) : r.GetEnumValue(m, d));
    case value_kind::instant:
      return judge_instant(f.repeated ? r.GetRepeatedInt64(m, d, i) : r.GetInt64(m, d));
    case value_kind::real:
      return judge_real(f.repeated ? r.GetRepeatedDouble(m, d, i) : r.GetDouble(m, d));
    case value_kind::bytes:
    case value_kind::boolean:
    case value_kind::int32:
    case value_kind::int64:
    case value_kind::uint32:
    case value_kind::uint64:
    case value_kind::message: return std::nullopt;
  }
  return std::nullopt;
}

std::expected<void, fault> check_at(const Message& message, const message_fields& fields,
                                    const std::string& prefix);

std::expected<void, fault> check_value(const Message& m, const field_entry& f, int i,
                                       const std::string& prefix) {
  const auto path = [&] {
    std::string out = prefix + std::string(f.name);
    if (f.repeated) out += '[' + std::to_string(i) + ']';
    return out;
  };
  if (f.kind == value_kind::message) {
    const Reflection& r = *m.GetReflection();
    const Message& inner =
        f.repeated ? r.GetRepeatedMessage(m, f.descriptor, i) : r.GetMessage(m, f.descriptor);
    return check_at(inner, *f.fields, path() + '.');
  }
  if (const auto kind = judge(m, f, i)) return std::unexpected(fault{*kind, path()});
  return {};
}

std::expected<void, fault> check_at(const Message& message, const message_fields& fields,
                                    const std::string& prefix) {
  const Reflection& r = *message.GetReflection();
  if (!r.GetUnknownFields(message).empty()) {
    return std::unexpected(fault{fault_kind::unknown_field, prefix + '?'});
  }
  for (const field_entry& f : fields.fields()) {
    const int count = f.repeated ? r.FieldSize(message, f.descriptor)
                                 : static_cast<int>(r.HasField(message, f.descriptor));
    for (int i = 0; i < count; ++i) {
      if (auto checked = check_value(message, f, i, prefix); !checked) return checked;
    }
  }
  return {};
}

}  // namespace

std::expected<void, fault> check_message(const Message& message, const message_fields& fields) {
  return check_at(message, fields, {});
}

}  // namespace hotline::json
