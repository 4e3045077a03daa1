#include "common/json/reader.hpp"

#include <google/protobuf/descriptor.h>

#include <bitset>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/assert.hpp"
#include "common/base/base64.hpp"
#include "common/base/rfc3339.hpp"
#include "common/json/codec.hpp"
#include "common/json/text_rules.hpp"

namespace hotline::json {
namespace {

namespace bj = boost::json;
using google::protobuf::Message;
using google::protobuf::Reflection;

fault_kind expected_for(value_kind kind) {
  switch (kind) {
    case value_kind::text: return fault_kind::expected_text;
    case value_kind::bytes: return fault_kind::bad_base64;
    case value_kind::boolean: return fault_kind::expected_boolean;
    case value_kind::int32:
    case value_kind::int64:
    case value_kind::uint32:
    case value_kind::uint64: return fault_kind::expected_whole_number;
    case value_kind::real: return fault_kind::expected_number;
    case value_kind::instant: return fault_kind::bad_instant;
    case value_kind::enumeration: return fault_kind::expected_enum_name;
    case value_kind::message: return fault_kind::expected_object;
  }
  return fault_kind::syntax;
}

/// An object that is being read.
struct level {
  Message* message;
  const Reflection* reflection;
  const message_fields* fields;
  const field_entry* field = nullptr;  ///< whose value comes next
  bool in_list = false;
  int index = 0;  ///< within the list
  std::bitset<fields_max> seen = {};
};

/// Receives the pieces of the text from Boost.JSON's parser and puts them where they belong. Every
/// on_… answers false after a fault, which stops the parser.
class message_builder {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  message_builder(const message_fields& fields, Message& root) : fields_(fields), root_(root) {}

  const std::optional<fault>& found() const { return fault_; }

  /// Where the reading has come to: "intake.attachments[2].name".
  std::string path() const {
    std::string out;
    for (const level& l : levels_) {
      if (l.field == nullptr) break;
      if (!out.empty()) out += '.';
      out += l.field->name;
      if (l.in_list) out += '[' + std::to_string(l.index) + ']';
    }
    return out;
  }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }

  bool on_object_begin(bj::error_code& ec) {
    if (levels_.empty()) return enter(root_, fields_);
    level& l = levels_.back();
    if (!expects_value(l, value_kind::message, ec)) return false;
    Message* const inner = l.in_list ? l.reflection->AddMessage(l.message, l.field->descriptor)
                                     : l.reflection->MutableMessage(l.message, l.field->descriptor);
    return enter(*inner, *l.field->fields);
  }

  bool on_object_end(std::size_t, bj::error_code&) {
    levels_.pop_back();
    if (!levels_.empty()) value_done(levels_.back());
    return true;
  }

  bool on_array_begin(bj::error_code& ec) {
    if (levels_.empty()) return refuse(fault_kind::expected_object, ec);
    level& l = levels_.back();
    if (!l.field->repeated || l.in_list) return refuse(expected_for(l.field->kind), ec);
    l.in_list = true;
    l.index = 0;
    return true;
  }

  bool on_array_end(std::size_t, bj::error_code&) {
    levels_.back().in_list = false;
    return true;
  }

  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) {
    pieces_.append(part.data(), part.size());
    return true;
  }

