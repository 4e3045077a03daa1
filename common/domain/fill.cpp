#include "common/domain/fill.hpp"

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

namespace hotline::domain {
namespace {

namespace pb = google::protobuf;

bool has_value(const pb::Message& message, const pb::FieldDescriptor& field) {
  const auto& access = *message.GetReflection();
  return field.is_repeated() ? access.FieldSize(message, &field) > 0
                             : access.HasField(message, &field);
}

/// All of a list, as one text.
std::string text_of(const pb::Message& message, const pb::FieldDescriptor& field) {
  const int size = field.is_repeated() ? message.GetReflection()->FieldSize(message, &field) : 1;
  std::string all;
  for (int i = 0; i < size; ++i) {
    std::string one;
    pb::TextFormat::PrintFieldValueToString(message, &field, field.is_repeated() ? i : -1, &one);
    all += one + '\n';
  }
  return all;
}

bool keep_missing_of(const pb::Message& stored, pb::Message& given) {
  const auto& access = *given.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  access.ListFields(given, &fields);
  bool differs = false;
  for (const auto* field : fields) {
    if (!has_value(stored, *field)) continue;
    const bool nested =
        field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated();
    if (nested) {
      auto& inner = *access.MutableMessage(&given, field);
      differs |= keep_missing_of(stored.GetReflection()->GetMessage(stored, field), inner);
      if (inner.ByteSizeLong() > 0) continue;
    } else {
      differs |= text_of(stored, *field) != text_of(given, *field);
    }
    access.ClearField(&given, field);
  }
  return differs;
}

}  // namespace

bool keep_missing(const v1::Intake& stored, v1::Intake& given) {
  return keep_missing_of(stored, given);
}

}  // namespace hotline::domain
