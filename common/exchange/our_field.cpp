#include "common/exchange/our_field.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "common/domain/civil.hpp"
#include "common/exchange/date_format.hpp"
#include "common/json/text_rules.hpp"

namespace hotline::exchange {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using reason = std::unexpected<std::string>;

constexpr std::string_view every_mark = "[]";
constexpr std::string_view day_format = "yyyy-MM-dd";

/// Decimal text × scale, exact: no rounding of anybody's wages.
std::optional<std::int64_t> scaled(std::string_view text, std::int64_t scale) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  std::string_view fraction = dot == text.npos ? "" : text.substr(dot + 1);
  const auto is_digits = [](std::string_view s) {
    return !s.empty() && s.find_first_not_of("0123456789") == s.npos;
  };
  if (!is_digits(whole) || (dot != text.npos && !is_digits(fraction))) return std::nullopt;
  std::int64_t value = 0;
  const auto read = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  if (read.ec != std::errc() || __builtin_mul_overflow(value, scale, &value)) return std::nullopt;
  for (std::int64_t unit = scale; !fraction.empty(); fraction.remove_prefix(1)) {
    const std::int64_t digit = fraction.front() - '0';
    if (digit == 0) {
      unit /= 10;
      continue;
    }
    if (unit % 10 != 0) return std::nullopt;
    unit /= 10;
    if (unit == 0 || __builtin_add_overflow(value, digit * unit, &value)) return std::nullopt;
  }
  return negative ? -value : value;
}

/// The other way; the scale is a power of ten (partner_check) or 1.
std::string unscaled(std::int64_t value, std::int64_t scale) {
  if (scale == 1) return std::to_string(value);
  std::string fraction = std::to_string(std::abs(value % scale));
  std::size_t digits = 0;
  for (std::int64_t s = scale; s > 1; s /= 10) ++digits;
  fraction.insert(0, digits - std::min(digits, fraction.size()), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  std::string out = value < 0 ? "-" : "";
  out += std::to_string(std::abs(value / scale));
  return fraction.empty() ? out : out + "." + fraction;
}

std::optional<bool> truth(std::string_view text) {
  constexpr std::array<std::string_view, 3> yes = {"true", "1", "是"};
  constexpr std::array<std::string_view, 3> no = {"false", "0", "否"};
  if (std::ranges::find(yes, text) != yes.end()) return true;
  if (std::ranges::find(no, text) != no.end()) return false;
  return std::nullopt;
}

/// Line ends of other systems become ours; anything else that does not belong into a text stays and
/// is refused.
std::string plain_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i];
  }
  return out;
}

std::expected<std::int64_t, std::string> read_number(const FieldDescriptor& field,
                                                     std::string_view text,
                                                     const value_form& form) {
  if (is_instant(field)) {
    const auto t = read_date(text, form.date_format);
    if (!t) return reason("时间格式不符");
    if (!form.end_of_day) return to_unix_ms(*t);
    const instant end = domain::midnight(domain::civil_date(*t)) + std::chrono::hours(24);
    return to_unix_ms(end) - 1;
  }
  const auto value = scaled(text, form.scale);
  if (!value) return reason("不是规定的数值");
  const bool fits =
      field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 || std::in_range<std::int32_t>(*value);
  if (!fits) return reason("数值超出范围");
  return *value;
}

std::expected<std::string, std::string> read_text(const FieldDescriptor& field,
                                                  std::string_view text, const value_form& form) {
  if (is_day(field)) {
    const auto t =
        read_date(text, form.date_format.empty() ? day_format : std::string_view(form.date_format));
    if (!t) return reason("日期格式不符");
    return domain::format_date(domain::civil_date(*t));
  }
  std::string plain = plain_text(text);
  if (json::has_forbidden_character(plain)) return reason("含有不允许的控制字符");
  return plain;
}

/// A limit that ends with a day is told as the last instant of it: the next day's 00:00, or its
/// date, would be read as a day more.
instant told_instant(const FieldDescriptor& field, instant at) {
  const bool is_due = field.name() == "due_at" || field.name() == "partner_due_at";
  const bool ends_day = domain::midnight(domain::civil_date(at)) == at;
  return is_due && ends_day ? at - milliseconds(1) : at;
}

/// The message that holds the field, made on the way where it is missing.
pb::Message* reach(v1::PartnerEvent& event, const our_path& path, std::size_t item) {
  pb::Message* at = &event;
  for (std::size_t i = 0; i + 1 < path.fields.size(); ++i) {
    const auto* reflection = at->GetReflection();
    const FieldDescriptor* field = path.fields[i];
    if (path.list != i) {
      at = reflection->MutableMessage(at, field);
      continue;
    }
    while (std::cmp_less_equal(reflection->FieldSize(*at, field), item)) {
      reflection->AddMessage(at, field);
    }
    at = reflection->MutableRepeatedMessage(at, field, static_cast<int>(item));
  }
  return at;
}

