#include "common/json/schema.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>

#include "common/base/assert.hpp"

namespace hotline::json {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

namespace {

bool before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool names_an_instant(std::string_view name) {
  return name == "at" || name == "now" || name.ends_with("_at");
}

}  // namespace

enum_names::enum_names(const EnumDescriptor& type) {
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string_view name = type.value(i)->name();
    by_name_.emplace_back(name, type.value(i)->number());
    by_number_.emplace_back(type.value(i)->number(), name);
  }
  std::ranges::sort(by_name_);
  std::ranges::sort(by_number_);
}

const int* enum_names::number(std::string_view name) const {
  const auto at =
      std::ranges::lower_bound(by_name_, name, {}, [](const auto& e) { return e.first; });
  return at != by_name_.end() && at->first == name ? &at->second : nullptr;
}

std::string_view enum_names::name(int number) const {
  const auto at =
      std::ranges::lower_bound(by_number_, number, {}, [](const auto& e) { return e.first; });
  return at != by_number_.end() && at->first == number ? at->second : std::string_view();
}

const field_entry* message_fields::find(std::string_view name) const {
  const auto at = std::ranges::lower_bound(by_name_, name, before,
                                           [](const field_entry* e) { return e->name; });
  return at != by_name_.end() && (*at)->name == name ? *at : nullptr;
}

value_kind kind_of(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING: return value_kind::text;
    case FieldDescriptor::TYPE_BYTES: return value_kind::bytes;
    case FieldDescriptor::TYPE_BOOL: return value_kind::boolean;
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SFIXED32: return value_kind::int32;
    case FieldDescriptor::TYPE_INT64:
      return names_an_instant(field.name()) ? value_kind::instant : value_kind::int64;
    case FieldDescriptor::TYPE_SINT64:
    case FieldDescriptor::TYPE_SFIXED64: return value_kind::int64;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32: return value_kind::uint32;
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64: return value_kind::uint64;
    case FieldDescriptor::TYPE_DOUBLE: return value_kind::real;
    case FieldDescriptor::TYPE_ENUM: return value_kind::enumeration;
    case FieldDescriptor::TYPE_MESSAGE: return value_kind::message;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_GROUP: break;
  }
  HL_ASSERT(false, "the JSON codec knows neither float nor group fields");
  return value_kind::real;
}

schema::schema(std::span<const Descriptor* const> roots) {
  for (const Descriptor* root : roots) learn(*root);
}

const message_fields& schema::of(const Descriptor* type) const {
  const auto found = messages_.find(type);
  HL_ASSERT(found != messages_.end(), "a message type the JSON schema was not built for");
  return *found->second;
}

const message_fields* schema::learn(const Descriptor& type) {
  auto& slot = messages_[&type];
  if (slot != nullptr) return slot.get();
  // Registered before its fields are looked at, because a type may contain itself.
  slot = std::make_unique<message_fields>();
  message_fields* const fields = slot.get();
  HL_ASSERT(static_cast<std::size_t>(type.field_count()) <= fields_max, "too many fields");
  HL_ASSERT(!type.options().map_entry(), "the JSON codec knows no maps");
  for (int i = 0; i < type.field_count(); ++i)
    fields->fields_.push_back(make_entry(*type.field(i)));
  std::ranges::sort(fields->fields_, {},
                    [](const field_entry& e) { return e.descriptor->number(); });
  for (std::size_t i = 0; i < fields->fields_.size(); ++i) {
    fields->fields_[i].position = i;
    fields->by_name_.push_back(&fields->fields_[i]);
  }
  std::ranges::sort(fields->by_name_, before, [](const field_entry* e) { return e->name; });
  return fields;
}

const enum_names* schema::learn(const EnumDescriptor& type) {
  auto& slot = enums_[&type];
  if (slot == nullptr) slot = std::make_unique<enum_names>(type);
  return slot.get();
}

field_entry schema::make_entry(const FieldDescriptor& field) {
  return {
      .descriptor = &field,
      .name = field.name(),
      .printed_name = '"' + field.name() + "\":",
      .kind = kind_of(field),
      .repeated = field.is_repeated(),
      .has_presence = field.has_presence(),
      .position = 0,
      .oneof = field.real_containing_oneof(),
      .names = field.enum_type() != nullptr ? learn(*field.enum_type()) : nullptr,
      .fields = field.message_type() != nullptr ? learn(*field.message_type()) : nullptr,
  };
}

}  // namespace hotline::json