  bool on_key(bj::string_view last, std::size_t, bj::error_code& ec) {
    const bool ok = begin_field(whole(last), ec);
    pieces_.clear();
    return ok;
  }

  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
    pieces_.append(part.data(), part.size());
    return true;
  }

  bool on_string(bj::string_view last, std::size_t, bj::error_code& ec) {
    const bool ok = put_string(whole(last), ec);
    pieces_.clear();
    return ok;
  }

  bool on_number_part(bj::string_view, bj::error_code&) { return true; }

  bool on_int64(std::int64_t value, bj::string_view, bj::error_code& ec) {
    return put_whole(value, ec);
  }

  bool on_uint64(std::uint64_t value, bj::string_view, bj::error_code& ec) {
    return put_whole(value, ec);
  }

  /// The parser's own value is not used: up to Boost 1.83 it may be off in the last place.
  bool on_double(double, bj::string_view text, bj::error_code& ec) {
    if (levels_.empty()) return refuse(fault_kind::expected_object, ec);
    level& l = levels_.back();
    if (l.field->kind == value_kind::real && is_list_matched(l)) return put_real(l, text, ec);
    const fault_kind wanted = expected_here(l);
    const bool too_long = text.find_first_of(".eE") == bj::string_view::npos;
    const bool is_overflow = wanted == fault_kind::expected_whole_number && too_long;
    return refuse(is_overflow ? fault_kind::out_of_range : wanted, ec);
  }

  bool on_bool(bool value, bj::error_code& ec) {
    if (levels_.empty()) return refuse(fault_kind::expected_object, ec);
    level& l = levels_.back();
    if (!expects_value(l, value_kind::boolean, ec)) return false;
    if (l.in_list) {
      l.reflection->AddBool(l.message, l.field->descriptor, value);
    } else {
      l.reflection->SetBool(l.message, l.field->descriptor, value);
    }
    return value_done(l);
  }

  bool on_null(bj::error_code& ec) {
    return refuse(levels_.empty() ? fault_kind::expected_object : fault_kind::null_value, ec);
  }

  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

 private:
  bool refuse(fault_kind kind, bj::error_code& ec) { return refuse(kind, path(), ec); }

  bool refuse(fault_kind kind, std::string where, bj::error_code& ec) {
    fault_ = fault{kind, std::move(where)};
    ec = make_error_code(bj::error::syntax);  // any error: the fault is what counts
    return false;
  }

  bool enter(Message& message, const message_fields& fields) {
    levels_.push_back(
        {.message = &message, .reflection = message.GetReflection(), .fields = &fields});
    return true;
  }

  /// The text that the parser delivered in one or several pieces.
  std::string_view whole(bj::string_view last) {
    if (pieces_.empty()) return {last.data(), last.size()};
    pieces_.append(last.data(), last.size());
    return pieces_;
  }

  bool begin_field(std::string_view name, bj::error_code& ec) {
    level& l = levels_.back();
    l.field = nullptr;
    const field_entry* const field = l.fields->find(name);
    if (field == nullptr) return refuse(fault_kind::unknown_field, path_with(name), ec);
    l.field = field;
    if (l.seen.test(field->position)) return refuse(fault_kind::duplicate_field, ec);
    if (field->oneof != nullptr && l.reflection->HasOneof(*l.message, field->oneof)) {
      return refuse(fault_kind::several_of_oneof, ec);
    }
    l.seen.set(field->position);
    return true;
  }

  /// The path of a field that does not exist. What the client sent is shown back to him only when
  /// it is short and harmless.
  std::string path_with(std::string_view name) const {
    constexpr std::size_t shown_bytes_max = 64;
    const bool shown = name.size() <= shown_bytes_max && !has_forbidden_character(name);
    std::string out = path();
    if (!out.empty()) out += '.';
    out += shown ? name : std::string_view("?");
    return out;
  }

  static bool is_list_matched(const level& l) { return l.field->repeated == l.in_list; }

  static fault_kind expected_here(const level& l) {
    return is_list_matched(l) ? expected_for(l.field->kind) : fault_kind::expected_list;
  }

  bool expects_value(const level& l, value_kind kind, bj::error_code& ec) {
    if (l.field->kind == kind && is_list_matched(l)) return true;
    return refuse(expected_here(l), ec);
  }

  static bool value_done(level& l) {
    if (l.in_list) ++l.index;
    return true;
  }

  bool put_string(std::string_view text, bj::error_code& ec) {
    if (levels_.empty()) return refuse(fault_kind::expected_object, ec);
    level& l = levels_.back();
    if (!is_list_matched(l)) return refuse(fault_kind::expected_list, ec);
    switch (l.field->kind) {
      case value_kind::text:
        if (has_forbidden_character(text)) return refuse(fault_kind::forbidden_character, ec);
        return put_text(l, std::string(text));
      case value_kind::bytes: {
        auto bytes = read_base64(text);
        if (!bytes) return refuse(fault_kind::bad_base64, ec);
        return put_text(l, std::move(*bytes));
      }
      case value_kind::enumeration: return put_enum(l, text, ec);
      case value_kind::instant: return put_instant(l, text, ec);
      default: return refuse(expected_for(l.field->kind), ec);
    }
  }

  static bool put_text(level& l, std::string text) {
    if (l.in_list) {
      l.reflection->AddString(l.message, l.field->descriptor, std::move(text));
    } else {
      l.reflection->SetString(l.message, l.field->descriptor, std::move(text));
    }
    return value_done(l);
  }

  bool put_enum(level& l, std::string_view name, bj::error_code& ec) {
    const int* const number = l.field->names->number(name);
    if (number == nullptr) return refuse(fault_kind::unknown_enum_value, ec);
    if (l.in_list) {
      l.reflection->AddEnumValue(l.message, l.field->descriptor, *number);
    } else {
      l.reflection->SetEnumValue(l.message, l.field->descriptor, *number);
    }
    return value_done(l);
  }

  bool put_instant(level& l, std::string_view text, bj::error_code& ec) {
    // The empty text is how an event tells that an instant was cleared.
    const bool cleared = text.empty() && l.field->has_presence;
    std::int64_t ms = 0;
    if (!cleared) {
      const auto at = read_rfc3339(text);
      if (!at) return refuse(fault_kind::bad_instant, ec);
      if (*at < wire_instant_begin || *at >= wire_instant_end) {
        return refuse(fault_kind::instant_range, ec);
      }
      ms = to_unix_ms(*at);
    }
    return put_int64(l, ms);
  }

  static bool put_int64(level& l, std::int64_t value) {
    if (l.in_list) {
      l.reflection->AddInt64(l.message, l.field->descriptor, value);
    } else {
      l.reflection->SetInt64(l.message, l.field->descriptor, value);
    }
    return value_done(l);
  }

  bool put_real(level& l, bj::string_view text, bj::error_code& ec) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc()) return refuse(fault_kind::out_of_range, ec);
    return put_real(l, value);
  }

  static bool put_real(level& l, double value) {
    if (l.in_list) {
      l.reflection->AddDouble(l.message, l.field->descriptor, value);
    } else {
      l.reflection->SetDouble(l.message, l.field->descriptor, value);
    }
    return value_done(l);
  }

  template <class Whole>
  bool put_whole(Whole value, bj::error_code& ec) {
    if (levels_.empty()) return refuse(fault_kind::expected_object, ec);
    level& l = levels_.back();
    if (!is_list_matched(l)) return refuse(fault_kind::expected_list, ec);
    switch (l.field->kind) {
      case value_kind::int32: {
        if (!std::in_range<std::int32_t>(value)) return refuse(fault_kind::out_of_range, ec);
        const auto v = static_cast<std::int32_t>(value);
        if (l.in_list)
          l.reflection->AddInt32(l.message, l.field->descriptor, v);
        else
          l.reflection->SetInt32(l.message, l.field->descriptor, v);
        return value_done(l);
      }
      case value_kind::int64:
        if (!std::in_range<std::int64_t>(value)) return refuse(fault_kind::out_of_range, ec);
        return put_int64(l, static_cast<std::int64_t>(value));
      case value_kind::uint32: {
        if (!std::in_range<std::uint32_t>(value)) return refuse(fault_kind::out_of_range, ec);
        const auto v = static_cast<std::uint32_t>(value);
        if (l.in_list)
          l.reflection->AddUInt32(l.message, l.field->descriptor, v);
        else
          l.reflection->SetUInt32(l.message, l.field->descriptor, v);
        return value_done(l);
      }
      case value_kind::uint64: {
        if (!std::in_range<std::uint64_t>(value)) return refuse(fault_kind::out_of_range, ec);
        const auto v = static_cast<std::uint64_t>(value);
        if (l.in_list)
          l.reflection->AddUInt64(l.message, l.field->descriptor, v);
        else
          l.reflection->SetUInt64(l.message, l.field->descriptor, v);
        return value_done(l);
      }
      case value_kind::real: return put_real(l, static_cast<double>(value));
      default: return refuse(expected_for(l.field->kind), ec);
    }
  }

  const message_fields& fields_;
  Message& root_;
  std::vector<level> levels_;
  std::string pieces_;
  std::optional<fault> fault_;
};

/// `rest` is the text from the byte on at which the parser gave up.
fault_kind kind_of_error(const bj::error_code& ec, std::string_view rest) {
  if (ec == bj::error::too_deep) return fault_kind::too_deep;
  if (ec == bj::error::illegal_leading_surrogate || ec == bj::error::illegal_trailing_surrogate) {
    return fault_kind::not_utf8;
  }
  // Boost.JSON calls a broken UTF-8 sequence a syntax error.
  if (!rest.empty() && !begins_with_utf8(rest)) return fault_kind::not_utf8;
  return fault_kind::syntax;
}

}  // namespace

std::expected<void, fault> read_object(std::string_view text, const message_fields& fields,
                                       Message& out) {
  bj::parse_options options;
  options.max_depth = nesting_max;
  bj::basic_parser<message_builder> parser(options, fields, out);
  bj::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && read < text.size()) ec = make_error_code(bj::error::extra_data);
  if (!ec) return {};
  const message_builder& builder = parser.handler();
  if (!builder.found()) {
    return std::unexpected(fault{kind_of_error(ec, text.substr(read)), builder.path(), read});
  }
  fault found = *builder.found();
  found.offset = read;
  return std::unexpected(std::move(found));
}

}  // namespace hotline::json