/// The same for reading; nullptr where there is nothing.
const pb::Message* reach(const v1::PartnerEvent& event, const our_path& path, std::size_t item,
                         std::size_t depth) {
  const pb::Message* at = &event;
  for (std::size_t i = 0; i < depth; ++i) {
    const auto* reflection = at->GetReflection();
    const FieldDescriptor* field = path.fields[i];
    if (path.list == i) {
      if (std::cmp_less_equal(reflection->FieldSize(*at, field), item)) return nullptr;
      at = &reflection->GetRepeatedMessage(*at, field, static_cast<int>(item));
    } else {
      if (!reflection->HasField(*at, field)) return nullptr;
      at = &reflection->GetMessage(*at, field);
    }
  }
  return at;
}

void store_number(pb::Message& in, const FieldDescriptor& field, std::int64_t value) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    in.GetReflection()->SetInt64(&in, &field, value);
  } else {
    in.GetReflection()->SetInt32(&in, &field, static_cast<std::int32_t>(value));
  }
}

}  // namespace

std::expected<our_path, std::string> resolve_ours(std::string_view path) {
  our_path resolved{.text = std::string(path), .fields = {}, .list = {}};
  const pb::Descriptor* type = v1::PartnerEvent::descriptor();
  while (!path.empty()) {
    if (type == nullptr) return reason("the field before the '.' has no fields");
    const std::size_t dot = path.find('.');
    std::string_view name = path.substr(0, dot);
    path.remove_prefix(dot == path.npos ? path.size() : dot + 1);
    const bool every = name.ends_with(every_mark);
    if (every) name.remove_suffix(every_mark.size());
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (field == nullptr) return reason("PartnerEvent has no field '" + resolved.text + "'");
    if (field->is_repeated() != every)
      return reason("write '[]' behind the name of a list, and only there");
    if (every) {
      if (resolved.list) return reason("only one list may be on the way");
      resolved.list = resolved.fields.size();
    }
    resolved.fields.push_back(field);
    type = field->message_type();
  }
  if (resolved.fields.empty() || type != nullptr) return reason("name a single field");
  return resolved;
}

bool is_instant(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 && field.name().ends_with("_at");
}

bool is_day(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && field.name().ends_with("_date");
}

bool is_whole_number(const FieldDescriptor& field) {
  return !is_instant(field) && (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
                                field.cpp_type() == FieldDescriptor::CPPTYPE_INT32);
}

std::expected<void, std::string> set_ours(v1::PartnerEvent& event, const our_path& path,
                                          std::size_t item, std::string_view text,
                                          const value_form& form) {
  const FieldDescriptor& field = path.field();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64: {
      const auto value = read_number(field, text, form);
      if (!value) return reason(value.error());
      store_number(*reach(event, path, item), field, *value);
      return {};
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      const auto value = truth(text);
      if (!value) return reason("不是是/否");
      pb::Message* in = reach(event, path, item);
      in->GetReflection()->SetBool(in, &field, *value);
      return {};
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = field.enum_type()->FindValueByName(std::string(text));
      if (value == nullptr || value->number() == 0) return reason("取值没有对照");
      pb::Message* in = reach(event, path, item);
      if (field.is_repeated()) {
        in->GetReflection()->AddEnum(in, &field, value);
      } else {
        in->GetReflection()->SetEnum(in, &field, value);
      }
      return {};
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      auto value = read_text(field, text, form);
      if (!value) return reason(value.error());
      pb::Message* in = reach(event, path, item);
      if (field.is_repeated()) {
        in->GetReflection()->AddString(in, &field, std::move(*value));
      } else {
        in->GetReflection()->SetString(in, &field, std::move(*value));
      }
      return {};
    }
    default: return reason("该字段不能对照");
  }
}

std::size_t count_ours(const v1::PartnerEvent& event, const our_path& path) {
  if (!path.list) return get_ours(event, path, 0, {}).empty() ? 0 : 1;
  const pb::Message* holder = reach(event, path, 0, *path.list);
  if (holder == nullptr) return 0;
  return static_cast<std::size_t>(
      holder->GetReflection()->FieldSize(*holder, path.fields[*path.list]));
}

std::string get_ours(const v1::PartnerEvent& event, const our_path& path, std::size_t item,
                     const value_form& form) {
  const pb::Message* in = reach(event, path, item, path.fields.size() - 1);
  if (in == nullptr) return {};
  const FieldDescriptor& field = path.field();
  const auto* reflection = in->GetReflection();
  const bool listed = field.is_repeated();
  const int at = static_cast<int>(item);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text = listed ? reflection->GetRepeatedString(*in, &field, at)
                                : reflection->GetString(*in, &field);
      if (!is_day(field) || text.empty() || form.date_format.empty()) return text;
      const auto date = domain::parse_date(text);
      return date ? write_date(domain::midnight(*date), form.date_format) : text;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value =
          listed ? reflection->GetRepeatedEnum(*in, &field, at) : reflection->GetEnum(*in, &field);
      return value->number() == 0 ? std::string() : value->name();
    }
    case FieldDescriptor::CPPTYPE_BOOL: return reflection->GetBool(*in, &field) ? "true" : "";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64: {
      const std::int64_t value = field.cpp_type() == FieldDescriptor::CPPTYPE_INT64
                                     ? reflection->GetInt64(*in, &field)
                                     : reflection->GetInt32(*in, &field);
      if (value == 0) return {};
      return is_instant(field)
                 ? write_date(told_instant(field, from_unix_ms(value)), form.date_format)
                 : unscaled(value, form.scale);
    }
    default: return {};
  }
}

}  // namespace hotline::exchange
