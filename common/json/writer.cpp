#include "common/json/writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "common/base/base64.hpp"
#include "common/base/rfc3339.hpp"

namespace hotline::json {
namespace {

using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::array<bool, 256> make_escaped() {
  std::array<bool, 256> escaped{};
  for (std::size_t c = 0; c < 0x20; ++c) escaped[c] = true;
  escaped['"'] = escaped['\\'] = escaped[0x7F] = true;
  return escaped;
}

constexpr std::array<bool, 256> escaped = make_escaped();

void write_escaped(char c, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += hex[static_cast<std::uint8_t>(c) >> 4U];
      out += hex[static_cast<std::uint8_t>(c) & 15U];
  }
}

template <class Number>
void write_number(Number value, std::string& out) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

void write_real(double value, std::string& out) {
  // JSON has no word for them, and none of our numbers means anything then.
  if (!std::isfinite(value)) value = 0;
  write_number(value, out);
}

void write_instant(std::int64_t ms, std::string& out) {
  out += '"';
  if (ms != 0) append_rfc3339(out, from_unix_ms(ms));
  out += '"';
}

void write_enum(int number, const enum_names& names, std::string& out) {
  const std::string_view name = names.name(number);
  if (name.empty()) return write_number(number, out);
  out += '"';
  out += name;
  out += '"';
}

void write_bytes(std::string_view bytes, std::string& out) {
  out += '"';
  append_base64(out, bytes);
  out += '"';
}

/// Writes the fields of one message, with the commas between them.
class object_writer {
 public:
  object_writer(const Message& message, std::string& out)
      : message_(message), reflection_(*message.GetReflection()), out_(out) {}

  void write(const message_fields& fields) {
    out_ += '{';
    for (const field_entry& field : fields.fields()) {
      if (field.repeated) {
        write_list(field);
      } else if (!field.has_presence) {
        write_plain(field);
      } else if (reflection_.HasField(message_, field.descriptor)) {
        write_present(field);
      }
    }
    out_ += '}';
  }

 private:
  void begin(const field_entry& field) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += field.printed_name;
  }

  /// A field without presence: zero is the same as absent. One look-up decides and gives the value.
  void write_plain(const field_entry& f) {
    switch (f.kind) {
      case value_kind::text:
      case value_kind::bytes: {
        std::string scratch;
        const std::string& text = reflection_.GetStringReference(message_, f.descriptor, &scratch);
        if (text.empty()) return;
        begin(f);
        return f.kind == value_kind::text ? write_text(text, out_) : write_bytes(text, out_);
      }
      case value_kind::boolean:
        if (!reflection_.GetBool(message_, f.descriptor)) return;
        begin(f);
        out_ += "true";
        return;
      case value_kind::int32: return unless_zero(f, reflection_.GetInt32(message_, f.descriptor));
      case value_kind::int64: return unless_zero(f, reflection_.GetInt64(message_, f.descriptor));
      case value_kind::uint32: return unless_zero(f, reflection_.GetUInt32(message_, f.descriptor));
      case value_kind::uint64: return unless_zero(f, reflection_.GetUInt64(message_, f.descriptor));
      case value_kind::real: {
        const double value = reflection_.GetDouble(message_, f.descriptor);
        if (value == 0 || !std::isfinite(value)) return;
        begin(f);
        return write_real(value, out_);
      }
      case value_kind::instant: {
        const std::int64_t ms = reflection_.GetInt64(message_, f.descriptor);
        if (ms == 0) return;
        begin(f);
        return write_instant(ms, out_);
      }
      case value_kind::enumeration: {
        const int number = reflection_.GetEnumValue(message_, f.descriptor);
        if (number == 0) return;
        begin(f);
        return write_enum(number, *f.names, out_);
      }
      case value_kind::message: return;  // messages always have presence
    }
  }

  template <class Number>
  void unless_zero(const field_entry& f, Number value) {
    if (value == 0) return;
    begin(f);
    write_number(value, out_);
  }

  void write_present(const field_entry& f) {
    begin(f);
    const auto* d = f.descriptor;
    std::string scratch;
    switch (f.kind) {
      case value_kind::text:
        return write_text(reflection_.GetStringReference(message_, d, &scratch), out_);
      case value_kind::bytes:
        return write_bytes(reflection_.GetStringReference(message_, d, &scratch), out_);
      case value_kind::boolean: out_ += reflection_.GetBool(message_, d) ? "true" : "false"; return;
      case value_kind::int32: return write_number(reflection_.GetInt32(message_, d), out_);
      case value_kind::int64: return write_number(reflection_.GetInt64(message_, d), out_);
      case value_kind::uint32: return write_number(reflection_.GetUInt32(message_, d), out_);
      case value_kind::uint64: return write_number(reflection_.GetUInt64(message_, d), out_);
      case value_kind::real: return write_real(reflection_.GetDouble(message_, d), out_);
      case value_kind::instant: return write_instant(reflection_.GetInt64(message_, d), out_);
      case value_kind::enumeration:
        return write_enum(reflection_.GetEnumValue(message_, d), *f.names, out_);
      case value_kind::message:
        return write_object(reflection_.GetMessage(message_, d), *f.fields, out_);
    }
  }

  void write_list(const field_entry& f) {
    const int size = reflection_.FieldSize(message_, f.descriptor);
    if (size == 0) return;
    begin(f);
    out_ += '[';
    for (int i = 0; i < size; ++i) {
      if (i > 0) out_ += ',';
      write_item(f, i);
    }
    out_ += ']';
  }

  void write_item(const field_entry& f, int i) {
    const auto* d = f.descriptor;
    std::string scratch;
    switch (f.kind) {
      case value_kind::text:
        return write_text(reflection_.GetRepeatedStringReference(message_, d, i, &scratch), out_);
      case value_kind::bytes:
        return write_bytes(reflection_.GetRepeatedStringReference(message_, d, i, &scratch), out_);
      case value_kind::boolean:
        out_ += reflection_.GetRepeatedBool(message_, d, i) ? "true" : "false";
        return;
      case value_kind::int32:
        return write_number(reflection_.GetRepeatedInt32(message_, d, i), out_);
      case value_kind::int64:
        return write_number(reflection_.GetRepeatedInt64(message_, d, i), out_);
      case value_kind::uint32:
        return write_number(reflection_.GetRepeatedUInt32(message_, d, i), out_);
      case value_kind::uint64:
        return write_number(reflection_.GetRepeatedUInt64(message_, d, i), out_);
      case value_kind::real: return write_real(reflection_.GetRepeatedDouble(message_, d, i), out_);
      case value_kind::instant:
        return write_instant(reflection_.GetRepeatedInt64(message_, d, i), out_);
      case value_kind::enumeration:
        return write_enum(reflection_.GetRepeatedEnumValue(message_, d, i), *f.names, out_);
      case value_kind::message:
        return write_object(reflection_.GetRepeatedMessage(message_, d, i), *f.fields, out_);
    }
  }

  const Message& message_;
  const Reflection& reflection_;
  std::string& out_;
  bool first_ = true;
};

}  // namespace

void write_text(std::string_view text, std::string& out) {
  out += '"';
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!escaped[static_cast<std::uint8_t>(text[i])]) continue;
    out.append(text, run, i - run);
    write_escaped(text[i], out);
    run = i + 1;
  }
  out.append(text, run);
  out += '"';
}

void write_object(const Message& message, const message_fields& fields, std::string& out) {
  object_writer(message, out).write(fields);
}

}  // namespace hotline::json
